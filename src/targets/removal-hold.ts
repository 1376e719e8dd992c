import type { Sql } from '../database/sql.ts'
import { WritebackError } from '../errors.ts'
import type { Target } from '../model/target.ts'
import { exceedsLimit, tooManyRemovals } from './removals.ts'
import type { TargetStates } from './state.ts'

/** Entries of records that a batch is about to remove. */
export interface Removals {
  readonly target: Target
  readonly ids: readonly string[]
  /** Records that are gone by the word of Prisma Client alone. */
  readonly unconfirmed: ReadonlySet<string>
  /** Records whose job does not say that they were deleted, with the time when it was queued. */
  readonly unseen: ReadonlyMap<string, Date>
  /** What entries of the place are called, for example "rows". */
  readonly noun: string
  /** Counts the entries of the target: asked only where it may matter. */
  count(): Promise<number>
}

/** Why entries are not removed now. */
export interface RemovalHold {
  readonly error: WritebackError
  /** True where the target is to be stopped until somebody says that the entries may go. */
  readonly asks: boolean
}

/**
 * Looks, before anything is removed, whether it may be: whoever paused or stopped the target wants no entry to go, and
 * too many removals that nobody has seen as deletions need a person's word.
 *
 * A record is seen to be deleted when another connection than Prisma Client's confirms it, when its job says so, or
 * when its job waited already when the target was last resumed: that is how a person gives that word.
 */
export async function removalHold(
  states: TargetStates,
  sql: Sql,
  { target, ids, unconfirmed, unseen, noun, count }: Removals,
): Promise<RemovalHold | undefined> {
  if (ids.length === 0) return undefined
  const state = await states.read(sql, target.name)
  if (state && state.state !== 'active') {
    const problem = `target ${target.name} is ${state.state}: none of its ${noun} is removed`
    return { asks: false, error: new WritebackError('REMOVALS_HELD', { problem }) }
  }
  const since = state?.since ?? new Date(0)
  const unsure = ids.filter((id) => unconfirmed.has(id) && (unseen.get(id) ?? since) > since)
  if (!exceedsLimit(target, unsure.length, 0)) return undefined
  const entries = await count()
  if (!exceedsLimit(target, unsure.length, entries)) return undefined
  return { asks: true, error: tooManyRemovals(target, 'a batch', unsure.length, entries) }
}
