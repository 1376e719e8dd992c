import { isDeepStrictEqual } from 'node:util'
import type { ConflictStrategy, NumberRule } from '../../../config/conflict.ts'
import { isThenable } from '../../../config/describe.ts'

/** The three values of a cell: what both sides last agreed on, and what each has now. */
export interface ThreeValues {
  readonly base: unknown
  readonly database: unknown
  readonly sheet: unknown
}

/** When each side last changed; null where nobody knows. */
export interface ChangeTimes {
  readonly database: Date | null
  readonly sheet: Date | null
}

/** Whose value stands, and why. */
export type Verdict =
  | { readonly take: 'database' | 'sheet' | 'nobody'; readonly reason: string }
  | { readonly take: 'value'; readonly value: unknown; readonly reason: string }

/**
 * Decides between the value of the database and that of the sheet, when the sheet's differs from both the base and
 * the database's. Pure, except for what a function given in the configuration does.
 *
 * @param strategy the column's strategy
 * @param values what is compared, as the column's codec reads it; null for an empty cell
 * @param times asked for by `lastWriter` and `firstWriter` only
 */
export function decideConflict(
  strategy: ConflictStrategy,
  values: ThreeValues,
  times: () => ChangeTimes = () => ({ database: null, sheet: null }),
): Verdict {
  const both = !isDeepStrictEqual(values.base, values.database)
  const where = both ? 'edited in the sheet and changed in the database' : 'edited in the sheet'
  if (typeof strategy === 'function') return decideByFunction(strategy, values, where)
  if (strategy === 'database-wins') return { take: 'database', reason: `${where}; the database wins` }
  if (strategy === 'sheet-wins') return { take: 'sheet', reason: `${where}; the sheet wins` }
  if (strategy === 'manual') return { take: 'nobody', reason: `${where}; waits for a decision` }
  if (strategy === 'merge') return merged(values, 'database', where)
  if ('merge' in strategy) return merged(values, strategy.merge.numbers, where)
  return decideByTime('lastWriter' in strategy ? 'last' : 'first', times(), where)
}

/**
 * Three-way merge. A side that did not change gives way; equal changes are one. Lists are merged as sets (what
 * either side added or removed), objects key by key, numbers by `numbers`; anything else that both sides changed is
 * the database's. Merging a result again changes nothing, and no value appears that neither side has.
 */
export function mergeValues(
  { base, database, sheet }: ThreeValues,
  numbers: NumberRule = 'database',
): unknown {
  if (isDeepStrictEqual(database, sheet) || isDeepStrictEqual(base, sheet)) return database
  if (isDeepStrictEqual(base, database)) return sheet
  if (isListOrNothing(database) && isListOrNothing(sheet) && (database || sheet)) {
    return mergeLists(isListOrNothing(base) ? (base ?? []) : [], database ?? [], sheet ?? [])
  }
  if (isObject(database) && isObject(sheet)) {
    return mergeObjects(isObject(base) ? base : {}, database, sheet, numbers)
  }
  if (isNumber(database) && isNumber(sheet)) return mergeNumbers(database, sheet, numbers)
  return database
}

function merged(values: ThreeValues, numbers: NumberRule, where: string): Verdict {
  const value = mergeValues(values, numbers)
  const reason = `${where}; merged`
  if (isDeepStrictEqual(value, values.sheet)) return { take: 'sheet', reason }
  if (isDeepStrictEqual(value, values.database)) return { take: 'database', reason }
  return { take: 'value', value, reason }
}

function decideByFunction(
  decide: Extract<ConflictStrategy, (...values: never[]) => unknown>,
  { base, database, sheet }: ThreeValues,
  where: string,
): Verdict {
  try {
    const value = decide(base, database, sheet)
    if (isThenable(value)) {
      if (value instanceof Promise) value.catch(() => {})
      return {
        take: 'nobody',
        reason: `${where}; the column's function is asynchronous, waits for a decision`,
      }
    }
    const reason = `${where}; decided by the column's function`
    if (isDeepStrictEqual(value, sheet)) return { take: 'sheet', reason }
    if (isDeepStrictEqual(value, database)) return { take: 'database', reason }
    return { take: 'value', value, reason }
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error
    return { take: 'nobody', reason: `${where}; the column's function threw (${name}), waits for a decision` }
  }
}

function decideByTime(which: 'last' | 'first', times: ChangeTimes, where: string): Verdict {
  if (times.database === null || times.sheet === null) {
    return { take: 'database', reason: `${where}; the times are not known, the database wins` }
  }
  const sheetIsLater = times.sheet.getTime() > times.database.getTime()
  const take = sheetIsLater === (which === 'last') ? 'sheet' : 'database'
  return { take, reason: `${where}; the ${which} writer wins` }
}

function mergeLists(
  base: readonly unknown[],
  database: readonly unknown[],
  sheet: readonly unknown[],
): unknown[] {
  const kept = database.filter((item) => has(sheet, item) || !has(base, item))
  const added = sheet.filter((item) => !has(database, item) && !has(base, item))
  const all = [...kept, ...added]
  return all.filter((item, index) => all.findIndex((other) => isDeepStrictEqual(other, item)) === index)
}

function mergeObjects(
  base: Record<string, unknown>,
  database: Record<string, unknown>,
  sheet: Record<string, unknown>,
  numbers: NumberRule,
): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(database), ...Object.keys(sheet)])) {
    const own = (from: Record<string, unknown>) => (Object.hasOwn(from, key) ? from[key] : undefined)
    const value = mergeValues({ base: own(base), database: own(database), sheet: own(sheet) }, numbers)
    if (value !== undefined)
      Object.defineProperty(result, key, { value, enumerable: true, writable: true, configurable: true })
  }
  return result
}

function mergeNumbers(database: number | bigint, sheet: number | bigint, rule: NumberRule): number | bigint {
  if (rule === 'sheet') return sheet
  if (rule === 'maximum') return sheet > database ? sheet : database
  if (rule === 'minimum') return sheet < database ? sheet : database
  return database
}

function has(items: readonly unknown[], item: unknown): boolean {
  return items.some((other) => isDeepStrictEqual(other, item))
}

function isListOrNothing(value: unknown): value is readonly unknown[] | null | undefined {
  return Array.isArray(value) || value === null || value === undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
