import { randomBytes } from 'node:crypto'
import { setImmediate as hop } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { Sql } from '../../src/database/sql.ts'
import { cached } from '../../src/index.ts'
import { Tickets } from '../../src/lane/tickets.ts'
import { Invalidation } from '../../src/targets/cache/invalidation.ts'
import { CacheNames } from '../../src/targets/cache/names.ts'
import { redisOf } from '../../src/targets/cache/redis/client.ts'
import { WorkerFloor } from '../../src/targets/cache/worker-floor.ts'
import { atLeast, atMost, type Measurement, told } from '../measurement.ts'
import { openPool } from '../peers/database.ts'
import { randomOf } from '../peers/random.ts'
import type { BenchDatabase } from './database.ts'
import { connectRedis, SHOWN_URL } from './redis.ts'

const RACES = 100_000
const PLAIN_RACES = 10_000
const AT_ONCE = 16
/** How far reader and writer are pushed apart, in turns of the event loop. */
const HOPS = 12

/** One reader that misses and loads, and one change of the same row with its invalidation, begun together. */
interface Contestants {
  /** Reads through the cache. `read` reads the row, and takes its time. */
  read(name: string, read: () => Promise<number>): Promise<unknown>
  drop(name: string): Promise<unknown>
  /** What stands in the cache once both are done. */
  stored(name: string): Promise<number | null>
  clear(name: string): Promise<unknown>
}

/** Races of a load and an invalidation, with the fence and with a plain DEL. Without a Redis there is nothing to say. */
export async function* cacheFigures(database: BenchDatabase): AsyncGenerator<Measurement> {
  const redis = await connectRedis()
  if (!redis) {
    process.stderr.write(`cache: no Redis at ${SHOWN_URL}, its races are left out\n`)
    return
  }
  const url = await database.create('cache_races')
  const pool = openPool(url, { max: 12, options: '-c synchronous_commit=off' })
  const sql: Sql = {
    query: async (text, values) => (await pool.query(text, values && [...values])).rows,
  }
  const prefix = `bench:${randomBytes(4).toString('hex')}:`
  try {
    await sql.query('create table cache_race (name text primary key, n int not null)')
    const seed = Number(process.env.BENCH_SEED ?? Math.floor(Math.random() * 2 ** 31))
    process.stderr.write(`cache: BENCH_SEED=${seed} repeats the pushes of these races\n`)
    const { contestants, counts } = fenced(redis, sql, prefix)
    const began = performance.now()
    yield atMost('cache.races.fence.stale', await run(sql, contestants, RACES, seed), 'keys', 0)
    yield told('cache.races.fence.races', RACES, 'races')
    yield told('cache.races.fence.rate', (RACES / (performance.now() - began)) * 1000, 'races/s')
    yield atLeast('cache.races.fence.refused', counts.refused, 'fills', 1)
    yield told('cache.races.fence.stored', counts.stored, 'fills')
    yield atMost('cache.races.fence.errors', counts.errors, 'errors', 0)
    const stale = await run(sql, plain(redis, prefix), PLAIN_RACES, seed)
    yield atLeast('cache.races.plain_del.stale', stale, 'keys', 1)
    yield told('cache.races.plain_del.races', PLAIN_RACES, 'races')
  } finally {
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1000 }))
      if (keys.length > 0) await redis.unlink(...keys)
    redis.disconnect()
    await pool.end()
  }
}

/** @returns how many races left an old value */
async function run(sql: Sql, { read, drop, stored, clear }: Contestants, races: number, seed: number) {
  let stale = 0
  let next = 0
  const random = randomOf(seed)
  const draw = () => random(0, HOPS)
  const pause = async (hops: number) => {
    for (let at = 0; at < hops; at++) await hop()
  }
  const lane = async (own: number) => {
    while (next < races) {
      const n = ++next
      const name = `${own}.${n % 50}`
      await clear(name)
      const [before, between] = [draw(), draw()]
      await Promise.all([
        read(name, async () => {
          const [row] = await sql.query<{ n: number }>('select n from cache_race where name = $1', [name])
          await pause(between)
          return row?.n ?? 0
        }),
        (async () => {
          await pause(before)
          await sql.query(
            'insert into cache_race values ($1, $2) on conflict (name) do update set n = excluded.n',
            [name, n],
          )
          await drop(name)
        })(),
      ])
      const left = await stored(name)
      if (left !== null && left !== n) stale++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, own) => lane(own)))
  return stale
}

function fenced(redis: Redis, sql: Sql, prefix: string) {
  const namespace = `${prefix}side`
  const names = new CacheNames(namespace)
  const cache = cached(redis, sql, { namespace, redisMs: 10_000 })
  const connection = redisOf(redis)
  const tickets = new Tickets('public')
  const floor = new WorkerFloor(names, sql, () => {})
  const contestants: Contestants = {
    read: (name, load) => cache.get(prefix + name, load, { ttl: 600 }),
    async drop(name) {
      const at = await tickets.draw(sql)
      const standing = await floor.check(connection, at.xmax)
      const batch = new Invalidation(
        connection,
        names,
        { ...at, floor: standing },
        new AbortController().signal,
      )
      batch.key(name, prefix + name, undefined)
      for (const error of (await batch.run(60)).values()) throw error
    },
    async stored(name) {
      const text = await redis.get(prefix + name)
      return text === null ? null : JSON.parse(text).v
    },
    clear: (name) => redis.unlink(prefix + name, names.lease(prefix + name)),
  }
  return { contestants, counts: cache.counts }
}

function plain(redis: Redis, prefix: string): Contestants {
  return {
    async read(name, load) {
      const there = await redis.get(prefix + name)
      if (there === null) await redis.set(prefix + name, await load(), 'EX', 600)
    },
    drop: (name) => redis.del(prefix + name),
    async stored(name) {
      const text = await redis.get(prefix + name)
      return text === null ? null : Number(text)
    },
    clear: (name) => redis.unlink(prefix + name),
  }
}
