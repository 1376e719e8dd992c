import { WritebackError } from '../../errors.ts'
import type { Target } from '../../model/target.ts'
import { exceedsLimit, tooManyRemovals } from '../removals.ts'
import type { DocumentContext } from './context.ts'

/** Why entries are not removed now. */
export interface HeldRemovals {
  readonly error: WritebackError
  /** True where the target is to be stopped until somebody says that the entries may go. */
  readonly asks: boolean
}

/**
 * Looks, before anything is removed, whether it may be: whoever paused or stopped the target wants no entry to go, and
 * too many removals that nobody has seen as deletions need a person's word.
 * @param unconfirmed records that are gone by the word of Prisma Client alone
 * @param unseen records whose job does not say that they were deleted, with the time when it was queued
 */
export async function heldRemovals(
  { sql, states, store }: Pick<DocumentContext, 'sql' | 'states' | 'store'>,
  target: Target,
  writes: readonly { readonly id: string; readonly shown: unknown; readonly before: unknown }[],
  unconfirmed: ReadonlySet<string>,
  unseen: ReadonlyMap<string, Date>,
): Promise<HeldRemovals | undefined> {
  const removals = writes.filter(({ shown, before }) => shown === undefined && before !== undefined)
  if (removals.length === 0) return undefined
  const state = await states.read(sql, target.name)
  if (state && state.state !== 'active') {
    const problem = `target ${target.name} is ${state.state}: none of its entries is removed`
    return { asks: false, error: new WritebackError('REMOVALS_HELD', { problem }) }
  }
  const since = state?.since ?? new Date(0)
  const unsure = removals.filter(({ id }) => unconfirmed.has(id) && (unseen.get(id) ?? since) > since)
  if (!exceedsLimit(target, unsure.length, 0)) return undefined
  const entries = await store.count(sql, target.name)
  if (!exceedsLimit(target, unsure.length, entries)) return undefined
  return { asks: true, error: tooManyRemovals(target, 'a batch', unsure.length, entries) }
}
