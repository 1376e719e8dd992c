import { PgBoss } from 'pg-boss'
import type { WritebackConfig } from '../config/define-config.ts'
import { publishFunctionSql } from './publish-function.ts'
import { QUEUES, type QueueDefinition, queueDefinitions } from './queues.ts'

/** The arbitrary number under which concurrent release steps take turns. */
const INSTALL_LOCK = 7_305_118_042

/** What the release step did. */
export interface Installation {
  /** Version of pg-boss's schema afterwards. */
  readonly queueSchemaVersion: number
  readonly created: readonly string[]
  readonly updated: readonly string[]
}

/**
 * Installs or updates what publishing and the worker need in the database: pg-boss's schema, the publishing
 * function, the queues with their options, the schedules. Safe to run again, and while workers run.
 *
 * @param databaseUrl Postgres connection string
 * @param config whose schemas, retention and schedules are wanted
 */
export async function installQueues(
  databaseUrl: string,
  config: Pick<WritebackConfig, 'schemas' | 'retention' | 'schedules'>,
): Promise<Installation> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    schema: config.schemas.queue,
    max: 2,
    supervise: false,
    schedule: false,
    application_name: 'writeback release',
  })
  // Without a listener an error event would end the process; the calls below reject by themselves.
  boss.on('error', () => {})
  await boss.start()
  try {
    const sql = boss.getDb()
    await sql.executeSql(
      `do $$ begin perform pg_advisory_xact_lock(${INSTALL_LOCK}); end $$;\n${publishFunctionSql(config.schemas)}`,
    )
    const created: string[] = []
    const updated: string[] = []
    for (const queue of queueDefinitions(config.retention.days)) {
      ;((await installQueue(boss, queue)) === 'created' ? created : updated).push(queue.name)
    }
    await installSchedules(boss, config.schedules)
    return { queueSchemaVersion: (await boss.schemaVersion()) ?? 0, created, updated }
  } finally {
    await boss.stop({ graceful: false, close: true })
  }
}

async function installQueue(
  boss: PgBoss,
  { name, ...options }: QueueDefinition,
): Promise<'created' | 'updated'> {
  if ((await boss.getQueue(name)) === null) {
    await boss.createQueue(name, options)
    return 'created'
  }
  // The policy of a queue cannot change; everything else follows the library's version.
  const { policy: _policy, partition: _partition, ...changeable } = options
  await boss.updateQueue(name, changeable)
  return 'updated'
}

async function installSchedules(boss: PgBoss, schedules: WritebackConfig['schedules']): Promise<void> {
  const { timeZone: tz, ...crons } = schedules
  for (const [job, cron] of Object.entries(crons)) {
    const queue = QUEUES[job as keyof typeof crons]
    // After a time without workers one run catches up.
    await boss.schedule(queue, cron, null, { tz, missed: 'once', singletonKey: 'schedule' })
  }
}
