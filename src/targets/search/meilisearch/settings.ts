import { z } from 'zod'

/** Settings of an index, as `PATCH /indexes/:uid/settings` takes them. */
export type MeilisearchSettings = Readonly<Record<string, unknown>>

export const meilisearchSettingsSchema = z.record(z.string(), z.unknown()).default({})

export const meilisearchIndexName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,400}$/, 'expected letters, digits, dashes and underscores, at most 400')

/** Attribute that holds the record's id. */
export const KEY = 'id'

/** Attributes whose order means nothing: the engine returns them in its own. */
const SETS = new Set([
  'filterableAttributes',
  'sortableAttributes',
  'stopWords',
  'separatorTokens',
  'dictionary',
])

/** Names of the wanted settings that are not so. */
export function differingSettings(wanted: MeilisearchSettings, actual: object): string[] {
  const there = actual as Readonly<Record<string, unknown>>
  return Object.entries(wanted)
    .filter(([name, value]) => !isWithin(value, there[name], SETS.has(name)))
    .map(([name]) => name)
}

function isWithin(wanted: unknown, actual: unknown, isSet: boolean): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(actual) || actual.length !== wanted.length) return false
    const [ours, theirs] = [wanted, actual].map((list) => {
      const texts = list.map((one) => JSON.stringify(one))
      return isSet ? texts.sort() : texts
    })
    return JSON.stringify(ours) === JSON.stringify(theirs)
  }
  if (typeof wanted !== 'object' || wanted === null) return wanted === (actual ?? null)
  const there = (typeof actual === 'object' && actual !== null ? actual : {}) as Record<string, unknown>
  return Object.entries(wanted).every(([name, value]) => isWithin(value, there[name], false))
}
