import { decodeEnvelope } from '../envelope.ts'
import { type FloorSeen, floorOf, runOf } from '../floor.ts'
import type { CacheNames } from '../names.ts'
import type { Redis } from '../redis/client.ts'

/** How often the process of Redis is asked for, in ms: within that time readers notice a failover. */
const RUN_CHECK_MS = 5_000

/** What stands under a key. */
export interface Seen {
  /** The value, if it counts. */
  readonly hit: { readonly value: unknown } | undefined
  /** As it stands in Redis; empty for none. */
  readonly text: string
  readonly floor: FloorSeen
}

/** Looks whether a value is there, and counts: it is not below the floor, and none of its tags was raised above it. */
export class Look {
  readonly #redis: Redis
  readonly #names: CacheNames
  #run: string | undefined
  #askRunAt = 0

  constructor(redis: Redis, names: CacheNames) {
    this.#redis = redis
    this.#names = names
  }

  /** @param tags that the value is known to have: asked for along with it */
  async at(key: string, tags: readonly string[]): Promise<Seen> {
    const [text, floor, marks] = await Promise.all([
      this.#redis.command(key, 'GET', key),
      this.floor(),
      this.#marks(tags),
    ])
    return await this.#judge(text, floor, marks)
  }

  /** The same for a value that somebody has fetched. */
  async judge(text: string): Promise<Seen> {
    return await this.#judge(text, await this.floor(), new Map())
  }

  async floor(): Promise<FloorSeen> {
    const isDue = performance.now() >= this.#askRunAt
    const [text] = await Promise.all([
      this.#redis.command(this.#names.floor, 'GET', this.#names.floor),
      isDue && this.#askRun(),
    ])
    const seen = floorOf(text, this.#run)
    if (seen.floor || isDue || seen.text === '') return seen
    // Somebody may know more of the process than what was remembered here.
    await this.#askRun()
    return floorOf(text, this.#run)
  }

  async #askRun(): Promise<void> {
    this.#askRunAt = performance.now() + RUN_CHECK_MS
    this.#run = await runOf(this.#redis)
  }

  async #judge(text: unknown, floor: FloorSeen, marks: Map<string, bigint>): Promise<Seen> {
    const seen = { text: typeof text === 'string' ? text : '', floor }
    const found = decodeEnvelope(seen.text)
    if (!found || !floor.floor || found.floor !== floor.floor.id || found.xmin < floor.floor.xmax)
      return { ...seen, hit: undefined }
    const others = await this.#marks(found.tags.filter((tag) => !marks.has(tag)))
    const counts = found.tags.every((tag) => found.xmin >= (marks.get(tag) ?? others.get(tag) ?? 0n))
    return { ...seen, hit: counts ? { value: found.value } : undefined }
  }

  async #marks(tags: readonly string[]): Promise<Map<string, bigint>> {
    const names = tags.map((tag) => this.#names.tag(tag))
    const marks = await Promise.all(names.map((name) => this.#redis.command(name, 'GET', name)))
    return new Map(tags.map((tag, at) => [tag, BigInt(String(marks[at] ?? 0))]))
  }
}
