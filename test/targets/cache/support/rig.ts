import { randomBytes } from 'node:crypto'
import { Redis as Ioredis } from 'ioredis'
import pg from 'pg'
import type { Sql } from '../../../../src/database/sql.ts'
import { type Cached, type CacheOptions, cached } from '../../../../src/index.ts'
import { Tickets, ticketSequenceSql } from '../../../../src/lane/tickets.ts'
import { Invalidation } from '../../../../src/targets/cache/invalidation.ts'
import { CacheNames } from '../../../../src/targets/cache/names.ts'
import { snapshotOf } from '../../../../src/targets/cache/reader/snapshot.ts'
import { redisOf } from '../../../../src/targets/cache/redis/client.ts'
import { WorkerFloor } from '../../../../src/targets/cache/worker-floor.ts'
import { createTestDatabase } from '../../../support/postgres.ts'
import { until } from '../../../support/wait.ts'
import { REDIS_URL } from './redis.ts'

/** A table of numbers, a Redis, and what a worker does for one key, step by step: no queue in between. */
export interface Rig {
  readonly sql: Sql
  readonly redis: Ioredis
  /** Puts the prefix of this rig before a key. */
  key(name: string): string
  reader(options?: CacheOptions, database?: Sql): Cached
  /** Reads the number under a key, as a load does. */
  load(name: string, database?: Sql): Promise<number>
  /** A change, committed. */
  change(name: string, to: number): Promise<void>
  /** What a worker does for a key once it has the job; then waits until a load may be stored. */
  drop(name: string, value?: unknown): Promise<void>
  /** The two halves of it: what the worker read, and its call. */
  read(): ReturnType<Tickets['draw']>
  apply(at: Awaited<ReturnType<Tickets['draw']>>, name: string, value?: unknown): Promise<void>
  /** A connection of its own, in a transaction that sees what there is now: a replica that lags. */
  lagging(): Promise<{ database: Sql; end(): Promise<void> }>
  /** The number that stands in Redis under a key; null for none. */
  stored(name: string): Promise<number | null>
  close(): Promise<void>
}

/**
 * Waits until every transaction is over that is open now: tests beside this one have theirs, in other databases of the
 * server, and while those are open no load is stored.
 */
export async function quiet(sql: Sql): Promise<void> {
  const { xmax } = await snapshotOf(sql)
  await until('older transactions are over', async () => (await snapshotOf(sql)).xmin >= xmax)
}

/** @param url of another Redis than that of the tests */
export async function openRig(url = REDIS_URL): Promise<Rig> {
  const database = await createTestDatabase()
  const pool = new pg.Pool({ connectionString: database.url, max: 8 })
  pool.on('error', () => {})
  const sql: Sql = {
    query: async (text, values) => (await pool.query(text, values && [...values])).rows,
  }
  await sql.query('create table numbers (name text primary key, n int not null)')
  await sql.query(ticketSequenceSql({ library: 'public', queue: 'pgboss' }))
  const redis = new Ioredis(url)
  redis.on('error', () => {})
  const p = `test:${randomBytes(4).toString('hex')}:`
  const namespace = `${p}side`
  const names = new CacheNames(namespace)
  const tickets = new Tickets('public')
  const floor = new WorkerFloor(names, sql, () => {})
  const connection = redisOf(redis)
  const apply: Rig['apply'] = async (at, name, value) => {
    const standing = await floor.check(connection, at.xmax)
    const one = new Invalidation(connection, names, { ...at, floor: standing }, new AbortController().signal)
    one.key('id', p + name, value)
    one.tag('id', name)
    const [error] = (await one.run(60)).values()
    if (error) throw error
  }
  const read = () => tickets.draw(sql)
  const drop: Rig['drop'] = async (name, value) => {
    await apply(await read(), name, value)
    await quiet(sql)
  }
  await drop('first')
  return {
    sql,
    redis,
    key: (name) => p + name,
    reader: (options, from = sql) => cached(redis, from, { namespace, redisMs: 10_000, ...options }),
    async load(name, from = sql) {
      const [row] = await from.query<{ n: number }>('select n from numbers where name = $1', [name])
      return row?.n ?? 0
    },
    async change(name, to) {
      await sql.query('insert into numbers values ($1, $2) on conflict (name) do update set n = excluded.n', [
        name,
        to,
      ])
    },
    read,
    apply,
    drop,
    async lagging() {
      const client = await pool.connect()
      await client.query('begin isolation level repeatable read')
      await client.query('select 1')
      return {
        database: { query: async (text, values) => (await client.query(text, values && [...values])).rows },
        async end() {
          await client.query('rollback')
          client.release()
        },
      }
    },
    async stored(name) {
      const text = await redis.get(p + name)
      return text === null ? null : JSON.parse(text).v
    },
    async close() {
      const keys = redis.status === 'ready' ? await redis.keys(`${p}*`) : []
      if (keys.length > 0) await redis.unlink(...keys)
      redis.disconnect()
      await pool.end()
      await database.drop()
    },
  }
}
