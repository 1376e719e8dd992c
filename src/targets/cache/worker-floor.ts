import type { Sql } from '../../database/sql.ts'
import { type Floor, floorOf, layFloor, runOf } from './floor.ts'
import type { CacheNames } from './names.ts'
import { snapshotOf } from './reader/snapshot.ts'
import type { Redis } from './redis/client.ts'

/** The floor as the worker sees it: it asks the primary, and lays a new one where readers on a replica cannot. */
export class WorkerFloor {
  readonly #names: CacheNames
  readonly #sql: Sql
  readonly #warn: (message: string) => void

  constructor(names: CacheNames, sql: Sql, warn: (message: string) => void) {
    this.#names = names
    this.#sql = sql
    this.#warn = warn
  }

  /**
   * Looks whether the floor still stands, and lays it anew where it does not.
   * @param xmax what the database has seen now
   */
  async check(redis: Redis, xmax: bigint): Promise<Floor | undefined> {
    const { floor: name } = this.#names
    const [text, run] = await Promise.all([redis.command(name, 'GET', name), runOf(redis)])
    const seen = floorOf(text, run)
    if (seen.floor && seen.floor.xmax <= xmax) return seen.floor
    if (seen.floor)
      this.#warn(
        'the database is behind the cache, it was restored to an earlier point: the cache begins anew',
      )
    else if (seen.text !== '')
      this.#warn('Redis was started anew, or another one took over: the cache begins anew')
    return await layFloor(redis, this.#names, seen, async () => (await snapshotOf(this.#sql)).xmax)
  }
}
