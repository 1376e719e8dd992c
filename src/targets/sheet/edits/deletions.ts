import type { Sql } from '../../../database/sql.ts'
import { WritebackError } from '../../../errors.ts'
import type { BatchContext } from '../batch/context.ts'
import type { TargetDecisions } from '../batch/decide-target.ts'
import type { SheetTarget } from '../config/target.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import { repeated } from '../tab/key-column.ts'
import type { Mapping } from '../tab/mapping.ts'
import { lostByRow } from './emptied-keys.ts'
import type { LookMemory, SeenRow } from './look-memory.ts'

/** So many rows may be deleted in one look, and so large a part of the tab; a single row always may. */
const MOST_ROWS = 10
const MOST_SHARE = 0.05

/** Records whose rows are gone that are looked at together, at most. */
const MOST_TOGETHER = 5_000

/** Whether people deleted so many rows that somebody has to say that their records may go. @param rows what is left */
function isTooMany(deleted: number, rows: number): boolean {
  return deleted > 1 && (deleted > MOST_ROWS || deleted > MOST_SHARE * (rows + deleted))
}

/** What a person is asked. */
function tooMany({ name }: SheetTarget, deleted: number, rows: number): WritebackError {
  return new WritebackError('DELETIONS_HELD', {
    problem: `somebody deleted ${deleted} of the ${rows + deleted} rows of target ${name}: none of their records is deleted`,
    remedy: `If the records may go: writeback approve ${name}. If the rows are to come back: writeback approve ${name} --restore`,
  })
}

/**
 * Holds deletions that are too many for one look: the target stops, and nothing but a person's word deletes a record. That
 * the rows are gone is noted, so that this word is about them. What counts is what is gone from the tab: the application may
 * happen to write one of a hundred records whose rows somebody has just deleted, and all of them are looked at then.
 */
export async function holdDeletions(
  { states, store, log }: Pick<BatchContext, 'states' | 'store' | 'log'>,
  sql: Sql,
  decisions: TargetDecisions,
): Promise<TargetDecisions> {
  const { noops, stored, view, work } = decisions
  // A call of which nobody knows what it hit may have removed the row: the tab is searched first.
  if (work.awaitsSearch) {
    const isNews = ({ id, missing }: RecordDecision) => missing && stored.get(id)?.missing !== true
    return { ...decisions, noops: noops.filter((one) => !one.deletes && !isNews(one)) }
  }
  const asked = new Set(noops.filter(({ id, deletes }) => deletes && !stored.get(id)?.mayBeDeleted))
  if (asked.size === 0) return decisions
  const { target } = work
  const gone = view?.keys.isWhole
    ? await store.others(sql, target.name, [...view.keys.keys()], MOST_TOGETHER)
    : []
  if (work.addOnce(gone)) return { ...decisions, noops: noops.filter((one) => !asked.has(one)) }
  // Those that were noted before are not counted any more.
  const fresh = [...asked].filter(({ id }) => !stored.get(id)?.missing).length
  const rows = (await store.countRecords(sql, target.name)) - fresh
  if (!isTooMany(asked.size, rows)) return decisions
  const error = tooMany(target, asked.size, rows)
  if (await states.stop(sql, target.name, error))
    log.error({ target: target.name, code: error.code }, error.message)
  return { ...decisions, noops: noops.map((one) => (asked.has(one) ? { ...one, deletes: false } : one)) }
}

/**
 * Records whose key people took out of the tab since the last look, for a batch to make sure of: their row was deleted, or
 * its key emptied or changed, and then it gets that back. Where a deleted row is not to delete its record, only the latter is asked.
 */
export async function deletedRecords(
  context: BatchContext,
  mapping: Mapping,
  rows: readonly SeenRow[],
  memory: LookMemory,
): Promise<readonly string[]> {
  const { name, edits } = mapping.target
  const now = new Set(rows.flatMap(({ id }) => id ?? []))
  const before = memory.allKeys(name)
  memory.takeKeys(name, now)
  const isSame = before !== undefined && [...before].every((id) => now.has(id))
  if (edits?.deletedRows === 'delete')
    return isSame && before.size === now.size ? [] : await context.store.others(context.sql, name, [...now])
  if (isSame) return []
  const several = repeated(rows.flatMap(({ id }) => id ?? []))
  const mayBeLost = ({ key, id }: SeenRow) =>
    key === null || (before !== undefined && (id === null || several.has(id) || !before.has(id)))
  return (await lostByRow(context, mapping, now, rows.filter(mayBeLost))).ids
}
