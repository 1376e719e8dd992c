import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseChange } from '../../../src/change/change.ts'
import { DEFAULT_SCHEMAS } from '../../../src/config/schemas.ts'
import { publishError, publishStatement } from '../../../src/queue/publish.ts'
import { PRIORITY } from '../../../src/queue/queues.ts'
import { createPublishWorld, fetchJobs, type PublishWorld, publish } from './support.ts'

let world: PublishWorld
beforeAll(async () => {
  world = await createPublishWorld()
})
afterAll(() => world.close())
beforeEach(() => world.query('delete from pgboss.job'))

interface Row {
  readonly singleton_key: string
  readonly data: unknown
  readonly priority: number
}

const rows = () =>
  world.query<Row>(
    `select singleton_key, data, priority from pgboss.job where state = 'created' order by singleton_key collate "C"`,
  )

test('many records in one call: one job each', async () => {
  const client = await world.connect()
  const ids = Array.from({ length: 5000 }, (_, id) => id)
  expect(await publish(world, client, ids)).toBe(5000)
  expect(await publish(world, client, [...ids, 5000, 5001])).toBe(2)
  expect(await rows()).toHaveLength(5002)
})

test('the jobs of one call are fetched in the order of its records, also in several batches', async () => {
  const client = await world.connect()
  const ids = Array.from({ length: 2500 }, (_, at) => String((at * 7919) % 10_007))
  await publish(world, client, ids)
  const batches: string[][] = []
  for (let at = 0; at < 3; at++) {
    const jobs = await fetchJobs(world, undefined, 1000)
    batches.push(jobs.map((job) => parseChange(job.data).id))
  }
  // Postgres may return the jobs of a batch in any order.
  expect(batches.map((batch) => new Set(batch))).toEqual(
    [ids.slice(0, 1000), ids.slice(1000, 2000), ids.slice(2000)].map((batch) => new Set(batch)),
  )
})

test('finding the queued job takes an index, also when its plan was made with an empty queue', async () => {
  const client = await world.connect()
  await world.query('vacuum analyze pgboss.job')
  for (let call = 0; call < 8; call++) await publish(world, client, [0])
  await publish(
    world,
    client,
    Array.from({ length: 5000 }, (_, id) => id),
  )
  await client.query('begin')
  expect(await publish(world, client, [17])).toBe(0)
  expect(await publish(world, client, [18, 19])).toBe(0)
  const { rows: read } = await client.query<{ tuples: number }>(
    `select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer as tuples
     from pg_stat_xact_user_tables where schemaname = 'pgboss' and relname like 'j%'`,
  )
  await client.query('rollback')
  expect(read[0]?.tuples).toBeGreaterThan(0)
  expect(read[0]?.tuples).toBeLessThan(100)
})

test('a record several times in one call: one job, with the last operation', async () => {
  const client = await world.connect()
  const statement = publishStatement(
    world.config.schemas,
    world.config.targets,
    (['create', 'update', 'delete'] as const).map((operation) => ({ model: 'Tag', id: '1', operation })),
    undefined,
  )
  await client.query(statement?.text ?? '', [...(statement?.values ?? [])])
  expect((await rows()).map((row) => parseChange(row.data).operation)).toEqual(['delete'])
})

test('every target that follows the model has a job of its own', async () => {
  const client = await world.connect()
  expect(await publish(world, client, [7], { model: 'Operator' })).toBe(2)
  expect((await rows()).map((row) => row.singleton_key)).toEqual(['a:Operator:7', 'b:Operator:7'])
})

test('ids of any text stay what they are', async () => {
  const client = await world.connect()
  const ids = ["'; drop table record; --", 'a|b\\', 'ü\u{1F600}', '"', '{1,2}', ' ']
  expect(await publish(world, client, ids)).toBe(ids.length)
  expect((await rows()).map((row) => parseChange(row.data).id).sort()).toEqual([...ids].sort())
})

test('nothing to publish is no statement', () => {
  const { schemas, targets } = world.config
  expect(publishStatement(schemas, targets, [], undefined)).toBeNull()
  const elsewhere = [{ model: 'Country', id: 'DE', operation: 'update' as const }]
  expect(publishStatement(schemas, targets, elsewhere, undefined)).toBeNull()
})

describe('priority', () => {
  test('a change goes before what a backfill queued, and raises a job that it finds', async () => {
    const client = await world.connect()
    await publish(world, client, [1, 2, 3], { priority: PRIORITY.backfill })
    expect(await publish(world, client, [3])).toBe(0)
    expect((await rows()).map((row) => row.priority)).toEqual([
      PRIORITY.backfill,
      PRIORITY.backfill,
      PRIORITY.change,
    ])
    expect((await fetchJobs(world, undefined, 1)).map((job) => job.data.id)).toEqual(['3'])
  })

  test('a backfill does not lower a change', async () => {
    const client = await world.connect()
    await publish(world, client, [1])
    await publish(world, client, [1], { priority: PRIORITY.backfill })
    expect((await rows()).map((row) => row.priority)).toEqual([PRIORITY.change])
  })

  test('a job that is being raised cannot be taken before the writer commits', async () => {
    const client = await world.connect()
    await publish(world, client, [1], { priority: PRIORITY.backfill })
    await client.query('begin')
    await publish(world, client, [1])
    expect(await fetchJobs(world)).toHaveLength(0)
    await client.query('commit')
    expect(await fetchJobs(world)).toHaveLength(1)
  })
})

