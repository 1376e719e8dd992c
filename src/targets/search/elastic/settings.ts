import { z } from 'zod'

/** Settings of an index, as the engine takes them when it is made. */
export interface ElasticSettings {
  /** Mappings, as in the body of a request that makes an index. */
  readonly mappings?: Readonly<Record<string, unknown>> | undefined
  /** Settings, as there: `{ number_of_shards: 1, analysis: { ... } }`. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined
  /** Whether a removed record leaves a document that says so, for a day. */
  readonly tombstones: boolean
}

/** The settings as written in a config file. */
export interface ElasticSettingsInput {
  /** Mappings of the index, as in the body of a request that makes one. */
  readonly mappings?: Readonly<Record<string, unknown>>
  /** Its settings, as there: `{ number_of_shards: 1 }`. */
  readonly settings?: Readonly<Record<string, unknown>>
  /**
   * Removed records leave a document with nothing but `writeback_removed_at` for a day. The engine itself remembers the
   * versions of deleted documents in memory only, for `index.gc_deletes`: a call that arrives later brings them back.
   * @defaultValue false
   */
  readonly tombstones?: boolean
}

const object = z.record(z.string(), z.unknown())

export const elasticSettingsSchema = z
  .strictObject({
    mappings: object.optional(),
    settings: object.optional(),
    tombstones: z.boolean().default(false),
  })
  .prefault({})

/** Name of an index, as the engines take it. */
export const elasticIndexName = z
  .string()
  .regex(
    /^(?![-_+.])[^A-Z\\/*?"<>| ,#:]{1,255}$/,
    'expected the name of an index: lower case, none of \\/*?"<>| ,#:',
  )

/** When a record was removed: what stands in a document that is a tombstone. */
export const REMOVED_AT = 'writeback_removed_at'

/** How long the engine remembers the version of a deleted document, where the target's settings say nothing. */
const DELETES_KEPT = '1h'

/** The body of the request that makes an index. */
export function bodyOf({ mappings = {}, settings = {}, tombstones }: ElasticSettings) {
  const isSet = 'index.gc_deletes' in settings || 'gc_deletes' in settings || 'index' in settings
  return {
    settings: isSet ? settings : { ...settings, 'index.gc_deletes': DELETES_KEPT },
    mappings: tombstones ? withTombstones(mappings) : mappings,
  }
}

function withTombstones(mappings: Readonly<Record<string, unknown>>) {
  const properties = (mappings.properties ?? {}) as Readonly<Record<string, unknown>>
  return { ...mappings, properties: { ...properties, [REMOVED_AT]: { type: 'date' } } }
}

/**
 * What of the wanted values is not so.
 * @returns paths, for example `properties.name.type`
 */
export function missingFrom(wanted: unknown, actual: unknown, path = ''): string[] {
  if (typeof wanted !== 'object' || wanted === null) {
    // Engines return settings as texts.
    return String(wanted) === String(actual) ? [] : [path]
  }
  if (Array.isArray(wanted))
    return JSON.stringify(wanted.map(String)) === JSON.stringify([actual].flat().map(String)) ? [] : [path]
  const there = (typeof actual === 'object' && actual !== null ? actual : {}) as Record<string, unknown>
  return Object.entries(wanted).flatMap(([name, value]) =>
    missingFrom(value, there[name], path ? `${path}.${name}` : name),
  )
}

/** Settings with every name in full and by itself: `{ index: { a: { b: 1 } } }` and `{ 'a.b': 1 }` are the same. */
export function flatSettings(settings: unknown, path = ''): Record<string, unknown> {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    return { [path.startsWith('index.') ? path : `index.${path}`]: settings }
  return Object.assign(
    {},
    ...Object.entries(settings).map(([name, value]) => flatSettings(value, path ? `${path}.${name}` : name)),
  ) as Record<string, unknown>
}
