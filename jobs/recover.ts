import { quoteIdentifier } from '../src/database/quote.ts'
import { QUEUES } from '../src/queue/queues.ts'
import { workOn } from './attempts.ts'
import { type JobDefinition, maintenanceQueue, type Runtime } from './job.ts'

/** What a recovery found and did. */
export interface Recovery {
  /** Jobs that were active although their worker had stopped beating, or that had run too long. */
  readonly stuck: number
  /** How many of them are queued again. */
  readonly returned: number
  /** How many had used up their attempts and are dead letters now. */
  readonly dead: number
}

/**
 * Finds jobs stuck in active whose worker is gone and returns them.
 *
 * pg-boss does this by itself (every 15 s, by heartbeat and by expiry); this job asks it to do so now, for the
 * case that no worker's supervisor ran for a while, and reports what came of it.
 */
export const recover: JobDefinition = {
  name: 'recover',
  queues: (config) => [maintenanceQueue(QUEUES.recover, config)],
  schedule: (config) => config.schedules.recover,

  async start(runtime) {
    await workOn(runtime, QUEUES.recover, { pollingIntervalSeconds: 10 }, () => recoverStuck(runtime))
  },
}

/** Returns stuck jobs of every queue of the library. */
export async function recoverStuck({
  boss,
  sql,
  config,
  log,
}: Pick<Runtime, 'boss' | 'sql' | 'config' | 'log'>) {
  const table = quoteIdentifier(config.schemas.queue)
  const stuck = await sql.query<{ id: string; name: string }>(
    `select id, name from ${table}.job
     where name = any ($1) and state = 'active' and (
       heartbeat_on + heartbeat_seconds * interval '1s' < ${table}.job_now()
       or started_on + expire_seconds * interval '1s' < ${table}.job_now()
     )`,
    [Object.values(QUEUES)],
  )
  const queues = [...new Set(stuck.map((job) => job.name))]
  for (const queue of queues) await boss.supervise(queue)
  const after = await sql.query<{ state: string; count: string }>(
    `select state, count(*) from ${table}.job where id = any ($1::uuid[]) group by state`,
    [stuck.map((job) => job.id)],
  )
  const count = (...states: string[]) =>
    after.filter((row) => states.includes(row.state)).reduce((sum, row) => sum + Number(row.count), 0)
  const recovery: Recovery = {
    stuck: stuck.length,
    returned: count('created', 'retry'),
    dead: count('failed'),
  }
  if (recovery.stuck > 0) log.warn({ ...recovery, queues }, 'jobs of a worker that is gone were returned')
  return recovery
}
