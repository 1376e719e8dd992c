import { isDeepStrictEqual } from 'node:util'
import type { ConflictStrategy, NumberRule } from '../../config/conflict.ts'
import { isThenable } from '../../config/describe.ts'

/** The three values of a cell, or a field: what both sides last agreed on, and what each has now. */
export interface ThreeValues {
  readonly base: unknown
  readonly database: unknown
  readonly place: unknown
}

/** When each side last changed; null where nobody knows. */
export interface ChangeTimes {
  readonly database: Date | null
  readonly place: Date | null
}

/** What reasons call the place, what happens to its values, and a value's part of it. */
export interface Words {
  readonly place: string
  readonly changed: string
  readonly part: string
}

/** Whose value stands, and why. */
export type Verdict =
  | { readonly take: 'database' | 'place' | 'nobody'; readonly reason: string }
  | { readonly take: 'value'; readonly value: unknown; readonly reason: string }

/**
 * Decides between the value of the database and that of the place, when the place's differs from both the base and
 * the database's. Pure, except for what a function given in the configuration does.
 *
 * @param strategy the column's, or the field's
 * @param values what is compared, in the form that a function of the configuration gets; null for nothing
 * @param words of the reasons
 * @param times asked for by `lastWriter` and `firstWriter` only
 */
export function decideConflict(
  strategy: ConflictStrategy<unknown>,
  values: ThreeValues,
  words: Words,
  times: () => ChangeTimes = () => ({ database: null, place: null }),
): Verdict {
  const both = !isDeepStrictEqual(values.base, values.database)
  const there = `${words.changed} in the ${words.place}`
  const where = both ? `${there} and changed in the database` : there
  if (typeof strategy === 'function') return decideByFunction(strategy, values, where, words)
  if (strategy === 'database-wins') return { take: 'database', reason: `${where}; the database wins` }
  if (strategy === 'sheet-wins' || strategy === 'place-wins')
    return { take: 'place', reason: `${where}; the ${words.place} wins` }
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
  { base, database, place }: ThreeValues,
  numbers: NumberRule = 'database',
): unknown {
  if (isDeepStrictEqual(database, place) || isDeepStrictEqual(base, place)) return database
  if (isDeepStrictEqual(base, database)) return place
  if (isListOrNothing(database) && isListOrNothing(place) && (database || place)) {
    return mergeLists(isListOrNothing(base) ? (base ?? []) : [], database ?? [], place ?? [])
  }
  if (isObject(database) && isObject(place)) {
    return mergeObjects(isObject(base) ? base : {}, database, place, numbers)
  }
  if (isNumber(database) && isNumber(place)) return mergeNumbers(database, place, numbers)
  return database
}

function merged(values: ThreeValues, numbers: NumberRule, where: string): Verdict {
  const value = mergeValues(values, numbers)
  const reason = `${where}; merged`
  if (isDeepStrictEqual(value, values.place)) return { take: 'place', reason }
  if (isDeepStrictEqual(value, values.database)) return { take: 'database', reason }
  return { take: 'value', value, reason }
}

function decideByFunction(
  decide: Extract<ConflictStrategy<unknown>, (...values: never[]) => unknown>,
  { base, database, place }: ThreeValues,
  where: string,
  { part }: Words,
): Verdict {
  try {
    const value = decide(base, database, place)
    if (isThenable(value)) {
      if (value instanceof Promise) value.catch(() => {})
      return {
        take: 'nobody',
        reason: `${where}; the ${part}'s function is asynchronous, waits for a decision`,
      }
    }
    const reason = `${where}; decided by the ${part}'s function`
    if (isDeepStrictEqual(value, place)) return { take: 'place', reason }
    if (isDeepStrictEqual(value, database)) return { take: 'database', reason }
    return { take: 'value', value, reason }
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error
    return {
      take: 'nobody',
      reason: `${where}; the ${part}'s function threw (${name}), waits for a decision`,
    }
  }
}

function decideByTime(which: 'last' | 'first', times: ChangeTimes, where: string): Verdict {
  if (times.database === null || times.place === null) {
    return { take: 'database', reason: `${where}; the times are not known, the database wins` }
  }
  const placeIsLater = times.place.getTime() > times.database.getTime()
  const take = placeIsLater === (which === 'last') ? 'place' : 'database'
  return { take, reason: `${where}; the ${which} writer wins` }
}

function mergeLists(
  base: readonly unknown[],
  database: readonly unknown[],
  place: readonly unknown[],
): unknown[] {
  const kept = database.filter((item) => has(place, item) || !has(base, item))
  const added = place.filter((item) => !has(database, item) && !has(base, item))
  const all = [...kept, ...added]
  return all.filter((item, index) => all.findIndex((other) => isDeepStrictEqual(other, item)) === index)
}

function mergeObjects(
  base: Record<string, unknown>,
  database: Record<string, unknown>,
  place: Record<string, unknown>,
  numbers: NumberRule,
): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(database), ...Object.keys(place)])) {
    const own = (from: Record<string, unknown>) => (Object.hasOwn(from, key) ? from[key] : undefined)
    const value = mergeValues({ base: own(base), database: own(database), place: own(place) }, numbers)
    if (value !== undefined)
      Object.defineProperty(result, key, { value, enumerable: true, writable: true, configurable: true })
  }
  return result
}

function mergeNumbers(database: number | bigint, place: number | bigint, rule: NumberRule): number | bigint {
  if (rule === 'sheet' || rule === 'place') return place
  if (rule === 'maximum') return place > database ? place : database
  if (rule === 'minimum') return place < database ? place : database
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
