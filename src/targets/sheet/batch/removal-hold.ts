import { DEFAULT_REMOVAL_LIMIT, isOverLimit } from '../../../config/removal-limit.ts'
import type { SheetTarget } from '../../../config/target.ts'
import type { Sql } from '../../../database/sql.ts'
import { WritebackError } from '../../../errors.ts'
import type { BatchContext } from './context.ts'
import type { TargetDecisions } from './decide-target.ts'

/** Why rows are not removed now. */
export interface RemovalHold {
  readonly error: WritebackError
  /** True where the target is to be stopped until somebody says that the rows may go. */
  readonly asks: boolean
}

/**
 * Looks, before anything is removed, whether it may be: whoever paused or stopped the target wants no row to go, and
 * too many removals that nobody has seen as deletions need a person's word.
 *
 * A record is seen to be deleted when another connection than Prisma Client's confirms it, when its job says so, or
 * when its job waited already when the target was last resumed: that is how a person gives that word.
 */
export async function removalHold(
  { states, store }: Pick<BatchContext, 'states' | 'store'>,
  sql: Sql,
  { work, writes, unconfirmed }: TargetDecisions,
): Promise<RemovalHold | undefined> {
  const { target } = work
  const removals = writes.filter(({ change, isCleanup }) => change === 'removed' && !isCleanup)
  if (removals.length === 0) return undefined
  const state = await states.read(sql, target.name)
  if (state && state.state !== 'active') {
    const problem = `target ${target.name} is ${state.state}: none of its rows is removed`
    return { asks: false, error: new WritebackError('REMOVALS_HELD', { problem }) }
  }
  const since = state?.since ?? new Date(0)
  const unseen = removals.filter(({ id }) => unconfirmed.has(id) && (work.unseen.get(id) ?? since) > since)
  // Counted only where it may matter.
  if (!exceedsLimit(target, unseen.length, 0)) return undefined
  const rows = await store.countRecords(sql, target.name)
  if (!exceedsLimit(target, unseen.length, rows)) return undefined
  return { asks: true, error: tooManyRemovals(target, 'a batch', unseen.length, rows) }
}

/** Whether so many removals that nobody has seen as deletions are too many for a target. */
export function exceedsLimit(
  { removalLimit = DEFAULT_REMOVAL_LIMIT, onDelete }: SheetTarget,
  removals: number,
  rows: number,
): boolean {
  // A mark takes nothing away.
  return onDelete !== 'mark' && isOverLimit(removalLimit, removals, rows)
}

/** What a person is asked. */
export function tooManyRemovals(
  target: SheetTarget,
  who: 'a batch' | 'a comparison',
  removals: number,
  rows: number,
): WritebackError {
  const percent = Math.min(100, Math.round((removals / Math.max(1, rows)) * 100))
  return new WritebackError('REMOVALS_HELD', {
    problem: `${who} would remove ${removals} of the ${rows} rows of target ${target.name} (${percent} %), and nobody has seen their records being deleted`,
    remedy: `If the rows may go: writeback resume ${target.name}. If not, first fix what hides the records (the database, the client, the filter), then the same command: rows whose records are there again stay`,
  })
}