test('workers are woken on commit, not before', async () => {
  const client = await world.connect()
  const listener = await world.connect()
  const heard: string[] = []
  listener.on('notification', ({ payload }) => heard.push(payload ?? ''))
  const [channel] = await world.query<{ name: string }>(
    `select 'pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24) as name`,
  )
  await listener.query(`listen "${channel?.name}"`)
  await client.query('begin')
  await publish(world, client, [1])
  await listener.query('select 1')
  expect(heard).toEqual([])
  await client.query('commit')
  await listener.query('select 1')
  expect(heard).toEqual(['sync.write-back'])
  // Nothing was inserted, so nobody is woken.
  await publish(world, client, [1])
  await listener.query('select 1')
  expect(heard).toEqual(['sync.write-back'])
})

test('of a burst the first change wakes the workers, and the first after the queue was emptied', async () => {
  const client = await world.connect()
  const listener = await world.connect()
  const heard: string[] = []
  listener.on('notification', ({ payload }) => heard.push(payload ?? ''))
  const [channel] = await world.query<{ name: string }>(
    `select 'pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24) as name`,
  )
  await listener.query(`listen "${channel?.name}"`)
  const notifications = async () => {
    await listener.query('select 1')
    return heard.length
  }
  await publish(world, client, [1])
  expect(await notifications()).toBe(1)
  for (const id of [2, 3, 4]) await publish(world, client, [id])
  expect(await notifications()).toBe(1)

  // A job that has waited for longer says nothing of the workers: they may have looked and not been allowed to.
  await world.query(`update pgboss.job set created_on = created_on - interval '2 seconds'`)
  await publish(world, client, [5])
  expect(await notifications()).toBe(2)

  // Nor does a job of another target, which may be paused.
  await world.query(`update pgboss.job set group_tier = 'paused'`)
  await publish(world, client, [6])
  expect(await notifications()).toBe(3)

  await fetchJobs(world)
  await publish(world, client, [7])
  expect(await notifications()).toBe(4)

  // A transaction that has been going on for long may go on for longer.
  await client.query('begin')
  await client.query('select pg_sleep(0.15)')
  await publish(world, client, [8])
  await client.query('commit')
  expect(await notifications()).toBe(5)
})

describe('a database that is not ready', () => {
  test('without the queue', async () => {
    const client = await world.connect()
    await client.query('begin')
    await client.query("delete from pgboss.queue where name = 'sync.write-back'")
    const error = await publish(world, client, [1]).catch(publishError)
    await client.query('rollback')
    expect(error).toMatchObject({
      code: 'QUEUE_MISSING',
      remedy: expect.stringContaining('writeback migrate'),
    })
  })

  test('without the function', async () => {
    const client = await world.connect()
    await client.query('begin')
    await client.query('drop function sync_publish')
    const error = await publish(world, client, [1]).catch(publishError)
    await client.query('rollback')
    expect(error).toMatchObject({ code: 'QUEUE_MISSING' })
  })

  test('other errors are passed on as they are', () => {
    const error = new Error('connection terminated')
    expect(publishError(error)).toBe(error)
  })
})

test('the function finds its tables whatever the search path of the caller', async () => {
  const client = await world.connect()
  await client.query(`set search_path = ''`)
  expect(await publish(world, client, [1])).toBe(1)
  expect(DEFAULT_SCHEMAS.library).toBe('public')
})

test('the caller needs the rights that SECURITY.md names, and no more', async () => {
  const role = `web_${Date.now()}`
  await world.query(`create role ${role} nosuperuser`)
  await world.query(`grant usage on schema pgboss to ${role}`)
  await world.query(`grant insert, select, update on pgboss.job to ${role}`)
  await world.query(`grant select on pgboss.queue to ${role}`)
  const client = await world.connect()
  try {
    await client.query(`set role ${role}`)
    expect(await publish(world, client, [1])).toBe(1)
    // Locks the queued jobs, and raises them.
    expect(await publish(world, client, [1], { priority: PRIORITY.change + 1 })).toBe(0)
    expect(await publish(world, client, [1, 2, 3], { priority: PRIORITY.change + 2 })).toBe(2)
    const related = `select sync_related('a', 'country', '[{"code": "DE"}]')::integer as jobs`
    expect((await client.query(related)).rows).toEqual([{ jobs: 1 }])
    await expect(client.query('delete from pgboss.job')).rejects.toThrow(/permission denied/)
  } finally {
    await client.query('reset role')
    await world.query(`drop owned by ${role}`)
    await world.query(`drop role ${role}`)
  }
})
