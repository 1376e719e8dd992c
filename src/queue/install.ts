import { PgBoss } from 'pg-boss'
import type { Schemas } from '../config/schemas.ts'
import { withConnection } from '../database/connection.ts'
import { assertLibraryTables } from '../database/library-tables.ts'
import type { Sql } from '../database/sql.ts'
import { QUIET, sqlOf } from './boss.ts'
import { dropQueueReferences } from './job-table.ts'
import { publishingSql } from './publishing-sql.ts'
import { QUEUES, type QueueDefinition, type ScheduleDefinition } from './queues.ts'
import { isReadySql, LOCK_INSTALLATION } from './readiness.ts'
import { findQueueSchema, installRefusal } from './schema-version.ts'

/** What is to be there afterwards. */
export interface InstallPlan {
  readonly schemas: Schemas
  /** In the order in which they must be created: a dead letter queue before the one that names it. */
  readonly queues: readonly QueueDefinition[]
  readonly schedules: readonly ScheduleDefinition[]
  /** Time zone of the schedules. */
  readonly timeZone: string
  /** Names of the targets. */
  readonly targets: readonly string[]
  /** Writes the targets into the library's tables. @returns names of those that are new, or have moved */
  readonly registerTargets: (sql: Sql) => Promise<readonly string[]>
}

/** What the release step did. */
export interface QueueInstallation {
  /** Version of pg-boss's schema afterwards. */
  readonly queueSchemaVersion: number
  /** Its version before; null where it was not there. */
  readonly queueSchemaBefore: number | null
  readonly created: readonly string[]
  readonly updated: readonly string[]
  /** Targets that are new or have moved to another place; a reconcile job fills them. */
  readonly newTargets: readonly string[]
  /** Targets that are compared with their tables: new ones, and all of them where the queue is new. */
  readonly compared: readonly string[]
}

/**
 * Installs or updates what publishing and the worker need in the database: pg-boss's schema, the publishing
 * functions, the queues with their options, the schedules. Safe to run again, and while workers run.
 *
 * @param databaseUrl Postgres connection string
 * @throws WritebackError `TABLES_MISSING` when the library's tables are not where the configuration says, `QUEUE_VERSION` when the schema is of a pg-boss that this one must not change
 */
export async function installQueues(databaseUrl: string, plan: InstallPlan): Promise<QueueInstallation> {
  // pg-boss brings any older schema up to its own as it starts, whoever made it.
  const found = await withConnection(databaseUrl, 'writeback release', async (sql) => {
    await assertLibraryTables(sql, plan.schemas)
    return await findQueueSchema(sql, plan.schemas)
  })
  const refusal = installRefusal(found, plan.schemas)
  if (refusal) throw refusal
  const boss = new PgBoss({
    connectionString: databaseUrl,
    schema: plan.schemas.queue,
    max: 2,
    supervise: false,
    schedule: false,
    application_name: 'writeback release',
    registerInstance: false,
    ...QUIET,
  })
  // Without a listener an error event would end the process; the calls below reject by themselves.
  boss.on('error', () => {})
  await boss.start()
  try {
    const sql = sqlOf(boss)
    const isNew = (await boss.getQueue(QUEUES.writeBack)) === null
    const created: string[] = []
    const updated: string[] = []
    const install = async (queue: QueueDefinition) => {
      ;((await installQueue(boss, queue)) === 'created' ? created : updated).push(queue.name)
      if (queue.partition) await dropQueueReferences(sql, plan.schemas, queue.name)
    }
    const [others, changes] = parted(plan.queues, ({ name }) => name !== QUEUES.writeBack)
    for (const queue of others) await install(queue)
    // What was queued before is gone with the old queue: every tab is compared. Asked for while the new one is not there,
    // so that a release step which dies here finds it missing again.
    const all = isNew ? plan.targets : []
    for (const target of all) await boss.send(QUEUES.reconcile, { target }, { singletonKey: target })
    for (const queue of changes) await install(queue)
    // After the queues: from here on changes are published.
    await boss.getDb().executeSql(`${LOCK_INSTALLATION};\n${publishingSql(plan.schemas)}`)
    for (const { queue, cron } of plan.schedules) {
      // After a time without workers one run catches up.
      await boss.schedule(queue, cron, null, { tz: plan.timeZone, missed: 'once', singletonKey: 'schedule' })
    }
    const newTargets = await plan.registerTargets(sql)
    return {
      queueSchemaVersion: (await boss.schemaVersion()) ?? 0,
      queueSchemaBefore: found.version,
      created,
      updated,
      newTargets,
      compared: isNew ? all : newTargets,
    }
  } finally {
    await boss.stop({ graceful: false, close: true })
  }
}

function parted<T>(list: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [list.filter(isFirst), list.filter((one) => !isFirst(one))]
}

async function installQueue(
  boss: PgBoss,
  { name, ...options }: QueueDefinition,
): Promise<'created' | 'updated'> {
  if ((await boss.getQueue(name)) === null) {
    await boss.createQueue(name, options)
    return 'created'
  }
  // A queue's policy and its table cannot change; everything else follows the library's version.
  const { policy: _policy, partition: _partition, ...changeable } = options
  await boss.updateQueue(name, changeable)
  return 'updated'
}

/**
 * Brings the publishing functions up to date where they are installed, before the triggers that call them: a write that
 * comes between the two finds both. Does nothing in a database without them.
 */
export async function refreshPublishing(databaseUrl: string, schemas: Schemas): Promise<void> {
  await withConnection(databaseUrl, 'writeback release', async (sql) => {
    const [row] = await sql.query<{ is_ready: boolean }>(`select ${isReadySql(schemas)} as is_ready`)
    if (row?.is_ready) await sql.query(`${LOCK_INSTALLATION};\n${publishingSql(schemas)}`)
  })
}
