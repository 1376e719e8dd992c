import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { pino } from 'pino'
import { startWorker, type Worker } from '../../jobs/start-worker.ts'
import { type Emulator, HUMAN_TOKEN, startEmulator } from '../../packages/sheets-emulator/index.ts'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import type { WritebackConfig } from '../../src/config/define-config.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import type { Sql } from '../../src/database/sql.ts'
import { writeback } from '../../src/index.ts'
import { installJobs } from '../../src/operations/install.ts'
import { type Operations, openOperations } from '../../src/operations/operations.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { Person } from '../targets/sheet/support/person.ts'
import { createTestDatabase, type TestDatabase } from './postgres.ts'
import { until } from './wait.ts'

/** The id of the spreadsheet in these tests. */
export const SPREADSHEET = 'sheet'

/** A database, an application that writes to it, a spreadsheet, a person, and workers in this process. */
export interface World {
  readonly database: TestDatabase
  readonly emulator: Emulator
  /** The database's owner: no extension, no job. */
  readonly sql: Sql
  /** The application's client, with the extension. */
  readonly app: PrismaClient
  readonly person: Person
  readonly operations: Operations
  /** Lines that the workers logged. */
  readonly log: Record<string, unknown>[]
  /**
   * Starts a worker.
   * @param config another configuration than that of the application
   * @param url another DATABASE_URL than that of the database's owner
   */
  work(config?: WritebackConfig, url?: string): Promise<Worker>
  /** Asks for a comparison of the target and waits for its end. @returns state and output of its job */
  reconcile(target: string): Promise<{ state: string; output: Record<string, unknown> }>
  /** The write-back jobs of the target, and its dead letters. */
  jobs(target: string): Promise<{ record: string; state: string; attempts: number; code: string | null }[]>
  /** Waits until no job of the target is on its way. */
  settled(target: string): Promise<void>
  /** Keys in the tab, below the header. */
  keys(tab: string): Promise<string[]>
  close(): Promise<void>
}

/**
 * Opens such a world.
 * @param configOf makes the configuration, given the database's url
 */
export async function openWorld(
  configOf: (url: string) => WritebackConfig | Promise<WritebackConfig>,
): Promise<World> {
  const database = await createTestDatabase()
  const emulator = await startEmulator()
  emulator.createSpreadsheet({ properties: { title: 'test' } }, SPREADSHEET)
  const config = await configOf(database.url)
  await installJobs(database.url, config)
  const pool = new pg.Pool({ connectionString: database.url, max: 2 })
  pool.on('error', () => {})
  const sql: Sql = {
    query: async (text, values) => (await pool.query(text, values ? [...values] : undefined)).rows,
  }
  const plain = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url, max: 2 }) })
  const log: Record<string, unknown>[] = []
  const logger = pino(
    { level: 'info', base: null },
    { write: (line: string) => void log.push(JSON.parse(line)) },
  )
  const environment = (url: string) =>
    readEnvironment({
      DATABASE_URL: url,
      SHEETS_API_URL: emulator.url,
      SHEETS_READS_PER_MINUTE: '100000',
      SHEETS_WRITES_PER_MINUTE: '100000',
    })
  const operations = await openOperations(config, { databaseUrl: database.url })
  const person = new Person(emulator.url, SPREADSHEET, HUMAN_TOKEN)
  const workers: Worker[] = []
  return {
    database,
    emulator,
    sql,
    app: plain.$extends(writeback(config)) as unknown as PrismaClient,
    person,
    operations,
    log,
    async work(other = config, url = database.url) {
      const worker = await startWorker(other, { environment: environment(url), log: logger })
      workers.push(worker)
      return worker
    },
    async reconcile(target) {
      const { jobId } = await operations.reconcile(target, { actor: 'ada' })
      return await until('the comparison has ended', async () => {
        const [job] = await sql.query<{ state: string; output: Record<string, unknown> }>(
          'select state::text, output from pgboss.job where id = $1',
          [jobId],
        )
        // One that failed waits for its next attempt.
        return job && ['completed', 'failed', 'retry'].includes(job.state) ? job : undefined
      })
    },
    jobs: (target) =>
      sql.query(
        `select data->>'id' as record, state::text, retry_count as attempts, output->>'code' as code
         from pgboss.job where name = any ($1) and group_tier = $2 order by data->>'id', created_on`,
        [[QUEUES.writeBack, QUEUES.writeBackDead], target],
      ),
    async settled(target) {
      await until(
        'no job is on its way',
        async () => {
          const rows = await sql.query(
            `select from pgboss.job
             where (name = $1 and group_tier = $2 or name = $3 and state <> 'failed') and state <= 'active'
               and not (state = 'retry' and output is not null)`,
            [QUEUES.writeBack, target, QUEUES.reconcile],
          )
          return rows.length === 0
        },
        60_000,
      )
    },
    async keys(tab) {
      const [, ...rows] = await person.see(tab).catch(() => [[]])
      return rows.map(([key]) => String(key ?? ''))
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.stop()))
      await operations.close()
      await plain.$disconnect()
      await pool.end()
      await emulator.close()
      await database.drop()
    },
  }
}
