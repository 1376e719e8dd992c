import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  blockedOrDone,
  completeJobs,
  createPublishWorld,
  fetchJobs,
  type PublishWorld,
  publish,
} from './support.ts'

let world: PublishWorld
beforeAll(async () => {
  world = await createPublishWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.query('delete from pgboss.job')
  await world.query('delete from record')
})

const SEED = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000)

/** Numbers from a seed (mulberry32), so that a run can be repeated with TEST_SEED. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

test('writers with overlapping records in different orders do not deadlock', async () => {
  const writers = await Promise.all(Array.from({ length: 6 }, () => world.connect()))
  const worker = takeJobs()
  await Promise.all(
    writers.map(async (client, at) => {
      const next = random(SEED + at)
      for (let round = 0; round < 60; round++) {
        const ids = Array.from({ length: 12 }, () => Math.floor(next() * 30))
        await client.query('begin')
        await publish(world, client, ids, { model: 'Operator', priority: next() < 0.3 ? -10 : 0 })
        await client.query('commit')
      }
    }),
  ).finally(() => worker.stop())
  await worker.done
  expect(worker.taken()).toBeGreaterThan(0)
}, 60_000)

/** A worker that takes and completes whatever is there. */
function takeJobs() {
  let taken = 0
  let stopping = false
  const loop = async () => {
    while (!stopping) {
      const jobs = await fetchJobs(world, undefined, 5)
      taken += jobs.length
      await completeJobs(world, jobs)
    }
  }
  return { done: loop(), stop: () => (stopping = true), taken: () => taken }
}

test(`8 writers and 4 workers on few records: nothing stale at the end (TEST_SEED=${SEED})`, async () => {
  const RECORDS = 24
  const WRITES = 250
  await world.query('insert into record select id, 0 from generate_series(0, $1::int - 1) id', [RECORDS])
  const sheet = new Map<string, number>()
  let writing = true

  const writer = async (client: pg.Client, at: number) => {
    const next = random(SEED + at)
    for (let write = 0; write < WRITES; write++) {
      const id = Math.floor(next() * RECORDS)
      await client.query('begin')
      await client.query('update record set value = value + 1 where id = $1', [id])
      await publish(world, client, [id])
      // Some are undone, and some take their time between publishing and committing.
      if (next() < 0.3) await client.query('select pg_sleep($1)', [next() * 0.004])
      await client.query(next() < 0.1 ? 'rollback' : 'commit')
    }
  }

  // One at a time, as a lane is: the read and the write belong together.
  let lane = Promise.resolve()
  const inLane = (work: () => Promise<void>) => {
    lane = lane.then(work)
    return lane
  }
  const worker = async (client: pg.Client) => {
    for (;;) {
      const last = !writing
      const jobs = await fetchJobs(world, undefined, 10)
      if (jobs.length === 0 && last) return
      if (jobs.length === 0) continue
      await inLane(async () => {
        const { rows } = await client.query('select id::text, value from record where id = any ($1::int[])', [
          jobs.map((job) => Number(job.data.id)),
        ])
        for (const row of rows) sheet.set(row.id, row.value)
      })
      await completeJobs(world, jobs)
    }
  }

  const writers = await Promise.all(Array.from({ length: 8 }, () => world.connect()))
  const workers = await Promise.all(Array.from({ length: 4 }, () => world.connect()))
  const working = workers.map(worker)
  await Promise.all(writers.map(writer)).finally(() => {
    writing = false
  })
  await Promise.all(working)

  const stale = (
    await world.query<{ id: string; value: number }>('select id::text, value from record')
  ).filter((row) => row.value !== (sheet.get(row.id) ?? 0))
  expect(stale).toEqual([])
  expect(Math.max(...sheet.values())).toBeGreaterThan(1)
}, 60_000)

test('repeatable read: a change of the queued job since the snapshot is a serialization failure', async () => {
  const writer = await world.connect()
  const other = await world.connect()
  await publish(world, other, [1], { priority: -10 })
  await writer.query('begin isolation level repeatable read')
  await writer.query('select from record')
  // The queued job changes under the snapshot: another writer raises it.
  await publish(world, other, [1])
  await expect(publish(world, writer, [1])).rejects.toMatchObject({ code: '40001' })
  await writer.query('rollback')
})

test('repeatable read: a job queued since the snapshot is a serialization failure, not a lost change', async () => {
  const writer = await world.connect()
  const other = await world.connect()
  await writer.query('begin isolation level repeatable read')
  await writer.query('select from record')
  await publish(world, other, [1])
  await expect(publish(world, writer, [1])).rejects.toMatchObject({ code: '40001' })
  await writer.query('rollback')
})

test('repeatable read: without a conflict it publishes like any other', async () => {
  const writer = await world.connect()
  await publish(world, writer, [1])
  await writer.query('begin isolation level repeatable read')
  const publishing = publish(world, writer, [1, 2])
  await blockedOrDone(world, writer, publishing)
  expect(await publishing).toBe(1)
  await writer.query('commit')
})
