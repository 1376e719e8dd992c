import type { LaneLock } from '../../../lane/lock.ts'
import { columnsByHeader } from '../tab/layout.ts'
import type { BatchContext } from './context.ts'
import type { TargetDecisions } from './decide-target.ts'
import type { TargetWork } from './work.ts'

/** Stores where the tab and its columns are, if that changed; the number of rows only when it is quite another. */
export async function saveTab(
  { store }: BatchContext,
  lock: LaneLock,
  { target, memory }: TargetWork,
): Promise<void> {
  const { sheetId, title, stored } = memory
  if (sheetId === undefined || stored === undefined) return
  const { rows, ...places } = stored
  const saved = JSON.stringify([sheetId, title, places, Math.ceil(Math.log2(rows + 1))])
  if (saved === memory.saved) return
  await store.saveTab(lock.sql, target.name, sheetId, title, stored)
  memory.saved = saved
}

/**
 * Takes columns that people moved for where they are now, of a tab to which nothing is written: a look for edits reads
 * them there, and would else ask for a batch again and again.
 */
export async function saveMovedColumns(
  context: BatchContext,
  lock: LaneLock,
  { work, view, writes }: TargetDecisions,
): Promise<void> {
  const { memory, mapping } = work
  const { stored } = memory
  if (view === undefined || stored === undefined) return
  // A column that is missing gets its place with the write that makes it.
  if (writes.length > 0 || view.newHeaders.size > 0) return
  const { headerRow } = view.layout
  const columns = columnsByHeader(mapping, view.layout)
  const stands = Object.entries(columns).every(([header, column]) => stored.columns[header] === column)
  if (stands && stored.headerRow === headerRow) return
  memory.stored = { ...stored, headerRow, columns }
  await saveTab(context, lock, work)
}
