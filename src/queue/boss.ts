import { PgBoss } from 'pg-boss'
import type { Logger } from 'pino'
import type { Schemas } from '../config/schemas.ts'
import { withConnection } from '../database/connection.ts'
import { assertLibraryTables } from '../database/library-tables.ts'
import type { Sql } from '../database/sql.ts'
import { isUnreachable, unreachable } from '../database/unreachable.ts'
import { createErrorLog } from '../error-log.ts'
import { messageOf, WritebackError } from '../errors.ts'
import { type FoundQueueSchema, findQueueSchema, useRefusal } from './schema-version.ts'

/** Connections of the worker's pg-boss pool; one more is held for LISTEN. */
const POOL_SIZE = 2

/** Connections of a worker say in `pg_stat_activity` which worker they belong to: this, then the worker's id. */
export const WORKER_APPLICATION = 'writeback worker'

/** pg-boss 12.38 traces and counts jobs by itself. This library does too, so every job would count twice. */
export const QUIET = { openTelemetry: { enabled: false } } as const

/** Options of {@link startBoss}. */
export interface BossOptions {
  readonly databaseUrl: string
  readonly schemas: Schemas
  readonly log: Logger
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string
  /** Whether this process takes part in pg-boss's maintenance, scheduling and LISTEN; false for the CLI. */
  readonly works: boolean
  /** Whether a worker sends what is scheduled. @defaultValue true */
  readonly schedules?: boolean
}

/**
 * Starts pg-boss as a worker or a tool uses it. The schema is not made or changed here: that is the release
 * step's.
 *
 * @throws WritebackError `DATABASE_UNAVAILABLE` when Postgres cannot be reached, `TABLES_MISSING`, `QUEUE_MISSING` when pg-boss is not
 * installed there, `QUEUE_VERSION` when it is in another version
 */
export async function startBoss(options: BossOptions): Promise<PgBoss> {
  const { databaseUrl, schemas, log, applicationName, works, schedules = works } = options
  const boss = new PgBoss({
    connectionString: databaseUrl,
    schema: schemas.queue,
    max: POOL_SIZE,
    application_name: applicationName,
    migrate: false,
    createSchema: false,
    supervise: works,
    schedule: schedules,
    useListenNotify: works,
    // How soon a dead worker's jobs are found; the check is one indexed query.
    superviseIntervalSeconds: 15,
    monitorIntervalSeconds: 15,
    persistQueueStats: works,
    // pg-boss 12.38 keeps a list of the processes that use it: nobody looks for a command there.
    registerInstance: works,
    ...QUIET,
  })
  boss.on('error', createErrorLog(log, 'pg-boss reports an error'))
  boss.on('warning', ({ message, data }) => log.warn({ warning: data }, message))
  try {
    await boss.start()
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => {})
    throw await reasonFor(error, options)
  }
  try {
    await assertLibraryTables(sqlOf(boss), schemas)
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => {})
    throw error
  }
  return boss
}

/** Why pg-boss does not start. */
async function reasonFor(error: unknown, { databaseUrl, schemas }: BossOptions): Promise<WritebackError> {
  if (isUnreachable(error)) return unreachable(error)
  let found: FoundQueueSchema
  try {
    found = await withConnection(databaseUrl, 'writeback', (sql) => findQueueSchema(sql, schemas))
  } catch (thrown) {
    if (isUnreachable(thrown)) return unreachable(thrown)
    found = { version: null, isOurs: false, isShared: false }
  }
  return (
    useRefusal(found, schemas) ??
    new WritebackError('QUEUE_MISSING', {
      problem: 'pg-boss cannot start on this database',
      expected: `pg-boss's tables in schema "${schemas.queue}"`,
      got: messageOf(error),
      remedy: 'Run "writeback migrate", or name the right database in DATABASE_URL',
      cause: error,
    })
  )
}

/** The library's own statements go through pg-boss's pool: no second one. */
export function sqlOf(boss: Pick<PgBoss, 'getDb'>): Sql {
  const db = boss.getDb()
  return {
    async query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]> {
      const { rows } = await db.executeSql(text, values === undefined ? undefined : [...values])
      return rows as Row[]
    },
  }
}
