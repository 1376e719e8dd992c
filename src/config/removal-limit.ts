import { z } from 'zod'

/** How many rows may go at once without anybody being asked: up to either of the two. */
export interface RemovalLimit {
  /** So many rows. */
  readonly rows: number
  /** So large a part of the target's rows, from 0 to 1. */
  readonly share: number
}

export const DEFAULT_REMOVAL_LIMIT: RemovalLimit = { rows: 10, share: 0.2 }

const EXPECTED = 'expected false, or { rows, share } with whole rows and a share from 0 to 1'

export const removalLimitSchema = z.union(
  [z.literal(false), z.strictObject({ rows: z.number().int().min(0), share: z.number().min(0).max(1) })],
  EXPECTED,
)

/**
 * Whether so many removals are too many to be made unasked: more rows than the limit, and a larger part of them.
 * @param rows the target's rows
 */
export function isOverLimit(limit: RemovalLimit | false, removals: number, rows: number): boolean {
  return limit !== false && removals > limit.rows && removals > limit.share * rows
}
