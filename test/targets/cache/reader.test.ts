import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cached } from '../../../src/index.ts'
import { until } from '../../support/wait.ts'
import { hasRedis, REDIS_URL } from './support/redis.ts'
import { openRig, type Rig } from './support/rig.ts'

describe.skipIf(!hasRedis)(`reading through the Redis of ${REDIS_URL}`, () => {
  let rig: Rig
  beforeEach(async () => {
    rig = await openRig()
  })
  afterEach(() => rig.close())

  const get = (cache = rig.reader(), tags?: string[]) =>
    cache.get(rig.key('a'), () => rig.load('a'), { ttl: 60, ...(tags && { tags }) })

  describe('the race of a load and a change', () => {
    /** A load that reads, and lets the change and its invalidation happen before it returns. */
    const overtaken = async (drop: () => Promise<unknown>) => {
      const read = await rig.load('a')
      await rig.change('a', 2)
      await drop()
      return read
    }

    it('leaves the old value with a plain DEL', async () => {
      await rig.change('a', 1)
      const value = await overtaken(() => rig.redis.del(rig.key('a')))
      await rig.redis.set(rig.key('a'), JSON.stringify({ v: value }))
      expect(await rig.stored('a')).toBe(1)
      expect(await rig.load('a')).toBe(2)
    })

    it('leaves nothing here: the lease went with the invalidation', async () => {
      await rig.change('a', 1)
      const cache = rig.reader()
      const options = { ttl: 60 }
      expect(await cache.get(rig.key('a'), () => overtaken(() => rig.drop('a')), options)).toBe(1)
      expect(cache.counts).toMatchObject({ stored: 0, refused: 1 })
      expect(await rig.stored('a')).toBeNull()
      expect(await get()).toBe(2)
    })

    it('leaves nothing when the fence was evicted, either', async () => {
      await rig.change('a', 1)
      const drop = async () => {
        await rig.drop('a')
        await rig.redis.del(`${rig.key('side')}:fence:{${rig.key('a')}}`)
      }
      expect(await rig.reader().get(rig.key('a'), () => overtaken(drop), { ttl: 60 })).toBe(1)
      expect(await rig.stored('a')).toBeNull()
    })

    it('leaves nothing when the job is done before the load begins, on a replica that lags', async () => {
      await rig.change('a', 1)
      await get()
      const replica = await rig.lagging()
      await rig.change('a', 2)
      await rig.drop('a')
      const cache = rig.reader({}, replica.database)
      const load = () => rig.load('a', replica.database)
      expect(await cache.get(rig.key('a'), load, { ttl: 60 })).toBe(1)
      expect(cache.counts).toMatchObject({ stored: 0, refused: 1 })
      await replica.end()
      expect(await rig.stored('a')).toBeNull()
      expect(await get()).toBe(2)
    })

    it('ends what a load on a replica that lags has stored under a tag', async () => {
      await rig.change('a', 1)
      await get()
      const replica = await rig.lagging()
      await rig.change('a', 2)
      await rig.drop('a')
      const cache = rig.reader({}, replica.database)
      const load = () => rig.load('a', replica.database)
      const read = () => cache.get(rig.key('list'), load, { ttl: 60, tags: () => ['a'] })
      expect(await read()).toBe(1)
      expect(await rig.stored('list')).toBe(1)
      await read()
      expect(cache.counts).toMatchObject({ hits: 0, loads: 2 })
      await replica.end()
    })
  })

  it('stores nothing while a transaction is open that is older than the last change, and says the value', async () => {
    const cache = rig.reader()
    await get(cache)
    const writer = await rig.lagging()
    await writer.database.query("insert into numbers values ('other', 1)")
    await rig.change('a', 2)
    await rig.apply(await rig.read(), 'a')
    expect(await get(cache)).toBe(2)
    expect(await rig.stored('a')).toBeNull()
    expect(cache.counts).toMatchObject({ refused: 1 })
    // For a moment nobody tries again, nor waits for somebody who does.
    const began = performance.now()
    await Promise.all(Array.from({ length: 20 }, () => get(cache)))
    expect(performance.now() - began).toBeLessThan(1_000)
    await writer.end()
    await until('it is stored', async () => (await get(cache)) === 2 && (await rig.stored('a')) === 2)
  })

  describe('a lease', () => {
    it('lets one of many load', async () => {
      await get()
      await rig.drop('a')
      const caches = Array.from({ length: 5 }, () => rig.reader())
      let loads = 0
      const load = async () => {
        loads++
        await sleep(50)
        return 7
      }
      const reads = caches.flatMap((cache) =>
        Array.from({ length: 10 }, () => cache.get(rig.key('a'), load, { ttl: 60 })),
      )
      expect(new Set(await Promise.all(reads))).toEqual(new Set([7]))
      expect(loads).toBe(1)
    })

    it('of somebody who died expires; meanwhile others load by themselves', async () => {
      await get()
      await rig.drop('a')
      const lease = `${rig.key('side')}:lease:{${rig.key('a')}}`
      await rig.redis.set(lease, 'of a process that died', 'PX', 1_500)
      const cache = rig.reader({ waitMs: 50 })
      expect(await get(cache)).toBe(0)
      expect(cache.counts).toMatchObject({ loads: 1, stored: 0 })
      await until('somebody stores it', async () => {
        await get(cache)
        return cache.counts.stored === 1
      })
    })

    it('is given back when the load fails', async () => {
      const cache = rig.reader()
      await get(cache)
      await rig.drop('a')
      const failing = cache.get(rig.key('a'), () => Promise.reject(new Error('no')), { ttl: 60 })
      await expect(failing).rejects.toThrow('no')
      expect(await get(cache)).toBe(0)
      expect(cache.counts).toMatchObject({ stored: 2 })
    })

    it('that is over before the load is stores nothing', async () => {
      const cache = rig.reader({ leaseMs: 100 })
      await get(cache)
      await rig.drop('a')
      const slow = async () => {
        await until('the lease is over', async () => (await rig.redis.exists(...leases())) === 0)
        return 1
      }
      const leases = () => [`${rig.key('side')}:lease:{${rig.key('a')}}`]
      expect(await cache.get(rig.key('a'), slow, { ttl: 60 })).toBe(1)
      expect(await rig.stored('a')).toBeNull()
    })
  })

  describe('values of workers', () => {
    const stored = async () => {
      const cache = rig.reader()
      const value = await cache.get(rig.key('a'), () => Promise.resolve(undefined), { ttl: 60 })
      return value === undefined ? null : value
    }

    it('are written in the order of their tickets, whichever comes last', async () => {
      await rig.drop('a')
      const early = await rig.read()
      const late = await rig.read()
      await rig.apply(late, 'a', 2)
      expect(await stored()).toBe(2)
      await rig.apply(early, 'a', 1)
      // The fence stands, and nothing older than it.
      expect(await stored()).toBeNull()
      await rig.drop('a', 3)
      expect(await stored()).toBe(3)
    })

    it('do not take the place of what a reader has loaded of a later snapshot', async () => {
      await rig.change('a', 1)
      await rig.drop('a')
      const at = await rig.read()
      await rig.change('a', 2)
      expect(await get()).toBe(2)
      await rig.apply(at, 'a', 1)
      expect(await stored()).toBeNull()
    })
  })

  it('has the same value from the cache as from the load', async () => {
    const cache = rig.reader()
    const value = { at: new Date(0), n: 5n, none: undefined, list: [new Date(1)] }
    const read = () => cache.get(rig.key('b'), () => Promise.resolve(value), { ttl: 60 })
    const loaded: { at: string; n: string; list: string[] } = await read()
    expect(loaded).toEqual({ at: '1970-01-01T00:00:00.000Z', n: '5', list: ['1970-01-01T00:00:00.001Z'] })
    expect(await read()).toEqual(loaded)
    expect(cache.counts).toMatchObject({ hits: 1, loads: 1 })
  })

  it('keeps null, and not undefined', async () => {
    const cache = rig.reader()
    let loads = 0
    const read = (key: string, value: null | undefined) =>
      cache.get(
        rig.key(key),
        async () => {
          loads++
          return value
        },
        { ttl: 60 },
      )
    expect([await read('n', null), await read('n', null), loads]).toEqual([null, null, 1])
    expect([await read('u', undefined), await read('u', undefined), loads]).toEqual([undefined, undefined, 3])
  })

  it('takes what is no value of its own for none', async () => {
    for (const text of ['plain', '{"x":"', '{"x":"1","v":1}', '[]']) {
      await rig.redis.set(rig.key('a'), text)
      expect(await get()).toBe(0)
    }
  })

  it('begins anew when the database is behind the cache, as after a restore', async () => {
    const cache = rig.reader()
    await get(cache)
    await rig.redis.set(`${rig.key('side')}:floor`, `old ${10n ** 15n} ${await runId()}`)
    await rig.redis.set(rig.key('a'), `{"x":"${10n ** 15n + 1n}","f":"old","v":"of a time that never was"}`)
    expect(await get(cache)).toBe('of a time that never was')
    expect(await cache.get(rig.key('b'), () => rig.load('b'), { ttl: 60 })).toBe(0)
    expect(await get(cache)).toBe(0)
    await until('it is stored again', async () => {
      await get(cache)
      return (await rig.stored('a')) === 0
    })
  })
  const runId = async () => /run_id:(\w+)/.exec(await rig.redis.info('server'))?.[1]

  it('says what is wrong with its options', () => {
    expect(() => cached(rig.redis, rig.sql, { leaseMs: 61_000, waitMs: -1 })).toThrow(
      /^cached: leaseMs: expected at most 60000, got a number; waitMs: expected 0 or more/,
    )
    const zero = rig.reader().get('a', () => Promise.resolve(1), { ttl: 0 })
    return expect(zero).rejects.toThrow(
      'ttl of a cached value: expected seconds, more than 0 and 86400 at most, got 0',
    )
  })
})
