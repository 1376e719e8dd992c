import { LaneFailure } from '../../lane/failure.ts'
import { encodeEnvelope } from './envelope.ts'
import type { Floor } from './floor.ts'
import { type CacheNames, FENCE_MS, TAG_MS } from './names.ts'
import { type Redis, within } from './redis/client.ts'
import { INVALIDATE, RAISE_TAG, REPLACE } from './redis/scripts.ts'
import { keysLike } from './scan.ts'

/** How long Redis may take for the commands of a batch, in ms. */
const BATCH_MS = 20_000

/** When the records of a batch were read. */
export interface ReadAt {
  readonly ticket: bigint
  readonly xmin: bigint
  readonly xmax: bigint
  readonly floor: Floor | undefined
}

/**
 * What is dropped for the records of a batch: each key, tag and pattern once, however many records stand in it. One call
 * of a script for each key, as the keys of a record may be in several slots of a cluster; all of them go out together.
 */
export class Invalidation {
  readonly #redis: Redis
  readonly #names: CacheNames
  readonly #at: ReadAt
  readonly #abort: AbortSignal
  readonly #keys = new Map<string, { ids: string[]; value?: unknown }>()
  readonly #tags = new Map<string, string[]>()
  readonly #patterns = new Map<string, string[]>()

  constructor(redis: Redis, names: CacheNames, at: ReadAt, abort: AbortSignal) {
    this.#redis = redis
    this.#names = names
    this.#at = at
    this.#abort = abort
  }

  /** @param value what is stored in its place; undefined for nothing */
  key(id: string, key: string, value: unknown): void {
    const entry = this.#keys.get(key) ?? { ids: [] }
    entry.ids.push(id)
    if (value !== undefined) entry.value = value
    this.#keys.set(key, entry)
  }

  tag(id: string, tag: string): void {
    this.#tags.set(tag, [...(this.#tags.get(tag) ?? []), id])
  }

  pattern(id: string, pattern: string): void {
    this.#patterns.set(pattern, [...(this.#patterns.get(pattern) ?? []), id])
  }

  /**
   * @param ttl seconds that a stored value is kept
   * @returns what went wrong, by record
   */
  async run(ttl: number): Promise<Map<string, unknown>> {
    const errors = new Map<string, unknown>()
    const noting = async (ids: readonly string[], call: Promise<unknown>) => {
      try {
        await call
      } catch (error) {
        for (const id of ids) errors.set(id, error)
      }
    }
    await within(
      BATCH_MS,
      Promise.all([
        ...[...this.#keys].map(([key, { ids, value }]) => noting(ids, this.#drop(key, value, ttl))),
        ...[...this.#tags].map(([tag, ids]) => noting(ids, this.#raise(tag))),
      ]),
    )
    for (const [pattern, ids] of this.#patterns) await noting(ids, this.#dropLike(pattern))
    return errors
  }

  async #drop(key: string, value?: unknown, ttl = 0): Promise<void> {
    const { ticket, xmin, xmax, floor } = this.#at
    const keys = this.#names.all(key)
    const fence = [xmax.toString(), ticket.toString(), String(FENCE_MS)]
    if (value === undefined || floor === undefined) {
      await INVALIDATE.run(this.#redis, keys, ...fence)
      return
    }
    const text = encodeEnvelope({ xmin, floor: floor.id, tags: [], value }, 'worker')
    await REPLACE.run(this.#redis, keys, ...fence, xmin.toString(), text, String(ttl * 1_000))
  }

  async #raise(tag: string): Promise<void> {
    await RAISE_TAG.run(this.#redis, [this.#names.tag(tag)], this.#at.xmax.toString(), String(TAG_MS))
  }

  async #dropLike(pattern: string): Promise<void> {
    if (this.#redis.isCluster) {
      const why = 'patterns of keys cannot be looked for on a cluster: use tags'
      throw new LaneFailure('refused', 'PLACE_SETTINGS', null, why)
    }
    for await (const keys of keysLike(this.#redis, this.#names, pattern)) {
      this.#abort.throwIfAborted()
      await within(BATCH_MS, Promise.all(keys.map((key) => this.#drop(key))))
    }
  }
}
