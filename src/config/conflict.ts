import { z } from 'zod'
import { isAsync } from './describe.ts'

/** Which of two numbers a merge takes when both sides changed it. `sheet` and `place` are one: the number that stands there. */
export const NUMBER_RULES = ['database', 'sheet', 'place', 'maximum', 'minimum'] as const
export type NumberRule = (typeof NUMBER_RULES)[number]

/** The strategies that need no options. */
export const SIMPLE_STRATEGIES = ['database-wins', 'sheet-wins', 'place-wins', 'merge', 'manual'] as const

/** Where the times of changes are found, for the strategies that compare them. */
export interface WriterTimes {
  /** DateTime field of the record that says when it was changed, for example `updatedAt`. */
  readonly field: string
  /** Header of a column, kept by people or a script, that says when the row was edited in the sheet. */
  readonly header: string
}

/**
 * What happens to a cell that somebody edited in the sheet since the sheet and the database last agreed.
 * - `database-wins`: the database's value is written; the edit is listed among the conflicts that are settled
 * - `sheet-wins`, or `place-wins`: the cell stays as it is, and is listed until both agree again
 * - `merge`: lists as sets, objects key by key, other values from the side that changed; where both changed a value
 *   the database's is taken. `{ merge: { numbers } }` says which of two numbers is taken instead
 * - `manual`: the cell stays as it is and waits for `writeback resolve`
 * - `{ lastWriter }`, `{ firstWriter }`: by the time of the two changes; the database wins where one is not known
 * - a function of base, database and sheet value that returns the value to take. It must give the same for the same
 *   values; what it throws makes the cell wait as with `manual`
 */
export type ConflictStrategy<Times = WriterTimes> =
  | (typeof SIMPLE_STRATEGIES)[number]
  | { readonly merge: { readonly numbers: NumberRule } }
  | { readonly lastWriter: Times }
  | { readonly firstWriter: Times }
  | ((base: unknown, database: unknown, sheet: unknown) => unknown)

/** Where the times are that a strategy compares; undefined for one that compares none. */
export function timesOf<Times>(strategy: ConflictStrategy<Times> | undefined): Times | undefined {
  if (typeof strategy !== 'object') return undefined
  if ('lastWriter' in strategy) return strategy.lastWriter
  return 'firstWriter' in strategy ? strategy.firstWriter : undefined
}

/** What a target does unless told otherwise. */
export const DEFAULT_CONFLICT = 'database-wins' satisfies ConflictStrategy

const timesSchema = z.strictObject({ field: z.string().min(1), header: z.string().trim().min(1).max(200) })

const EXPECTED = `expected ${SIMPLE_STRATEGIES.join(', ')}, { merge: { numbers: ${NUMBER_RULES.map((rule) => `'${rule}'`).join(' | ')} } }, { lastWriter: { field, header } }, { firstWriter: { field, header } } or a function that is not async`

/** Shape check of a strategy. */
export const conflictSchema: z.ZodType<ConflictStrategy> = z.union(
  [
    z.enum(SIMPLE_STRATEGIES),
    z.strictObject({ merge: z.strictObject({ numbers: z.enum(NUMBER_RULES) }) }),
    z.strictObject({ lastWriter: timesSchema }),
    z.strictObject({ firstWriter: timesSchema }),
    z.custom<(base: unknown, database: unknown, sheet: unknown) => unknown>(
      (given) => typeof given === 'function' && !isAsync(given),
    ),
  ],
  EXPECTED,
)

/**
 * What happens when a person deleted the row of a record that still exists.
 * - `restore`: the row comes back with the record's next change (default)
 * - `keep-away`: the row stays away, and the record is listed as missing
 */
export const ROW_DELETED_POLICIES = ['restore', 'keep-away'] as const
export type RowDeletedPolicy = (typeof ROW_DELETED_POLICIES)[number]
