import type { TabView } from '../read/tab-view.ts'
import { findDamage } from '../repair/find-damage.ts'
import { Findings } from '../repair/findings.ts'
import type { ReadRecords } from '../repair/wrong-rows.ts'
import { TabModel } from '../write/tab-model.ts'
import type { Gathered } from './gather.ts'
import type { TargetWork } from './work.ts'

/** A tab that was read and searched for damage. */
export interface Inspected {
  readonly work: TargetWork
  /** The records that were looked at. */
  readonly ids: readonly string[]
  /** Undefined for a tab that is to be made. */
  readonly view: TabView | undefined
  readonly model: TabModel
  readonly found: Findings
}

/**
 * Takes what was read of a tab: remembers where things are, and looks for damage that earlier calls may have done.
 * @throws WritebackError `SHEET_LAYOUT` when the tab cannot be used as it is
 */
export function inspect(
  { work, ids, answer }: Pick<Gathered, 'work' | 'ids' | 'answer'>,
  { stored, edits }: Pick<ReadRecords, 'stored' | 'edits'>,
): Inspected {
  if (answer.kind === 'trouble') throw answer.error
  const { mapping, memory } = work
  work.needsFullRead = false
  if (answer.kind !== 'view') {
    const model = TabModel.toMake(mapping, memory, answer.sheetId)
    work.damage.forget()
    return { work, ids, view: undefined, model, found: new Findings(mapping) }
  }
  const { view } = answer
  const model = TabModel.of(view, memory)
  remember(work, view)
  const found = findDamage(work, view, { ids, stored, edits })
  work.apply(found)
  return { work, ids, view, model, found }
}

function remember(work: TargetWork, view: TabView): void {
  const { memory } = work
  memory.title = view.title
  memory.rowCount = view.rowCount
  memory.columnCount = view.columnCount
  if (!view.keys.isWhole) {
    for (const row of [...view.rows.values()].flat()) memory.positions.touch(row)
  } else if (view.keys.endRow > 0) {
    // A copy that was not seen when its record was dealt with.
    for (const id of memory.takeRows(view.keys)) work.repair(id)
  }
}
