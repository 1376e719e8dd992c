import { quoteIdentifier } from '../database/quote.ts'
import { QUEUES } from '../queue/queues.ts'
import type { MaintenanceContext } from './context.ts'

/** What a cleanup deleted. */
export interface Cleanup {
  /** Settled jobs past their retention. */
  readonly jobs: number
  /** Resolved conflicts past their retention. */
  readonly conflicts: number
  /** Edits that were decided, past their retention. */
  readonly edits: number
  /** Records, and queued jobs, of targets that left the configuration longer ago than the retention. */
  readonly records: number
  readonly orphanedJobs: number
  /** Targets that left the configuration. */
  readonly targets: number
}

/** Records deleted in one statement: short locks, however many there are. */
const CHUNK = 10_000

/**
 * Deletes settled jobs, resolved conflicts and what removed targets left behind, each once it is older than the
 * retention. A target counts as removed when the configuration does not name it and nothing has touched it for
 * that long, so that a worker of the next release finds its state.
 */
export async function cleanUp({ sql, config, log }: MaintenanceContext): Promise<Cleanup> {
  const boss = quoteIdentifier(config.schemas.queue)
  const library = quoteIdentifier(config.schemas.library)
  const age = [`${config.retention.days} days`]
  const targets = config.targets.map((target) => target.name)

  const deleteAll = async (text: string, values: readonly unknown[]): Promise<number> => {
    let deleted = 0
    for (;;) {
      const [row] = await sql.query<{ count: string }>(
        `with gone as (${text}) select count(*) from gone`,
        values,
      )
      const count = Number(row?.count ?? 0)
      deleted += count
      if (count < CHUNK) return deleted
    }
  }

  const jobs = await deleteAll(
    `delete from ${boss}.job j using (
       select name, id from ${boss}.job
       where name = any ($1) and state in ('completed', 'cancelled', 'failed') and completed_on < now() - $2::interval
       limit ${CHUNK}
     ) old where j.name = old.name and j.id = old.id returning 1`,
    [Object.values(QUEUES), ...age],
  )
  const conflicts = await deleteAll(
    `delete from ${library}.sync_conflict where id in (
       select id from ${library}.sync_conflict where state = 'resolved' and resolved_at < now() - $1::interval
       limit ${CHUNK}
     ) returning 1`,
    age,
  )
  // One that was refused and still stands in its place is not over.
  const edits = await deleteAll(
    `delete from ${library}.sync_edit where id in (
       select id from ${library}.sync_edit where open is null and decided_at < now() - $1::interval limit ${CHUNK}
     ) returning 1`,
    age,
  )
  const removed = (
    await sql.query<{ name: string }>(
      `select name from ${library}.sync_target where name <> all ($1::text[]) and updated_at < now() - $2::interval`,
      [targets, ...age],
    )
  ).map((row) => row.name)
  let records = 0
  let orphanedJobs = 0
  for (const target of removed) {
    records += await deleteAll(
      `delete from ${library}.sync_record where (target, record_key) in (
         select target, record_key from ${library}.sync_record where target = $1 limit ${CHUNK}
       ) returning 1`,
      [target],
    )
    orphanedJobs += await deleteAll(
      `delete from ${boss}.job j using (
         select name, id from ${boss}.job
         where name = any ($2) and state in ('created', 'retry') and group_tier = $1 limit ${CHUNK}
       ) old where j.name = old.name and j.id = old.id returning 1`,
      [target, [QUEUES.writeBack, QUEUES.inbound]],
    )
    await sql.query(`delete from ${library}.sync_conflict where target = $1`, [target])
    await sql.query(`delete from ${library}.sync_edit where target = $1`, [target])
    await sql.query(`delete from ${library}.sync_progress where target = $1`, [target])
    await sql.query(`delete from ${library}.sync_target where name = $1`, [target])
  }
  const done: Cleanup = { jobs, conflicts, edits, records, orphanedJobs, targets: removed.length }
  log.info({ ...done }, 'cleaned up')
  return done
}
