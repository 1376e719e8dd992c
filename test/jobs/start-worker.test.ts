import { getEventListeners } from 'node:events'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorker } from '../../jobs/start-worker.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import { installJobs } from '../../src/operations/install.ts'
import reference from '../../writeback.config.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { until } from '../support/wait.ts'

/* The worker as an application starts it, in a process of its own that goes on. */

let database: TestDatabase
let pool: pg.Pool
beforeAll(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 1 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const environment = () =>
  readEnvironment({ DATABASE_URL: database.url, SHEETS_API_URL: 'http://127.0.0.1:9/', LOG_LEVEL: 'silent' })
const signals = ['SIGTERM', 'SIGINT', 'SIGUSR2'] as const
const listeners = () => signals.map((signal) => getEventListeners(process, signal).length)
const noConnection = () =>
  until('the worker has no connection', async () => {
    const { rowCount } = await pool.query(
      `select from pg_stat_activity where datname = current_database() and application_name like 'writeback worker%'`,
    )
    return rowCount === 0
  })

test('before the release step it refuses with a code, and leaves nothing open', async () => {
  await expect(startWorker(reference, { environment: environment() })).rejects.toMatchObject({
    code: 'QUEUE_MISSING',
  })
  await noConnection()
})

test('it listens to no signal unless it is asked to; one that is named stops it, and the process goes on', async () => {
  await installJobs(database.url, reference)
  const before = listeners()
  const quiet = await startWorker(reference, { environment: environment() })
  expect(listeners()).toEqual(before)
  await Promise.all([quiet.stop(), quiet.stop()])

  await startWorker(reference, { environment: environment(), stopOn: ['SIGUSR2'] })
  expect(listeners()).not.toEqual(before)
  process.kill(process.pid, 'SIGUSR2')
  await noConnection()
  await until('nobody listens any more', () => listeners().join() === before.join())
})

test("the port of the application's server is not taken for metrics", async () => {
  const own = { ...process.env }
  Object.assign(process.env, { DATABASE_URL: database.url, SHEETS_API_URL: 'http://127.0.0.1:9/' })
  Object.assign(process.env, { LOG_LEVEL: 'silent', PORT: '0' })
  try {
    const worker = await startWorker(reference)
    expect(worker.port).toBeUndefined()
    await worker.stop()
    const other = await startWorker(reference, { environment: readEnvironment() })
    expect(other.port).toEqual(expect.any(Number))
    await other.stop()
  } finally {
    process.env = own
  }
})
