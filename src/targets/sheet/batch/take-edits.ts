import type { Sql } from '../../../database/sql.ts'
import type { SpreadsheetMemory } from '../tab/spreadsheet-memory.ts'
import type { BatchContext } from './context.ts'
import type { TargetWork } from './work.ts'

/**
 * Puts what people typed into the inbox, and queues its jobs. Not while something is to be repaired: what looks like an
 * edit may be a value of ours in a wrong place then.
 */
export async function takeEdits(
  { inbox, log }: BatchContext,
  sql: Sql,
  { zone }: SpreadsheetMemory,
  work: TargetWork,
): Promise<void> {
  if (!work.isClean) return
  const found = work.takeEdits(zone.name)
  if (found === undefined) return
  const { records } = await inbox.take(sql, work.target.name, found)
  if (records > 0) log.info({ target: work.target.name, records }, 'people edited records')
}
