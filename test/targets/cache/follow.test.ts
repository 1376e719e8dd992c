import { randomBytes } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { Redis as Ioredis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Worker } from '../../../jobs/start-worker.ts'
import { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../prisma/generated/writeback/data-model.ts'
import { type Cached, cached, forClient, type RedisClient } from '../../../src/index.ts'
import { openWorld, type World } from '../../support/running-worker.ts'
import { until } from '../../support/wait.ts'
import { CLIENTS, hasRedis, REDIS_URL } from './support/redis.ts'
import { quiet } from './support/rig.ts'

const { defineConfig, cacheTarget } = forClient<PrismaClient>(dataModel)

const airport = (iata: string, country = 'DE') => ({
  ...{ iata, country, name: `Airport ${iata}`, city: 'Berlin' },
  ...{ latitude: 52, longitude: 13 },
})

describe.skipIf(!hasRedis).each(Object.keys(CLIENTS))(
  `keys in the Redis of ${REDIS_URL}, with %s`,
  (name) => {
    const clientOf = CLIENTS[name] as (url?: string) => RedisClient & { disconnect?(): void }
    let world: World
    let redis: Ioredis
    let reader: RedisClient
    let cache: Cached
    let p: string
    let worker: Worker

    beforeEach(() => {
      p = `test:${randomBytes(4).toString('hex')}:`
      redis = new Ioredis(REDIS_URL)
      reader = clientOf()
    })
    afterEach(async () => {
      await world.close()
      if ('disconnect' in reader && 'call' in reader) reader.disconnect?.()
      else if ('destroy' in reader && reader.isOpen) reader.destroy()
      const keys = await redis.keys(`*${p}*`)
      if (keys.length > 0) await redis.unlink(...keys)
      redis.disconnect()
    })

    async function open(
      more: Partial<Parameters<typeof cacheTarget<'Airport', Record<never, never>>>[0]> = {},
    ): Promise<void> {
      world = await openWorld((url) =>
        defineConfig({
          client: () => new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 2 }) }),
          targets: [
            cacheTarget({
              name: 'cache',
              model: 'Airport',
              redis: () => clientOf(),
              namespace: `${p}side`,
              keys: ({ iata, country }) => [`${p}airport:${iata}`, `${p}country:${country}`],
              ...more,
            }),
          ],
        }),
      )
      cache = cached(reader, world.app, { namespace: `${p}side`, redisMs: 10_000 })
      await work()
    }
    const work = async () => {
      worker = await world.work()
      await world.settled('cache')
      await quiet(world.sql)
    }
    const get = (iata: string) =>
      cache.get(`${p}airport:${iata}`, () => world.app.airport.findUnique({ where: { iata } }), { ttl: 60 })
    const inCountry = (country: string, tags?: (found: { iata: string }[]) => string[]) =>
      cache.get(
        `${p}country:${country}`,
        () => world.app.airport.findMany({ where: { country }, orderBy: { iata: 'asc' } }),
        { ttl: 60, ...(tags && { tags }) },
      )
    const changed = async (work: Promise<unknown>) => {
      await work
      await world.settled('cache')
      await quiet(world.sql)
    }
    const there = async (key: string) => (await redis.exists(p + key)) === 1

    it('follows a change: the next read has it, and is stored again', async () => {
      await open()
      await changed(world.app.airport.create({ data: airport('BER') }))
      expect(await get('BER')).toMatchObject({ city: 'Berlin' })
      expect(await get('BER')).toMatchObject({ city: 'Berlin' })
      expect(cache.counts).toMatchObject({ hits: 1, loads: 1, stored: 1, errors: 0 })
      await changed(world.app.airport.update({ where: { iata: 'BER' }, data: { city: 'Schönefeld' } }))
      expect(await there('airport:BER')).toBe(false)
      expect(await get('BER')).toMatchObject({ city: 'Schönefeld' })
      await changed(world.app.airport.delete({ where: { iata: 'BER' } }))
      expect(await get('BER')).toBeNull()
      expect(await get('BER')).toBeNull()
      expect(cache.counts).toMatchObject({ hits: 2, loads: 3, errors: 0 })
    })

    it('drops keys of the record as it was', async () => {
      await open()
      await changed(world.app.airport.create({ data: airport('BER', 'DE') }))
      expect(await inCountry('DE')).toHaveLength(1)
      expect(await inCountry('FR')).toHaveLength(0)
      await changed(world.app.airport.update({ where: { iata: 'BER' }, data: { country: 'FR' } }))
      expect(await inCountry('DE')).toHaveLength(0)
      expect(await inCountry('FR')).toHaveLength(1)
      await changed(world.app.airport.delete({ where: { iata: 'BER' } }))
      expect(await there('country:DE')).toBe(true)
      expect(await there('country:FR')).toBe(false)
      expect(await inCountry('FR')).toHaveLength(0)
    })

    it('drops what anybody else has put under a key, of any type', async () => {
      await open()
      await redis.hset(`${p}airport:BER`, { city: 'Berlin' })
      await redis.set(`${p}country:DE`, 'ours')
      await changed(world.app.airport.create({ data: airport('BER') }))
      expect(await there('airport:BER')).toBe(false)
      expect(await there('country:DE')).toBe(false)
    })

    it('drops a key again of a record that is gone, came back unseen and is gone again', async () => {
      await open()
      await changed(world.app.airport.create({ data: airport('BER') }))
      await changed(world.app.airport.delete({ where: { iata: 'BER' } }))
      await worker.stop()
      await world.app.airport.create({ data: airport('BER') })
      expect(await get('BER')).toMatchObject({ iata: 'BER' })
      expect(await there('airport:BER')).toBe(true)
      await world.app.airport.delete({ where: { iata: 'BER' } })
      await work()
      expect(await get('BER')).toBeNull()
    })

    it('drops keys of the id of a record that no worker has ever seen', async () => {
      await open({ keys: () => [], idKeys: (id) => [`${p}airport:${id}`] })
      await worker.stop()
      await world.app.airport.create({ data: airport('BER') })
      expect(await get('BER')).toMatchObject({ iata: 'BER' })
      await world.app.airport.delete({ where: { iata: 'BER' } })
      await work()
      expect(await get('BER')).toBeNull()
    })

    it('ends what is tagged with a record, also where the record stood only in between', async () => {
      await open()
      const tags = (found: { iata: string }[]) => found.map(({ iata }) => `Airport:${iata}`)
      await changed(world.app.airport.create({ data: airport('BER', 'DE') }))
      await worker.stop()
      await world.app.airport.update({ where: { iata: 'BER' }, data: { country: 'PL' } })
      expect(await inCountry('PL', tags)).toHaveLength(1)
      // No worker has seen the record there.
      await world.app.airport.update({ where: { iata: 'BER' }, data: { country: 'FR' } })
      await work()
      expect(await there('country:PL')).toBe(true)
      expect(await inCountry('PL', tags)).toHaveLength(0)
      expect(await inCountry('PL', tags)).toHaveLength(0)
      expect(cache.counts).toMatchObject({ hits: 1, loads: 2 })
    })

    it('ends what is tagged, and raises tags of the record as it was', async () => {
      await open({ keys: () => [], tags: ({ country }) => [`country:${country}`] })
      const count = (country: string) =>
        cache.get(`${p}count:${country}`, () => world.app.airport.count({ where: { country } }), {
          ttl: 60,
          tags: [`country:${country}`],
        })
      await changed(world.app.airport.create({ data: airport('BER', 'DE') }))
      expect([await count('DE'), await count('FR'), await count('DE')]).toEqual([1, 0, 1])
      expect(cache.counts).toMatchObject({ hits: 1, loads: 2 })
      await changed(world.app.airport.update({ where: { iata: 'BER' }, data: { country: 'FR' } }))
      expect([await count('DE'), await count('FR')]).toEqual([0, 1])
      expect([await count('DE'), await count('FR')]).toEqual([0, 1])
      expect(cache.counts).toMatchObject({ hits: 3, loads: 4 })
    })

    it('drops keys that match a pattern, and stores no load of one that was under way', async () => {
      await open({ keys: () => [], patterns: ({ country }) => [`${p}page:${country}:*`] })
      const page = (country: string, number: number, before = async () => {}) =>
        cache.get(
          `${p}page:${country}:${number}`,
          async () => {
            const found = await world.app.airport.count({ where: { country } })
            await before()
            return found
          },
          { ttl: 60 },
        )
      await page('DE', 1)
      await page('FR', 1)
      const underWay = page('DE', 2, () => changed(world.app.airport.create({ data: airport('BER', 'DE') })))
      expect(await underWay).toBe(0)
      expect(cache.counts).toMatchObject({ stored: 2, refused: 1 })
      expect([await there('page:DE:1'), await there('page:DE:2'), await there('page:FR:1')]).toEqual([
        ...[false, false, true],
      ])
      expect(await page('DE', 2)).toBe(1)
    })

    it('stores values itself, where the target says them', async () => {
      await open({
        keys: ({ iata, country }) => [`${p}airport:${iata}`, `${p}country:${country}`],
        value: ({ iata, city }, key) => (key === `${p}airport:${iata}` ? { iata, city } : undefined),
        ttl: 30,
      })
      // The batch that begins the cache stores nothing: it was read before.
      await changed(world.app.airport.create({ data: airport('AAA') }))
      await changed(world.app.airport.create({ data: airport('BER') }))
      expect(await get('BER')).toEqual({ iata: 'BER', city: 'Berlin' })
      await changed(world.app.airport.update({ where: { iata: 'BER' }, data: { city: 'Schönefeld' } }))
      expect(await get('BER')).toEqual({ iata: 'BER', city: 'Schönefeld' })
      expect(cache.counts).toMatchObject({ hits: 2, loads: 0 })
      expect(await redis.ttl(`${p}airport:BER`)).toBeLessThanOrEqual(30)
      expect(await there('country:DE')).toBe(false)
      await changed(world.app.airport.delete({ where: { iata: 'BER' } }))
      expect(await there('airport:BER')).toBe(false)
    })

    it('makes a dead letter of a record whose fence cannot be set, and lets the others through', async () => {
      await open()
      await redis.lpush(`${p}side:fence:{${p}airport:BAD}`, 'something of somebody else')
      await redis.set(`${p}airport:BAD`, 'old')
      await world.app.airport.createMany({ data: [airport('AAA'), airport('BAD', 'FR')] })
      await until('it is a dead letter', async () =>
        (await world.jobs('cache')).some(({ record, code }) => record === 'BAD' && code === 'PLACE_REFUSED'),
      )
      await world.settled('cache')
      expect(await redis.exists(`${p}side:fence:{${p}airport:AAA}`)).toBe(1)
      expect(await there('airport:BAD')).toBe(false)
      expect(JSON.stringify(world.log)).not.toContain(p)
    })

    it('shows the keys of a record to operators', async () => {
      await open()
      await changed(world.app.airport.create({ data: airport('BER', 'DE') }))
      await get('BER')
      const shown = await world.operations.showRecord('cache', 'BER', world.app)
      expect(shown).toMatchObject({ entry: '2 keys in Redis', inDatabase: true, hasBase: true })
      expect(shown?.columns[0]).toMatchObject({
        header: `${p}airport:BER`,
        base: 'dropped',
        database: 'follows',
        place: expect.stringMatching(/^a value of snapshot \d+, kept \d+ s; fence \d+, kept \d+ s$/),
      })
      expect(shown?.columns[1]?.place).toMatch(/^nothing; fence \d+, kept \d+ s$/)
    })
  },
)
