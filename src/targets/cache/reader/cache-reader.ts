import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from '../../../database/sql.ts'
import { asStored, encodeEnvelope } from '../envelope.ts'
import { type Floor, type FloorSeen, layFloor } from '../floor.ts'
import { CacheNames } from '../names.ts'
import { type Redis, within } from '../redis/client.ts'
import { FILL, LEASE, RELEASE } from '../redis/scripts.ts'
import { Look } from './look.ts'
import { assertTtl, type GetOptions, type ReaderSettings } from './options.ts'
import { type RawQueries, snapshotOf } from './snapshot.ts'

/** How often something was read, and how. */
export interface ReadCounts {
  /** Taken from the cache. */
  hits: number
  /** Loaded. */
  loads: number
  /** Loaded and stored. */
  stored: number
  /** Loaded and not stored, as a change came in between, or an older transaction is still open. */
  refused: number
  /** Trouble with Redis, or with asking for the snapshot. */
  errors: number
}

/** The first and the longest wait between two looks at a lease of somebody else, in ms. */
const FIRST_WAIT_MS = 10
const LONGEST_WAIT_MS = 100
/** How long nobody tries to store a value after a refusal, in ms. */
const REFUSED_MS = 200

type Turn = { readonly hit: unknown } | 'mine' | 'past'

/**
 * Reads through the cache:
 *
 *     look ─▶ there, and it counts ─────────────────────────────────────────────▶ value
 *       └─▶ lease ─▶ mine ─▶ snapshot ─▶ load ─▶ stored, if no fence is above ──▶ value
 *             ├─▶ somebody else's ─▶ wait ─▶ look at it again, for a while
 *             └─▶ waited too long, refused just now, or no floor ─▶ load ────────▶ value
 */
export class CacheReader {
  readonly counts: ReadCounts = { hits: 0, loads: 0, stored: 0, refused: 0, errors: 0 }
  readonly #redis: Redis
  readonly #database: Sql | RawQueries
  readonly #settings: ReaderSettings
  readonly #names: CacheNames
  readonly #look: Look

  constructor(redis: Redis, database: Sql | RawQueries, settings: ReaderSettings) {
    this.#redis = redis
    this.#database = database
    this.#settings = settings
    this.#names = new CacheNames(settings.namespace)
    this.#look = new Look(redis, this.#names)
  }

  async get<Value>(
    key: string,
    load: () => PromiseLike<Value>,
    { ttl, tags = [] }: GetOptions<Value>,
  ): Promise<unknown> {
    assertTtl(ttl)
    const token = randomBytes(9).toString('base64url')
    let turn: Turn = 'past'
    let floor: Floor | undefined
    try {
      const seen = await this.#soon(this.#look.at(key, typeof tags === 'function' ? [] : tags))
      if (seen.hit) return this.#counted(seen.hit.value)
      floor = seen.floor.floor ?? (await this.#lay(seen.floor))
      if (floor) turn = await this.#turn(key, token, seen.text)
    } catch (error) {
      this.#trouble(error)
    }
    if (typeof turn === 'object') return this.#counted(turn.hit)
    if (turn === 'past' || floor === undefined) return asStored(await this.#load(load))
    return await this.#fill(key, token, floor, load, ttl, tags)
  }

  /** Loads and stores. The lease is held. */
  async #fill<Value>(
    key: string,
    token: string,
    floor: Floor,
    load: () => PromiseLike<Value>,
    ttl: number,
    tags: GetOptions<Value>['tags'] & {},
  ): Promise<unknown> {
    const xmin = await this.#snapshot(floor)
    let value: Value
    try {
      value = await this.#load(load)
    } catch (error) {
      await this.#release(key, token)
      throw error
    }
    const stored = asStored(value)
    if (xmin === undefined || stored === undefined) {
      await this.#release(key, token)
      return stored
    }
    const of = typeof tags === 'function' ? tags(value) : tags
    const text = encodeEnvelope({ xmin, floor: floor.id, tags: [...new Set(of)], value: stored }, 'reader')
    const [, fence, lease] = this.#names.all(key)
    const args = [token, xmin.toString(), text, String(Math.ceil(ttl * 1_000)), String(REFUSED_MS)]
    try {
      const answer = await this.#soon(FILL.run(this.#redis, [key, fence, lease], ...args))
      this.counts[answer === 'stored' ? 'stored' : 'refused']++
    } catch (error) {
      this.#trouble(error)
    }
    return stored
  }

  /** What the database has seen, for a fill; undefined where nothing may be stored now. */
  async #snapshot(floor: Floor): Promise<bigint | undefined> {
    try {
      const { xmin, xmax, isReplica } = await snapshotOf(this.#database)
      if (isReplica || xmax >= floor.xmax) return xmin
      // The database was restored to an earlier point: what stands in Redis is of a time that never was.
      const seen = await this.#soon(this.#look.floor())
      if (seen.floor?.id === floor.id) await this.#lay(seen)
    } catch (error) {
      this.#trouble(error)
    }
    return undefined
  }

  async #lay(seen: FloorSeen): Promise<Floor | undefined> {
    const { isReplica } = await snapshotOf(this.#database)
    if (isReplica) return undefined
    const xmaxNow = async () => (await snapshotOf(this.#database)).xmax
    return await this.#soon(layFloor(this.#redis, this.#names, seen, xmaxNow))
  }

  /** One of many loads; the others wait for it, for a while. */
  async #turn(key: string, token: string, seen: string): Promise<Turn> {
    const { leaseMs, waitMs } = this.#settings
    const until = performance.now() + waitMs
    const keys = [key, this.#names.lease(key)]
    let discarded = seen
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      const answer = await this.#soon(LEASE.run(this.#redis, keys, token, String(leaseMs), discarded))
      const [word, text = ''] = answer as [string, string?]
      if (word === 'mine') return 'mine'
      if (word === 'refused' || performance.now() >= until) return 'past'
      if (word === 'value') {
        const { hit } = await this.#soon(this.#look.judge(text))
        if (hit) return { hit: hit.value }
        discarded = text
      } else {
        await sleep(wait)
      }
    }
  }

  async #release(key: string, token: string): Promise<void> {
    await this.#soon(RELEASE.run(this.#redis, [this.#names.lease(key)], token)).catch((error: unknown) =>
      this.#trouble(error),
    )
  }

  async #load<Value>(load: () => PromiseLike<Value>): Promise<Value> {
    this.counts.loads++
    return await load()
  }

  #counted(value: unknown): unknown {
    this.counts.hits++
    return value
  }

  #soon<Value>(answer: Promise<Value>): Promise<Value> {
    return within(this.#settings.redisMs, answer)
  }

  #trouble(error: unknown): void {
    this.counts.errors++
    this.#settings.onError(error)
  }
}
