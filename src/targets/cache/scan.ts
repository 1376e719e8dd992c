import type { CacheNames } from './names.ts'
import type { Redis } from './redis/client.ts'

const COUNT = '1000'

/**
 * Finds the keys that match a glob, a page at a time, in two walks through all keys of Redis: first those that somebody
 * loads at this moment, by their leases; then those that are there. A load that ends between the two has stored its
 * value before the second walk begins, so that this one finds it.
 */
export async function* keysLike(redis: Redis, names: CacheNames, glob: string): AsyncGenerator<string[]> {
  for await (const leases of scan(redis, names.leasesLike(glob))) {
    yield leases.map((lease) => names.keyOfLease(lease))
  }
  for await (const keys of scan(redis, glob)) yield keys.filter((key) => !names.isBeside(key))
}

async function* scan(redis: Redis, glob: string): AsyncGenerator<string[]> {
  const { keyPrefix } = redis
  // The client puts its prefix before keys, and a glob is none.
  const match = keyPrefix.replace(/[*?[\]\\^]/g, '\\$&') + glob
  let cursor = '0'
  do {
    const page = await redis.command(undefined, 'SCAN', cursor, 'MATCH', match, 'COUNT', COUNT)
    const [next, keys] = page as [string, string[]]
    cursor = String(next)
    if (keys.length > 0) yield keys.map((key) => key.slice(keyPrefix.length))
  } while (cursor !== '0')
}
