import { Redis } from 'ioredis'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { type Cached, cached } from '../../src/index.ts'
import { CACHED_SECONDS, cacheKey } from '../places.ts'
import { requestIds, type Write } from './write.ts'

let cache: Cached | undefined

/** Reads that leave what they found in the cache; without one they are plain reads. */
export const cachedReads: readonly Write[] = [
  {
    name: 'a request is read through the cache',
    weight: 12,
    async run(prisma, random) {
      const id = random.of(requestIds)
      const load = () =>
        prisma.request.findUnique({ where: { id }, select: { customerName: true, passengers: true } })
      const reader = cacheOf(prisma)
      if (reader) await reader.get(cacheKey(id), load, { ttl: CACHED_SECONDS })
      else await load()
    },
  },
]

function cacheOf(prisma: PrismaClient): Cached | undefined {
  const { TORTURE_REDIS_URL } = process.env
  if (TORTURE_REDIS_URL === undefined) return undefined
  if (cache === undefined) {
    const redis = new Redis(TORTURE_REDIS_URL)
    redis.on('error', () => {})
    cache = cached(redis, prisma)
  }
  return cache
}
