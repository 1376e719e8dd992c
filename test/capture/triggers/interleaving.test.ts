import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTriggerWorld, plainTargets, type TriggerWorld } from './support.ts'

/*
 * The interleaving of design decision 2, stepped on connections of its own:
 *
 *   1. a job for the record is queued
 *   2. the writer updates the record, and enqueues
 *   3. the worker takes a job and reads the record
 *   4. the writer commits
 *   5. the worker has written what it read
 *
 * If nothing is queued afterwards, the sheet keeps the old value for good.
 */

let world: TriggerWorld
let writer: pg.Client
let worker: pg.Client
let boss: PgBoss

beforeAll(async () => {
  world = await createTriggerWorld(plainTargets)
  boss = new PgBoss({ connectionString: world.url, max: 2, supervise: false, schedule: false })
  boss.on('error', () => {})
  await boss.start()
})

afterAll(async () => {
  await boss.stop({ graceful: false })
  await world.close()
})

beforeEach(async () => {
  writer = new pg.Client(world.url)
  worker = new pg.Client(world.url)
  await writer.connect()
  await worker.connect()
  await world.pool.query(`alter table airports enable trigger user`)
  await world.pool.query('truncate airports cascade')
  await world.pool.query('delete from pgboss.job')
  await world.prisma.airport.create({
    data: { iata: 'AAA', name: 'old', country: 'DE', latitude: 1, longitude: 1 },
  })
})

afterEach(async () => {
  await writer.end()
  await worker.end()
})

/** Takes a queued job as the worker does; null when there is none that it can have. */
async function fetchJob(): Promise<string | null> {
  const [job] = await boss.fetch('sync.write-back')
  return job?.id ?? null
}

async function readName(): Promise<string> {
  const { rows } = await worker.query(`select name from airports where iata_code = 'AAA'`)
  return rows[0]?.name
}

/** What the sheet says once every job that can be taken has been handled. */
async function drain(sheet: { name: string }): Promise<void> {
  while ((await fetchJob()) !== null) sheet.name = await readName()
}

test('the plain enqueue loses the change', async () => {
  await world.pool.query(`alter table airports disable trigger user`)
  const sheet = { name: 'old' }
  await writer.query('begin')
  await writer.query(`update airports set name = 'new' where iata_code = 'AAA'`)
  // The queued job swallows this one: one queued job per singleton key.
  const db = { executeSql: (text: string, values?: unknown[]) => writer.query(text, values) }
  const options = { singletonKey: 'airports:Airport:AAA', db }
  expect(await boss.send('sync.write-back', {}, options)).toBeNull()
  expect(await fetchJob()).not.toBeNull()
  const read = await readName()
  await writer.query('commit')
  sheet.name = read
  await drain(sheet)
  expect(sheet.name).toBe('old')
  expect(await readName()).toBe('new')
})

describe('insert, else lock', () => {
  test('a queued job cannot be taken before the writer commits', async () => {
    const sheet = { name: 'old' }
    await writer.query('begin')
    await writer.query(`update airports set name = 'new' where iata_code = 'AAA'`)
    expect(await fetchJob()).toBeNull()
    await writer.query('commit')
    await drain(sheet)
    expect(sheet.name).toBe('new')
  })

  test('a job that is taken already does not swallow the change', async () => {
    const sheet = { name: 'old' }
    await writer.query('begin')
    expect(await fetchJob()).not.toBeNull()
    const read = await readName()
    await writer.query(`update airports set name = 'new' where iata_code = 'AAA'`)
    await writer.query('commit')
    sheet.name = read
    await drain(sheet)
    expect(sheet.name).toBe('new')
  })

  test('two writers of one record queue one job and do not wait for each other beyond the row', async () => {
    const other = new pg.Client(world.url)
    await other.connect()
    try {
      await world.prisma.airport.create({
        data: { iata: 'BBB', name: 'b', country: 'DE', latitude: 1, longitude: 1 },
      })
      await writer.query('begin')
      await writer.query(`update airports set name = 'new' where iata_code in ('AAA')`)
      // Another record with a queued job of its own: nothing of the first writer is in the way.
      await other.query(`set lock_timeout = '2s'; begin`)
      await other.query(`update airports set name = 'b2' where iata_code = 'BBB'`)
      await other.query('commit')
      await writer.query('commit')
    } finally {
      await other.end()
    }
    expect(await world.takeLines()).toEqual(['airports:Airport:AAA create', 'airports:Airport:BBB create'])
  })

  test('a rollback frees the job for the worker', async () => {
    await writer.query('begin')
    await writer.query(`update airports set name = 'new' where iata_code = 'AAA'`)
    expect(await fetchJob()).toBeNull()
    await writer.query('rollback')
    expect(await fetchJob()).not.toBeNull()
  })
})
