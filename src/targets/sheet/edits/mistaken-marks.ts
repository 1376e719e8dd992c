import type { Sql } from '../../../database/sql.ts'
import type { OpenEdits } from '../../../inbound/inbox.ts'
import type { BatchContext } from '../batch/context.ts'
import type { Base } from '../cells/base.ts'
import { isEmpty, type SheetCell } from '../cells/cell.ts'
import { sameEntry } from '../cells/same-entry.ts'
import { entryIn } from '../read/entry.ts'
import type { TabView } from '../read/tab-view.ts'

/**
 * Rows with the mark of an entry that are a record's: rows were moved right before the mark was written, it went over the
 * record's key, and the worker died before it saw that. Such a row does not show what was noted of the entry, and everything
 * that was last agreed on with a record.
 *
 * @returns the row by the record's id
 */
export async function mistakenMarks(
  { store }: Pick<BatchContext, 'store'>,
  sql: Sql,
  view: TabView,
  edits: OpenEdits,
): Promise<ReadonlyMap<string, number>> {
  const { mapping } = view
  const written = mapping.columns.flatMap(({ header, isWritable }) => (isWritable ? header : []))
  const doubtful = [...edits].flatMap(([id, open]) => {
    const entry = open.get('')
    const [row] = view.rows.get(id) ?? []
    if (entry?.kind !== 'create' || entry.state !== 'waiting' || row === undefined) return []
    if (sameEntry(entryIn(view, row), entry.shown)) return []
    const shown = shownIn(view, row)
    // Of a record that was just made of a row, nobody has agreed on more than what people may write.
    const made = Object.fromEntries(written.map((header) => [header, shown[header] ?? null]))
    return [shown, made].map((base) => ({ id, row, base }))
  })
  if (doubtful.length === 0) return new Map()
  const twins = await store.alike.twins(sql, mapping.target.name, doubtful)
  const byBase = new Map(twins.map(({ id, base }) => [base, id]))
  return new Map(
    doubtful.flatMap(({ row, base }) => {
      const record = byBase.get(base)
      return record === undefined || view.keys.includes(record) ? [] : [[record, row] as const]
    }),
  )
}

/** All that a row shows in the columns of the mapping. */
function shownIn({ mapping, layout, cells }: TabView, row: number): Base {
  const here = cells.get(row) ?? []
  return Object.fromEntries(
    mapping.columns.map(({ header }, index): [string, SheetCell] => {
      const cell = here[layout.columns[index] ?? -1] ?? null
      return [header, isEmpty(cell) ? null : cell]
    }),
  )
}
