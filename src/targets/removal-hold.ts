import type { Sql } from '../../../database/sql.ts'
import { WritebackError } from '../../../errors.ts'
import { exceedsLimit, tooManyRemovals } from '../../removals.ts'
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
  // A mark takes nothing away; and the rows are counted only where it may matter.
  if (target.onDelete === 'mark' || !exceedsLimit(target, unseen.length, 0)) return undefined
  const rows = await store.countRecords(sql, target.name)
  if (!exceedsLimit(target, unseen.length, rows)) return undefined
  return { asks: true, error: tooManyRemovals(target, 'a batch', unseen.length, rows) }
}
