import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { PrismaClient } from '../prisma/generated/client/client.ts'
import { cached } from '../src/index.ts'
import type { Proof } from './proof.ts'

/** Reads requests through the cache while they change, as pages of an application do. */
export interface Readers {
  /** Reads so far. */
  readonly reads: number
  /** Reads every request through the cache once more and compares with the table. */
  prove(): Promise<Proof>
  stop(): Promise<void>
}

const TTL_SECONDS = 600

/** Starts reading. */
export function startReaders(redisUrl: string, prisma: PrismaClient): Readers {
  const redis = new Redis(redisUrl)
  // The demo goes on without a cache that is away.
  redis.on('error', () => {})
  const cache = cached(redis, prisma)
  const load = (id: string) => async () => {
    const found = await prisma.request.findUnique({ where: { id } })
    return found && { reference: found.reference, status: found.status, passengers: found.passengers }
  }
  const read = (id: string) => cache.get(`request:${id}`, load(id), { ttl: TTL_SECONDS })
  let reads = 0
  let isOn = true
  const reading = (async () => {
    while (isOn) {
      const ids = await prisma.request.findMany({ select: { id: true } })
      for (const { id } of ids) {
        if (!isOn) return
        await read(id)
        reads++
      }
      await sleep(10)
    }
  })()
  return {
    get reads() {
      return reads
    },
    async prove() {
      const ids = (await prisma.request.findMany({ select: { id: true } })).map(({ id }) => id)
      const differences: string[] = []
      for (const id of ids) {
        const [kept, now] = [await read(id), await load(id)()]
        if (JSON.stringify(kept) !== JSON.stringify(now))
          differences.push(`request ${id} is old in the cache`)
      }
      return { tab: 'cache', records: ids.length, rows: ids.length, cells: ids.length * 3, differences }
    },
    async stop() {
      isOn = false
      await reading
      redis.disconnect()
    },
  }
}
