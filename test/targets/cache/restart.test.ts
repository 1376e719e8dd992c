import { Redis as Ioredis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { hasServer, ownRedis, type RedisProcess } from '../../../tools/own-redis.ts'
import { until } from '../../support/wait.ts'
import { openRig, type Rig } from './support/rig.ts'

describe.skipIf(!hasServer)('a Redis of the test (redis-server) that loses something', () => {
  let server: RedisProcess
  let rig: Rig
  afterEach(async () => {
    await rig.close()
    await server.close()
  })
  async function open(...args: string[]) {
    server = await ownRedis()
    await server.start(...args)
    rig = await openRig(server.url)
  }
  const get = (cache = rig.reader(), load = () => rig.load('a')) => cache.get(rig.key('a'), load, { ttl: 60 })
  const restart = async (...args: string[]) => {
    await server.kill()
    await server.start(...args)
    await until('the client is there again', async () => (await rig.redis.ping()) === 'PONG')
  }

  it('stores no load that began before it lost its fences', async () => {
    await open()
    await rig.change('a', 1)
    const cache = rig.reader({ redisMs: 5_000 })
    await get(cache)
    await rig.drop('a')
    const overtaken = async () => {
      const read = await rig.load('a')
      await rig.change('a', 2)
      await rig.drop('a')
      await restart()
      return read
    }
    expect(await get(cache, overtaken)).toBe(1)
    expect(await rig.stored('a')).toBeNull()
    expect(await get(cache)).toBe(2)
    expect(await get(cache)).toBe(2)
    expect(await rig.stored('a')).toBe(2)
  })

  it('stores no load from a replica that lags behind what was lost', async () => {
    await open()
    await rig.change('a', 1)
    await get()
    const replica = await rig.lagging()
    await rig.change('a', 2)
    await rig.drop('a')
    await restart()
    // A worker, or a reader on the primary, begins the cache anew.
    await rig.drop('other')
    const lagging = () => rig.load('a', replica.database)
    expect(await get(rig.reader({ redisMs: 5_000 }, replica.database), lagging)).toBe(1)
    await replica.end()
    expect(await get()).toBe(2)
  })

  it('does not take up again what comes back from an old file, or from a replica that took over', async () => {
    await open()
    await rig.change('a', 1)
    const cache = rig.reader({ redisMs: 5_000 })
    await get(cache)
    await rig.redis.save()
    await rig.change('a', 2)
    await rig.drop('a')
    await restart()
    expect(await rig.stored('a')).toBe(1)
    // Another reader asks at once; this one does so every few seconds.
    expect(await get()).toBe(2)
    await until('this one has noticed', async () => (await get(cache)) === 2)
  })

  it('can still be told of changes when its memory is full, and is read past', async () => {
    await open()
    await rig.change('a', 1)
    const cache = rig.reader()
    await get(cache)
    await rig.redis.config('SET', 'maxmemory', '1')
    await rig.change('a', 2)
    await rig.drop('a')
    expect(await rig.stored('a')).toBeNull()
    expect(await get(cache)).toBe(2)
    expect(cache.counts).toMatchObject({ errors: 1, loads: 2 })
  })

  it('delays a read for a moment only when it is away', async () => {
    await open()
    await rig.change('a', 1)
    const errors: unknown[] = []
    const cache = rig.reader({ redisMs: 100, onError: (error) => errors.push(error) })
    await server.kill()
    const began = performance.now()
    expect(await get(cache)).toBe(1)
    expect(performance.now() - began).toBeLessThan(2_000)
    expect(errors).toHaveLength(1)
  })

  it('is another one than a user may use: the fence needs rights', async () => {
    await open()
    await rig.redis.call('ACL', 'SETUSER', 'reader', 'on', '>secret', '~*', '+get', '+ping', '+info')
    const client = new Ioredis(server.url.replace('//', '//reader:secret@'))
    await expect(client.eval('return 1', 0)).rejects.toThrow(/^NOPERM/)
    client.disconnect()
  })
})
