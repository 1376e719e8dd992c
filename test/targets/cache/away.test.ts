import { PrismaPg } from '@prisma/adapter-pg'
import { Redis as Ioredis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../../src/index.ts'
import { hasServer, ownRedis, type RedisProcess } from '../../../tools/own-redis.ts'
import { openWorld, type World } from '../../support/running-worker.ts'
import { until } from '../../support/wait.ts'
import { CLIENTS } from './support/redis.ts'

const { defineConfig, cacheTarget } = forClient<PrismaClient>(dataModel)
const BER = {
  ...{ iata: 'BER', name: 'Berlin', city: 'Berlin', country: 'DE' },
  ...{ latitude: 52, longitude: 13 },
}

describe.skipIf(!hasServer).each(Object.keys(CLIENTS))(
  'a Redis of the test (redis-server), with %s: a worker',
  (name) => {
    let server: RedisProcess
    let world: World
    let redis: Ioredis
    afterEach(async () => {
      await world.close()
      redis.disconnect()
      await server.close()
    })

    async function open(...args: string[]) {
      server = await ownRedis()
      await server.start(...args)
      redis = new Ioredis(server.url)
      redis.on('error', () => {})
      world = await openWorld((url) =>
        defineConfig({
          client: () => new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 2 }) }),
          targets: [
            cacheTarget({
              name: 'cache',
              model: 'Airport',
              redis: () => CLIENTS[name]!(server.url),
              keys: ({ iata }) => [`airport:${iata}`],
            }),
          ],
        }),
      )
      await world.work()
      await world.settled('cache')
    }
    const complaint = async (what: string) => {
      await until(`status says ${what}`, async () => {
        const { complaints } = world.operations.health(await world.operations.stats())
        return complaints.some(({ message }) => message.includes(what))
      })
      expect((await world.jobs('cache')).every(({ attempts }) => attempts === 0)).toBe(true)
    }
    const there = () => redis.exists('airport:BER')
    const dropped = () => until('the key is dropped', async () => (await there()) === 0, 40_000)
    const verdict = async () => world.operations.health(await world.operations.stats()).verdict

    it('waits while Redis is away, uses up no attempt, and drops what changed meanwhile', async () => {
      await open()
      await world.app.airport.create({ data: BER })
      await world.settled('cache')
      // Redis comes back with it: the worker may be there before the client of the test.
      await redis.set('airport:BER', 'old')
      await redis.save()
      await server.kill()
      await world.app.airport.update({ where: { iata: 'BER' }, data: { city: 'Schönefeld' } })
      await complaint('PLACE_UNAVAILABLE')
      await server.start()
      await until('the client of the test is there', async () => (await redis.ping()) === 'PONG')
      await dropped()
      await world.settled('cache')
      expect(await verdict()).toBe('well')
    }, 90_000)

    it('waits while Redis is read-only', async () => {
      await open()
      await redis.set('airport:BER', 'old')
      await redis.replicaof('127.0.0.1', server.port === 1 ? 2 : 1)
      await world.app.airport.create({ data: BER })
      await complaint('Redis answers READONLY')
      await redis.replicaof('NO', 'ONE')
      await dropped()
    }, 90_000)

    it('says so when its user may not do what it has to', async () => {
      await open()
      await redis.set('airport:BER', 'old')
      await redis.call('ACL', 'SETUSER', 'default', '-unlink')
      await world.app.airport.create({ data: BER })
      await complaint('PLACE_FORBIDDEN')
      expect(await there()).toBe(1)
    }, 90_000)

    it('is looked at by the doctor', async () => {
      await open()
      const check = async () => {
        const { checkCaches } = await import('../../../src/targets/cache/check.ts')
        const services = {
          ...{ sql: world.sql, schemas: { library: 'public', queue: 'pgboss' } },
          ...{ dataModel, variables: {} },
        }
        const target = cacheTarget({
          name: 'cache',
          model: 'Airport',
          redis: () => CLIENTS[name]!(server.url),
          keys: () => [],
        })
        return await checkCaches(services, [target])
      }
      expect(await check()).toMatchObject([{ severity: 'ok', message: expect.stringMatching(/^Redis \d/) }])
      await redis.config('SET', 'maxmemory', '100mb')
      await redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
      await redis.set('writeback:floor', `x ${10n ** 15n} `)
      expect(await check()).toMatchObject([
        { severity: 'ok' },
        { severity: 'warning', message: expect.stringContaining('allkeys-lru') },
        { severity: 'warning', message: expect.stringContaining('of another database') },
      ])
      await server.kill()
      expect(await check()).toMatchObject([
        { severity: 'error', message: expect.stringMatching(/^Redis (cannot be reached|did not)/) },
      ])
    }, 60_000)
  },
)
