import type { Sql } from '../../../database/sql.ts'
import { type RedisClient, redisOf } from '../redis/client.ts'
import { CacheReader, type ReadCounts } from './cache-reader.ts'
import { type CacheOptions, type GetOptions, readerSettings } from './options.ts'
import type { RawQueries } from './snapshot.ts'
import type { Stored } from './stored.ts'

/** Reads through a cache that never keeps an older value than the last change that was written back. */
export interface Cached {
  /**
   * Takes a value from the cache, or loads it and stores it there. Trouble with Redis is no trouble of the read: the value
   * is loaded then. What `load` throws is thrown; `undefined` is not stored.
   *
   * @param load reads the database: the one that `cached` was given, not in a transaction that began earlier, and not in
   *   one that writes
   * @returns the value as JSON has it, whether it was there or was loaded
   * @throws RangeError for a `ttl` that cannot be
   * @example
   * const product = await cache.get(`product:${id}`, () => prisma.product.findUnique({ where: { id } }), { ttl: 300 })
   */
  get<Value>(
    key: string,
    load: () => PromiseLike<Value>,
    options: GetOptions<Value>,
  ): Promise<Stored<Awaited<Value>>>
  /** What has been read so far. */
  readonly counts: Readonly<ReadCounts>
}

/**
 * Makes a reader of a cache whose keys `cacheTarget`s drop.
 *
 * @param redis a client of `ioredis` or `redis`; it stays the application's
 * @param database what the values are loaded from, Prisma Client for example: it is asked for its snapshot before a load.
 *   With several replicas behind one address, use a client for one of them
 * @throws WritebackError `CONFIG_INVALID`
 */
export function cached(redis: RedisClient, database: Sql | RawQueries, options?: CacheOptions): Cached {
  const reader = new CacheReader(redisOf(redis), database, readerSettings(options))
  return {
    get: (key, load, given) => reader.get(key, load, given) as never,
    counts: reader.counts,
  }
}
