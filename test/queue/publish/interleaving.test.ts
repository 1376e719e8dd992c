import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { QUEUES } from '../../../src/queue/queues.ts'
import {
  blockedOrDone,
  completeJobs,
  createPublishWorld,
  databaseOf,
  fetchJobs,
  type PublishWorld,
  publish,
} from './support.ts'

/*
 * The lost update, step by step, with nothing left to timing: every step is one statement on a connection of
 * its own, and the next step begins when it has answered.
 */

let world: PublishWorld
let writer: pg.Client
let other: pg.Client
let worker: pg.Client
beforeAll(async () => {
  world = await createPublishWorld()
  writer = await world.connect()
  other = await world.connect()
  worker = await world.connect()
})
afterAll(() => world.close())
beforeEach(async () => {
  // What a failed test left open.
  for (const client of [writer, other, worker]) await client.query('rollback')
  await world.query('delete from pgboss.job')
  await world.query('delete from record')
  await world.query('insert into record values (1, 0)')
})

type Enqueue = (client: pg.Client) => Promise<unknown>

/** The obvious way: a singleton key, and a conflict with the queued job is ignored. */
const sendOnce: Enqueue = (client) =>
  world.boss.send(QUEUES.writeBack, { id: '1' }, { singletonKey: 'tags:Tag:1', db: databaseOf(client) })

const insertElseLock: Enqueue = (client) => publish(world, client, [1])

async function change(client: pg.Client, value: number, enqueue: Enqueue): Promise<void> {
  await client.query('begin')
  await client.query('update record set value = $1 where id = 1', [value])
  await enqueue(client)
}

async function valueNow(): Promise<number> {
  const [row] = await world.query<{ value: number }>('select value from record where id = 1')
  return row?.value ?? -1
}

/** What a worker does: takes jobs, reads the record as it is committed, writes that to the sheet. */
async function work(sheet: number[]): Promise<number> {
  const jobs = await fetchJobs(world)
  if (jobs.length > 0) sheet.push(await valueNow())
  await completeJobs(world, jobs)
  return jobs.length
}

/** Queued job; a second writer updates and publishes; the worker works; only then the second writer commits. */
async function interleave(enqueue: Enqueue): Promise<{ taken: number; sheet: number[] }> {
  const sheet: number[] = []
  await change(writer, 1, enqueue)
  await writer.query('commit')
  await change(other, 2, enqueue)
  const taken = await work(sheet)
  await other.query('commit')
  // Everything that is left in the queue is worked off.
  while ((await work(sheet)) > 0);
  return { taken, sheet }
}

describe('a worker takes the queued job before the second writer commits', () => {
  test('a singleton key whose conflict is ignored: the last change is lost', async () => {
    expect(await interleave(sendOnce)).toEqual({ taken: 1, sheet: [1] })
    expect(await valueNow()).toBe(2)
  })

  test('insert, else lock: the worker cannot take it, and later reads the last change', async () => {
    expect(await interleave(insertElseLock)).toEqual({ taken: 0, sheet: [2] })
    expect(await valueNow()).toBe(2)
  })
})

test('a job that is being worked on does not swallow a change', async () => {
  const sheet: number[] = []
  await change(writer, 1, insertElseLock)
  await writer.query('commit')
  const jobs = await fetchJobs(world)
  const read = await valueNow()
  await change(other, 2, insertElseLock)
  sheet.push(read)
  await completeJobs(world, jobs)
  await other.query('commit')
  while ((await work(sheet)) > 0);
  expect(sheet).toEqual([1, 2])
})

test('a job whose fetch has not committed: the writer waits for it, then queues a job of its own', async () => {
  await publish(world, writer, [1])
  await worker.query('begin')
  expect(await fetchJobs(world, worker)).toHaveLength(1)

  await other.query('begin')
  const publishing = publish(world, other, [1])
  await blockedOrDone(world, other, publishing)
  await worker.query('commit')

  expect(await publishing).toBe(1)
  await other.query('commit')
  expect(await fetchJobs(world)).toHaveLength(1)
})

test('a job whose fetch is rolled back is still the one', async () => {
  await publish(world, writer, [1])
  await worker.query('begin')
  expect(await fetchJobs(world, worker)).toHaveLength(1)

  await other.query('begin')
  const publishing = publish(world, other, [1])
  await blockedOrDone(world, other, publishing)
  await worker.query('rollback')

  expect(await publishing).toBe(0)
  await other.query('commit')
  expect(await fetchJobs(world)).toHaveLength(1)
})

test('a job that was never committed is not relied on', async () => {
  await writer.query('begin')
  expect(await publish(world, writer, [1])).toBe(1)

  await other.query('begin')
  const publishing = publish(world, other, [1])
  await blockedOrDone(world, other, publishing)
  await writer.query('rollback')

  expect(await publishing).toBe(1)
  await other.query('commit')
  expect(await fetchJobs(world)).toHaveLength(1)
})

test('a writer that is rolled back leaves the queued job as it was', async () => {
  await publish(world, writer, [1])
  await other.query('begin')
  expect(await publish(world, other, [1])).toBe(0)
  expect(await fetchJobs(world)).toHaveLength(0)
  await other.query('rollback')
  expect(await fetchJobs(world)).toHaveLength(1)
})

test('two writers of one record do not wait for each other once the job is queued', async () => {
  await publish(world, writer, [1])
  await writer.query('begin')
  await other.query('begin')
  expect(await publish(world, writer, [1])).toBe(0)
  expect(await publish(world, other, [1])).toBe(0)
  await writer.query('commit')
  expect(await fetchJobs(world)).toHaveLength(0)
  await other.query('commit')
  expect(await fetchJobs(world)).toHaveLength(1)
})
