import type { TabView } from '../read/tab-view.ts'
import { cleanup } from './copies.ts'
import type { RecordDecision } from './decide-record.ts'
import { marksToWrite, rowMarks } from './marks.ts'

/**
 * Takes marks out of rows without a key: one of ours landed there because somebody moved rows under a write, or a person
 * copied a row. Rows that stand for a record are decided with it.
 */
export function unmarkKeyless(view: TabView, isOwn: (row: number) => boolean): RecordDecision[] {
  if (!view.mapping.marksRefusals) return []
  return [...view.looks.keys()].flatMap((row) => {
    if (row <= view.layout.headerRow || view.keys.at(row) !== undefined || isOwn(row)) return []
    const marks = marksToWrite(rowMarks(view, row), new Map())
    return marks.size === 0 ? [] : cleanup('', { kind: 'empty', row, columns: [], marks, withKey: false })
  })
}
