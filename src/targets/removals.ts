import { DEFAULT_REMOVAL_LIMIT, isOverLimit } from '../config/removal-limit.ts'
import { WritebackError } from '../errors.ts'
import type { Target } from '../model/target.ts'

/** Whether so many removals that nobody has seen as deletions are too many for a target. */
export function exceedsLimit(
  { removalLimit = DEFAULT_REMOVAL_LIMIT }: Target,
  removals: number,
  rows: number,
): boolean {
  return isOverLimit(removalLimit, removals, rows)
}

/** What a person is asked. */
export function tooManyRemovals(
  target: Target,
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
