import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Sql } from '../../../src/database/sql.ts'
import { handBack } from '../../../src/queue/hand-back.ts'
import { QUEUES } from '../../../src/queue/queues.ts'
import { completeJobs, createPublishWorld, fetchJobs, type PublishWorld, publish } from './support.ts'

/*
 * How much of the queue a call reads, counted by Postgres. With a wrong index it would be the whole queue for each key.
 */

let world: PublishWorld
let client: pg.Client
beforeEach(async () => {
  world = await createPublishWorld()
  client = await world.connect()
})
afterEach(() => world.close())

const QUEUED = 3_000
const ids = (count: number, prefix = 'q') => Array.from({ length: count }, (_, at) => `${prefix}${at}`)

async function jobTable(): Promise<string> {
  const [row] = await world.query<{ table_name: string }>(
    `select table_name from pgboss.queue where name = '${QUEUES.writeBack}'`,
  )
  if (row === undefined) throw new Error('the queue is installed')
  return row.table_name
}

/** Entries that have been read of each index of the job table, by this session and not yet reported by it. */
async function entriesRead(): Promise<Map<string, number>> {
  const { rows } = await client.query<{ name: string; read: number }>(
    `select regexp_replace(c.relname, '^.*_', '') as name, pg_stat_get_xact_tuples_returned(c.oid)::int as read
     from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = $1::regclass`,
    [`pgboss.${await jobTable()}`],
  )
  return new Map(rows.map(({ name, read }) => [name, read]))
}

/** Entries that a call reads of each index of the job table; indexes of which it reads none are left out. */
async function readsOf(call: () => Promise<unknown>): Promise<Record<string, number>> {
  // In one transaction: what is read is reported, and counted from 0 again, only between transactions.
  await client.query('begin')
  const before = await entriesRead()
  await call()
  const reads = [...(await entriesRead())].map(
    ([name, read]) => [name, read - (before.get(name) ?? 0)] as const,
  )
  await client.query('commit')
  return Object.fromEntries(reads.filter(([, read]) => read > 0))
}

const total = (reads: Record<string, number>) => Object.values(reads).reduce((sum, read) => sum + read, 0)

/** What the planner knows when the session makes its plans, and in which order the indexes were made. */
const CONDITIONS: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['planned for an empty queue', async () => {}],
  ['planned for an empty queue that is analyzed', async () => world.query('vacuum analyze pgboss.job')],
  [
    'planned for a few jobs that are done',
    async () => {
      await publish(world, client, ids(20, 'done'))
      await completeJobs(world, await fetchJobs(world))
      await world.query('vacuum analyze pgboss.job')
      await client.query('discard plans')
    },
  ],
  [
    'in a database that came from an older pg-boss',
    async () => {
      // Its migrations add the new indexes after the old ones.
      const made = await world.query<{ drop: string; create: string }>(
        `select format('drop index pgboss.%I', c.relname) as drop, pg_get_indexdef(c.oid) as create
         from pg_index i join pg_class c on c.oid = i.indexrelid
         where i.indrelid = $1::regclass and c.relname ~ '_i1[4-7]$'`,
        [`pgboss.${await jobTable()}`],
      )
      for (const index of made) await world.query(`${index.drop}; ${index.create}`)
    },
  ],
]

describe.each(CONDITIONS)('%s', (_, prepare) => {
  beforeEach(async () => {
    await prepare()
    // The session plans every statement now, one record and several, inserted, locked and raised.
    for (const priority of [-10, -10, 0]) {
      await publish(world, client, ['first'], { priority })
      await publish(world, client, ids(2, 'first'), { priority })
    }
    await world.query(`delete from pgboss.job where name = '${QUEUES.writeBack}' and state = 'created'`)
    for (let at = 0; at < QUEUED; at += 1000) {
      await publish(world, client, ids(1000, `q${at}.`), { priority: at === 0 ? -10 : 0 })
    }
  })

  // A record takes two: one for the conflict of its insert, one for the search.
  test('many records that are queued', async () => {
    expect(await readsOf(() => publish(world, client, ids(500, 'q1000.')))).toEqual({ i1: 1_000 })
  })

  test('one record that is queued', async () => {
    expect(await readsOf(() => publish(world, client, ['q1000.7']))).toEqual({ i1: 2 })
  })

  test('a new record, while no job of its priority waits', async () => {
    expect(await readsOf(() => publish(world, client, ['new'], { priority: 5 }))).toEqual({})
  })

  test('one record whose priority is raised', async () => {
    expect(total(await readsOf(() => publish(world, client, ['q0.7'])))).toBeLessThan(10)
  })

  // Postgres may read the queue once for each of the statement's two steps, and not once for each record.
  test('many records whose priority is raised', async () => {
    expect(total(await readsOf(() => publish(world, client, ids(500, 'q0.'))))).toBeLessThan(3 * QUEUED)
  })

  test('many jobs that are handed back', async () => {
    const jobs = await fetchJobs(world, client, 500)
    const sql = { query: async (text: string, values: unknown[]) => (await client.query(text, values)).rows }
    const { schemas } = world.config
    const reads = await readsOf(() => handBack(sql as Sql, schemas, QUEUES.writeBack, jobs, 1000))
    expect(total(reads)).toBeLessThan(3 * QUEUED)
  })
})
