import pg from 'pg'
import { type Db, PgBoss } from 'pg-boss'
import type { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../prisma/generated/writeback/data-model.ts'
import type { WritebackConfig } from '../../../src/config/define-config.ts'
import { installJobs } from '../../../src/operations/install.ts'
import { type ChangedRecord, publishStatement } from '../../../src/queue/publish.ts'
import { QUEUES } from '../../../src/queue/queues.ts'
import { forClient } from '../../../src/targets/for-client.ts'
import { createTestDatabase } from '../../support/postgres.ts'

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

/** A database with queues, a table of numbered records, and as many connections as a test asks for. */
export interface PublishWorld {
  readonly config: WritebackConfig
  readonly boss: PgBoss
  /** A connection of its own. */
  connect(): Promise<pg.Client>
  /** A statement on a connection that is in no transaction. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
  close(): Promise<void>
}

export async function createPublishWorld(): Promise<PublishWorld> {
  const database = await createTestDatabase()
  const target = { spreadsheetId: 's', columns: ['name' as const] }
  const config = defineConfig({
    targets: [
      sheetTarget({ ...target, name: 'b', tab: 'B', model: 'Operator' }),
      sheetTarget({ ...target, name: 'a', tab: 'A', model: 'Operator' }),
      sheetTarget({ ...target, name: 'tags', tab: 'T', model: 'Tag' }),
    ],
  })
  await installJobs(database.url, config)
  const clients: pg.Client[] = []
  const connect = async () => {
    // A test that blocks fails by itself instead of holding up the rest.
    const client = new pg.Client({ connectionString: database.url, statement_timeout: 15_000 })
    await client.connect()
    clients.push(client)
    return client
  }
  const watching = await connect()
  await watching.query('create table record (id integer primary key, value integer not null)')
  const boss = new PgBoss({
    connectionString: database.url,
    supervise: false,
    schedule: false,
    migrate: false,
  })
  const errors: unknown[] = []
  boss.on('error', (error) => errors.push(error))
  await boss.start()
  return {
    config,
    boss,
    connect,
    query: async (text, values) => (await watching.query(text, values as unknown[])).rows,
    close: async () => {
      await boss.stop({ graceful: false, close: true })
      await Promise.all(clients.map((client) => client.end()))
      await database.drop()
      if (errors.length > 0) throw errors[0]
    },
  }
}

/** Publishes changes of tags, in whatever transaction the connection is in. Answers with the jobs inserted. */
export async function publish(
  world: PublishWorld,
  client: pg.Client,
  ids: readonly (string | number)[],
  options: { model?: string; priority?: number; operation?: ChangedRecord['operation'] } = {},
): Promise<number> {
  const { model = 'Tag', operation = 'update' } = options
  const changes = ids.map((id) => ({ model, id: String(id), operation }))
  const { schemas, targets } = world.config
  const statement = publishStatement(schemas, targets, changes, undefined, options.priority)
  if (statement === null) return 0
  const { rows } = await client.query(statement.text, [...statement.values])
  return rows[0].inserted
}

/** Fetches write-back jobs as a worker does, on a given connection or on one of pg-boss's own. */
export async function fetchJobs(world: PublishWorld, client?: pg.Client, batchSize = 100) {
  return world.boss.fetch<{ id: string }>(QUEUES.writeBack, {
    batchSize,
    ...(client && { db: databaseOf(client) }),
  })
}

/** Completes jobs as a worker does. */
export async function completeJobs(world: PublishWorld, jobs: readonly { id: string }[]): Promise<void> {
  if (jobs.length === 0) return
  await world.boss.complete(
    QUEUES.writeBack,
    jobs.map((job) => job.id),
  )
}

/** pg-boss's view of a connection. */
export function databaseOf(client: pg.Client): Db {
  return { executeSql: (text, values) => client.query(text, values) }
}

/** Waits until a connection is blocked by another one, or until its work is done. */
export async function blockedOrDone(world: PublishWorld, client: pg.Client, work: Promise<unknown>) {
  let done = false
  const settle = () => {
    done = true
  }
  work.then(settle, settle)
  const { processID } = client as pg.Client & { processID: number }
  const limit = Date.now() + 10_000
  while (!done) {
    const [row] = await world.query<{ blocked: boolean }>(
      'select cardinality(pg_blocking_pids($1)) > 0 as blocked',
      [processID],
    )
    if (row?.blocked) return
    if (Date.now() > limit) throw new Error('neither blocked nor done within 10 s')
  }
}
