import { randomBytes, randomInt } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { Redis as Ioredis } from 'ioredis'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, it } from 'vitest'
import { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../prisma/generated/writeback/data-model.ts'
import { cached, forClient } from '../../../src/index.ts'
import { openWorld } from '../../support/running-worker.ts'
import { hasRedis, REDIS_URL } from './support/redis.ts'

const { defineConfig, cacheTarget } = forClient<PrismaClient>(dataModel)
const AIRPORTS = 20
const RUN_MS = 6_000
const seed = Number(process.env.RACE_SEED ?? randomInt(2 ** 31))

describe.skipIf(!hasRedis)(`writers, readers and workers at once, on the Redis of ${REDIS_URL}`, () => {
  it(`leave no old value at rest (RACE_SEED=${seed})`, async () => {
    const p = `test:${randomBytes(4).toString('hex')}:`
    const namespace = `${p}side`
    const redis = new Ioredis(REDIS_URL)
    const world = await openWorld((url) =>
      defineConfig({
        client: () => new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 2 }) }),
        targets: [
          cacheTarget({
            ...{ name: 'cache', model: 'Airport', namespace },
            redis: () => new Ioredis(REDIS_URL),
            keys: ({ iata, country }) => [`${p}airport:${iata}`, `${p}country:${country}`],
          }),
        ],
      }),
    )
    try {
      const ids = Array.from({ length: AIRPORTS }, (_, at) => `A${at}`)
      await world.app.airport.createMany({
        data: ids.map((iata) => ({ iata, name: '0', country: 'C0', latitude: 0, longitude: 0 })),
      })
      await world.work()
      await world.work()
      const random = xoroshiro128plus(seed)
      const below = (count: number) => uniformInt(random, 0, count - 1)
      const cache = cached(redis, world.app, { namespace, redisMs: 10_000 })
      const options = { ttl: 600 }
      const airport = (iata: string) =>
        cache.get(`${p}airport:${iata}`, () => world.app.airport.findUnique({ where: { iata } }), options)
      const country = (name: string) =>
        cache.get(
          `${p}country:${name}`,
          () => world.app.airport.findMany({ where: { country: name }, orderBy: { iata: 'asc' } }),
          { ...options, tags: (found) => found.map(({ iata }) => `Airport:${iata}`) },
        )
      const end = performance.now() + RUN_MS
      const again = async (work: () => Promise<unknown>) => {
        while (performance.now() < end) await work()
      }
      const write = () =>
        world.app.airport.update({
          where: { iata: `A${below(AIRPORTS)}` },
          data: { name: String(below(10 ** 6)), country: `C${below(3)}` },
        })
      const read = () => (below(4) === 0 ? country(`C${below(3)}`) : airport(`A${below(AIRPORTS)}`))
      await Promise.all([
        ...Array.from({ length: 2 }, () => again(write)),
        ...Array.from({ length: 6 }, () => again(read)),
      ])
      await world.settled('cache')
      const { hits, stored } = cache.counts
      expect(hits).toBeGreaterThan(0)
      expect(stored).toBeGreaterThan(0)
      for (const iata of ids) {
        expect(await airport(iata)).toEqual(await world.app.airport.findUnique({ where: { iata } }))
      }
      for (const name of ['C0', 'C1', 'C2']) {
        const inside = { where: { country: name }, orderBy: { iata: 'asc' } } as const
        expect(await country(name)).toEqual(await world.app.airport.findMany(inside))
      }
    } finally {
      await world.close()
      const keys = await redis.keys(`${p}*`)
      if (keys.length > 0) await redis.unlink(...keys)
      redis.disconnect()
    }
  }, 120_000)
})
