import type { PgBoss } from 'pg-boss'
import { quoteIdentifier } from '../database/quote.ts'
import { resendEdits } from '../inbound/edits-without-job.ts'
import { sweepDeadLetters } from '../queue/dead-letters.ts'
import { QUEUES } from '../queue/queues.ts'
import { takeBackLost } from '../queue/take-back.ts'
import type { MaintenanceContext } from './context.ts'

/** What a recovery found and did. */
export interface Recovery {
  /** Jobs that were active although their worker had stopped beating, or that had run too long. */
  readonly stuck: number
  /** How many of them are queued again. */
  readonly returned: number
  /** How many had used up their attempts and are dead letters now. */
  readonly dead: number
  /** Records with edits that had no job, and have one again. */
  readonly edits: number
}

/** Returns stuck jobs of every queue of the library, and looks through the dead letters. */
export async function recoverStuck({
  boss,
  sql,
  config,
  log,
}: MaintenanceContext & { readonly boss: PgBoss }) {
  const table = quoteIdentifier(config.schemas.queue)
  const stuck = await sql.query<{ id: string; name: string }>(
    `select id, name from ${table}.job
     where name = any ($1) and state = 'active' and (
       heartbeat_on + heartbeat_seconds * interval '1s' < ${table}.job_now()
       or started_on + expire_seconds * interval '1s' < ${table}.job_now()
     )`,
    [Object.values(QUEUES)],
  )
  // Those that no worker has taken back: together, before pg-boss spreads them.
  if (stuck.length > 0) await takeBackLost(sql, config.schemas)
  const queues = [...new Set(stuck.map((job) => job.name))]
  for (const queue of queues) await boss.supervise(queue)
  const after = await sql.query<{ state: string; count: string }>(
    `select state, count(*) from ${table}.job where id = any ($1::uuid[]) group by state`,
    [stuck.map((job) => job.id)],
  )
  const count = (...states: string[]) =>
    after.filter((row) => states.includes(row.state)).reduce((sum, row) => sum + Number(row.count), 0)
  const { repeated, settled } = await sweepDeadLetters(sql, config.schemas)
  if (repeated + settled > 0)
    log.info({ repeated, settled }, 'dead letters that say nothing any more are gone')
  const targets = config.targets.map(({ name }) => name)
  const edits = await resendEdits(sql, config.schemas, targets)
  if (edits > 0) log.warn({ records: edits }, 'edits of people had no job: they are sent again')
  const recovery: Recovery = {
    edits,
    stuck: stuck.length,
    returned: count('created', 'retry'),
    dead: count('failed'),
  }
  if (recovery.stuck > 0) log.warn({ ...recovery, queues }, 'jobs of a worker that is gone were returned')
  return recovery
}
