import pg from 'pg'
import { type Db, PgBoss } from 'pg-boss'

import type { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../prisma/generated/writeback/data-model.ts'
import type { Sql } from '../../../src/database/sql.ts'
import { queueDefinitions } from '../../../src/queue/definitions.ts'
import { handBack } from '../../../src/queue/hand-back.ts'
import { installQueues } from '../../../src/queue/install.ts'
import { publishStatement } from '../../../src/queue/publish.ts'
import { publishFunctionSql } from '../../../src/queue/publish-function.ts'
import { QUEUES } from '../../../src/queue/queues.ts'
import { forClient } from '../../../src/targets/for-client.ts'
import { createTestDatabase } from '../../support/postgres.ts'
import type { HeldJob } from './queue-model.ts'
import { Session, Stepper } from './sessions.ts'

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

const config = defineConfig({
  targets: [sheetTarget({ name: 'tags', spreadsheetId: 's', tab: 'T', model: 'Tag', columns: ['name'] })],
})

/** A job that is not settled. */
export interface LiveJob extends HeldJob {
  readonly state: 'created' | 'retry' | 'active'
  /** Singleton key. */
  readonly key: string
}

/** A real Postgres with a real pg-boss, sessions that are stepped, and what writers and workers do in them. */
export class QueueWorld {
  readonly writers: readonly Session[]
  readonly workers: readonly Session[]
  readonly stepper: Stepper
  readonly #watch: pg.Client
  readonly #boss: PgBoss
  readonly #sql: Sql
  readonly #drop: () => Promise<void>

  static async create(writers: number, workers: number): Promise<QueueWorld> {
    const database = await createTestDatabase()
    await installQueues(database.url, {
      schemas: config.schemas,
      queues: queueDefinitions(config).filter(({ name }) => name.startsWith(QUEUES.writeBack)),
      schedules: [],
      timeZone: 'UTC',
      targets: [],
      registerTargets: async () => [],
    })
    const boss = new PgBoss({
      connectionString: database.url,
      supervise: false,
      schedule: false,
      migrate: false,
      max: 2,
    })
    boss.on('error', () => {})
    await boss.start()
    const watch = new pg.Client(database.url)
    await watch.connect()
    await watch.query('create table record (id integer primary key, value integer not null)')
    const open = async () => {
      const session = new Session(database.url)
      await session.open()
      return session
    }
    const sessions = (count: number) => Promise.all(Array.from({ length: count }, open))
    return new QueueWorld(watch, boss, await sessions(writers), await sessions(workers), database.drop)
  }

  private constructor(
    watch: pg.Client,
    boss: PgBoss,
    writers: readonly Session[],
    workers: readonly Session[],
    drop: () => Promise<void>,
  ) {
    this.#watch = watch
    this.#boss = boss
    this.writers = writers
    this.workers = workers
    this.#drop = drop
    this.stepper = new Stepper([...writers, ...workers], watch)
    this.#sql = { query: async (text, values) => (await watch.query(text, values && [...values])).rows }
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false, close: true })
    await Promise.all([...this.writers, ...this.workers].map((session) => session.client.end()))
    await this.#watch.end()
    await this.#drop()
  }

  /** An empty queue, and records whose value is 0. */
  async reset(records: number): Promise<void> {
    // All at once: what a run that failed has left may wait for one another.
    await Promise.all([...this.writers, ...this.workers].map((session) => session.abandon()))
    // Quicker than truncate for tables of a few rows.
    await this.#watch.query('delete from record; delete from pgboss.job')
    await this.#watch.query('insert into record select id, 0 from generate_series(0, $1 - 1) id', [records])
  }

  /** Replaces the publishing function, to see that the property needs what it does. */
  async replacePublishFunction(change: (sql: string) => string): Promise<void> {
    await this.#watch.query(change(publishFunctionSql(config.schemas)))
  }

  // --- What a writer does, in the session's transaction ---

  async write(session: Session, records: readonly number[], value: number): Promise<void> {
    await session.client.query('update record set value = $2 where id = any ($1)', [records, value])
  }

  async publish(session: Session, records: readonly number[], priority: number): Promise<void> {
    const changes = records.map((id) => ({ model: 'Tag', id: String(id), operation: 'update' as const }))
    const statement = publishStatement(config.schemas, config.targets, changes, undefined, priority)
    if (statement) await session.client.query(statement.text, [...statement.values])
  }

  // --- What a worker does ---

  /** Fetches in the session's transaction. */
  async fetch(session: Session, batchSize: number): Promise<HeldJob[]> {
    const db: Db = { executeSql: (text, values) => session.client.query(text, values) }
    const jobs = await this.#boss.fetch<{ id: string }>(QUEUES.writeBack, {
      batchSize,
      db,
      includeMetadata: true,
    })
    return jobs.map((job) => ({ id: job.id, record: Number(job.data.id), retryCount: job.retryCount }))
  }

  /** The records as they are committed. */
  async read(records: readonly number[]): Promise<Map<number, number>> {
    const { rows } = await this.#watch.query<{ id: number; value: number }>(
      'select id, value from record where id = any ($1)',
      [records],
    )
    return new Map(rows.map(({ id, value }) => [id, value]))
  }

  complete(jobs: readonly HeldJob[]): Promise<ReadonlySet<string>> {
    return this.#settle(jobs, (claims) => this.#boss.complete(QUEUES.writeBack, claims))
  }

  fail(jobs: readonly HeldJob[]): Promise<ReadonlySet<string>> {
    return this.#settle(jobs, (claims) => this.#boss.fail(QUEUES.writeBack, claims, { message: 'model' }))
  }

  /** @returns jobs that need not come back */
  async handBack(jobs: readonly HeldJob[]): Promise<ReadonlySet<string>> {
    return handBack(this.#sql, config.schemas, QUEUES.writeBack, jobs, 0)
  }

  // --- What time does ---

  /** Nobody has heard of the holders of these jobs for too long; pg-boss's supervisor looks. */
  async lapse(jobs: readonly HeldJob[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.#watch.query<{ id: string }>(
      `update pgboss.job set heartbeat_on = heartbeat_on - interval '1 day'
       where state = 'active' and (id, retry_count) in (select * from unnest($1::uuid[], $2::int[])) returning id`,
      [jobs.map((job) => job.id), jobs.map((job) => job.retryCount)],
    )
    // The supervisor looks at a queue once in a while, however often it is called.
    await this.#watch.query('update pgboss.queue set monitor_on = null, monitor_claim_on = null')
    await this.#boss.supervise(QUEUES.writeBack)
    return new Set(rows.map((row) => row.id))
  }

  /** The time of every retry has come. */
  async retriesAreDue(): Promise<void> {
    // One that is being fetched need not wait any longer.
    await this.#watch.query(
      `update pgboss.job set start_after = pgboss.job_now()
       where (name, id) in (select name, id from pgboss.job where state = 'retry' for update skip locked)`,
    )
  }

  async liveJobs(): Promise<LiveJob[]> {
    const { rows } = await this.#watch.query<LiveJob>(
      `select id, singleton_key as key, (data->>'id')::int as record, retry_count as "retryCount", state::text as state
       from pgboss.job where name = $1 and state in ('created', 'retry', 'active')`,
      [QUEUES.writeBack],
    )
    return rows
  }

  /** Attempts used, by job, settled ones included. */
  async attempts(): Promise<Map<string, number>> {
    const { rows } = await this.#watch.query<{ id: string; attempts: number }>(
      'select id, retry_count as attempts from pgboss.job where name = $1',
      [QUEUES.writeBack],
    )
    return new Map(rows.map(({ id, attempts }) => [id, attempts]))
  }

  async #settle(
    jobs: readonly HeldJob[],
    call: (claims: { id: string; retryCount: number }[]) => Promise<object>,
  ): Promise<ReadonlySet<string>> {
    if (jobs.length === 0) return new Set()
    const claims = jobs.map(({ id, retryCount }) => ({ id, retryCount }))
    // Not in pg-boss's types, but what its own worker goes by.
    const { settled } = (await call(claims)) as { settled?: string[] }
    if (settled === undefined) throw new Error('pg-boss does not say any more which jobs it settled')
    return new Set(settled)
  }
}
