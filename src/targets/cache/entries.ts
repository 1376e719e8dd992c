import { WritebackError } from '../../errors.ts'
import type { Shown } from '../documents/place.ts'
import type { CacheTarget } from './config.ts'

/** What a record stands in: keys, tags, globs of keys. */
export interface CacheEntries {
  readonly keys: readonly string[]
  readonly tags: readonly string[]
  readonly patterns: readonly string[]
}

/** What is shown of a record, with the values that the worker stores, by key. */
export interface CacheDocument extends CacheEntries {
  readonly values: Readonly<Record<string, unknown>>
}

/** What a record stands in, and is to show there. @throws WritebackError `DOCUMENT_FAILED` for what is no list of texts */
export function entriesOf(target: CacheTarget, record: object): Shown & { document: CacheDocument } {
  const list = (option: 'keys' | 'tags' | 'patterns') =>
    textsOf(target.name, option, target[option]?.(record as never))
  const entries: CacheEntries = { keys: list('keys'), tags: list('tags'), patterns: list('patterns') }
  const values: Record<string, unknown> = {}
  if (target.value) {
    for (const key of entries.keys) {
      const value = target.value(record as never, key)
      if (value !== undefined) values[key] = value
    }
  }
  return { document: { ...entries, values }, keys: asStoredKeys(entries) }
}

/** One list for all three: `sync_record` has one column. */
function asStoredKeys({ keys, tags, patterns }: CacheEntries): string[] {
  return [
    ...keys.map((key) => `k:${key}`),
    ...tags.map((tag) => `t:${tag}`),
    ...patterns.map((pattern) => `p:${pattern}`),
  ]
}

/** The other way. */
export function fromStoredKeys(stored: readonly string[]): CacheEntries {
  const of = (mark: string) => [
    ...new Set(stored.filter((one) => one.startsWith(mark)).map((one) => one.slice(mark.length))),
  ]
  return { keys: of('k:'), tags: of('t:'), patterns: of('p:') }
}

/** The tag of a record. Every change of the record raises it. */
export function tagOfRecord(target: CacheTarget, id: string): string {
  return `${target.model}:${id}`
}

/** Keys that follow from the id alone. */
export function idKeysOf(target: CacheTarget, id: string): string[] {
  return textsOf(target.name, 'idKeys', target.idKeys?.(id))
}

function textsOf(target: string, option: string, given: readonly string[] | undefined): string[] {
  if (given === undefined) return []
  if (Array.isArray(given) && given.every((one) => typeof one === 'string' && one !== '')) return [...given]
  throw new WritebackError('DOCUMENT_FAILED', {
    problem: `the function \`${option}\` of target ${target}`,
    expected: 'a list of texts that are not empty',
    got: Array.isArray(given) ? 'a list with something else in it' : typeof given,
    remedy: 'Correct it, deploy, and retry the record',
  })
}
