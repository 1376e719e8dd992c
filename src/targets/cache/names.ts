/** A namespace in Redis: letters, digits, dots, dashes, underscores and colons. */
export const NAMESPACE = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/
export const DEFAULT_NAMESPACE = 'writeback'

/** How long a fence outlives its invalidation, in ms: longer than any lease, and than a replica may lag behind. */
export const FENCE_MS = 600_000
/** The longest lease, in ms: a fill that took longer is refused. */
export const MAX_LEASE_MS = 60_000
/** The longest time that a value is kept, in seconds. */
export const MAX_TTL_S = 86_400
/** How long a tag is kept, in ms: longer than every value that it may have to end. */
export const TAG_MS = (MAX_TTL_S + 3_600) * 1_000

/** The names of what stands beside the values in Redis. */
export class CacheNames {
  /** Where the cache as a whole begins, see floor.ts. */
  readonly floor: string
  readonly #namespace: string

  constructor(namespace: string) {
    this.#namespace = namespace
    this.floor = `${namespace}:floor`
  }

  fence(key: string): string {
    return this.#beside('fence', key)
  }

  lease(key: string): string {
    return this.#beside('lease', key)
  }

  tag(tag: string): string {
    return `${this.#namespace}:tag:${tag}`
  }

  /** Value, fence and lease, as the scripts have them. */
  all(key: string): [string, string, string] {
    return [key, this.fence(key), this.lease(key)]
  }

  /** A glob that every lease of a key matches which the glob of keys matches; some others may as well. */
  leasesLike(glob: string): string {
    return `${this.#namespace}:lease:*${glob}*`
  }

  /** The key that a lease is of. */
  keyOfLease(lease: string): string {
    const key = lease.slice(`${this.#namespace}:lease:`.length)
    return key.startsWith('{') && key.endsWith('}') && !hasHashTag(key.slice(1, -1)) ? key.slice(1, -1) : key
  }

  /** Whether a key is one of those here, and no value's. */
  isBeside(key: string): boolean {
    return key.startsWith(`${this.#namespace}:`)
  }

  /** In the slot of the key: a script on a cluster may touch one slot. */
  #beside(what: string, key: string): string {
    return `${this.#namespace}:${what}:${hasHashTag(key) ? key : `{${key}}`}`
  }
}

/** Whether Redis counts the slot of a key from a part of it. */
function hasHashTag(key: string): boolean {
  const open = key.indexOf('{')
  return open >= 0 && key.indexOf('}', open) > open + 1
}
