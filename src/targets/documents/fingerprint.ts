import { createHash } from 'node:crypto'

/** Stands for a record that has no entry in the place. */
export const REMOVED = 'removed'

/**
 * A short text that is the same for documents that are sent as the same JSON, whatever the order of their fields.
 * @param length characters of 6 bits each
 */
export function fingerprint(document: unknown, length = 22): string {
  return createHash('sha256').update(canonicalJson(document)).digest('base64url').slice(0, length)
}

/** JSON in which the fields of every object are in order. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => sorted(inner)) ?? 'null'
}

function sorted(value: unknown): unknown {
  // A bigint has no JSON of its own.
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isInOrder(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}

/** Most are: what was read from JSON in order, and written again. */
function isInOrder(value: object): boolean {
  let before = ''
  for (const name in value) {
    if (name < before) return false
    before = name
  }
  return true
}
