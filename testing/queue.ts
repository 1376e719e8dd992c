import type { Schemas } from '../src/config/schemas.ts'
import { quoteIdentifier } from '../src/database/quote.ts'
import type { Sql } from '../src/database/sql.ts'
import { WritebackError } from '../src/errors.ts'
import { WORKER_APPLICATION } from '../src/queue/boss.ts'
import { QUEUES } from '../src/queue/queue-names.ts'

/** Queues of the work that follows from a write. What is scheduled is none. */
const WORK = [QUEUES.writeBack, QUEUES.related, QUEUES.reconcile]

/** Forgets everything that the library knows in this database: jobs, what stands in the sheets, pauses, errors. */
export async function forgetEverything(sql: Sql, schemas: Schemas): Promise<void> {
  const library = quoteIdentifier(schemas.library)
  await sql.query(`delete from ${quoteIdentifier(schemas.queue)}.job where name = any ($1)`, [
    Object.values(QUEUES),
  ])
  for (const table of ['record', 'conflict', 'lane', 'quota', 'progress'])
    await sql.query(`delete from ${library}.sync_${table}`)
  await sql.query(
    `update ${library}.sync_target set sheet_id = null, layout = null, state = 'active', reason = null, changed_by = null,
       last_success_at = null, last_error_at = null, last_error_code = null, last_error = null`,
  )
}

/** @throws WritebackError `OPERATION_INVALID` where a worker runs: this is no database of tests, or not only of this one */
export async function assertNoWorker(sql: Sql): Promise<void> {
  const workers = await sql.query(
    'select from pg_stat_activity where datname = current_database() and starts_with(application_name, $1)',
    [WORKER_APPLICATION],
  )
  if (workers.length === 0) return
  throw new WritebackError('OPERATION_INVALID', {
    problem: 'a worker is connected to this database',
    expected: 'a database that only this test uses: its jobs are taken and deleted',
    got: `${workers.length} connections of a worker`,
    remedy:
      'Set DATABASE_URL, or the option databaseUrl, to a database of tests, another one for each test process',
  })
}

/** Work that is queued or being done. */
export interface Pending {
  readonly queue: string
  /** Null for work of no single target. */
  readonly target: string | null
  readonly record: string | null
  readonly state: 'created' | 'retry' | 'active'
  /** Milliseconds until it may be fetched; 0 for now. */
  readonly waitMs: number
  /** Whether an attempt has failed, which counts; a sheet that is away costs none. */
  readonly hasFailed: boolean
  /** What its last attempt failed with, or its target where the attempt does not count. */
  readonly reason: string | null | undefined
}

/** Lets what waits for a later time be done now: failed attempts, and sheets that were away. */
export async function hasten(sql: Sql, schemas: Schemas): Promise<void> {
  const boss = quoteIdentifier(schemas.queue)
  await sql.query(
    `update ${boss}.job set start_after = ${boss}.job_now()
     where name = any ($1) and state in ('created', 'retry') and start_after > ${boss}.job_now()`,
    [WORK],
  )
  const library = quoteIdentifier(schemas.library)
  await sql.query(`update ${library}.sync_lane set circuit = 'closed', failures = 0, probe_at = null`)
  await sql.query(`delete from ${library}.sync_quota`)
}

/** What has not been done yet. */
export async function pendingWork(sql: Sql, schemas: Schemas): Promise<Pending[]> {
  const boss = quoteIdentifier(schemas.queue)
  const library = quoteIdentifier(schemas.library)
  return await sql.query<Pending>(
    `select j.name as queue, coalesce(j.group_tier, j.data->>'target') as target, j.data->>'id' as record, j.state::text,
       greatest(0, extract(epoch from j.start_after - ${boss}.job_now()) * 1000)::float8 as "waitMs",
       j.state = 'retry' and j.output is not null as "hasFailed",
       coalesce(j.output->>'code' || ' ' || (j.output->>'message'),
         case when t.state <> 'active' then 'the target is ' || t.state || coalesce(': ' || t.reason, '') end,
         case when l.circuit <> 'closed' then l.last_error_code || ' ' || l.last_error end) as reason
     from ${boss}.job j
     left join ${library}.sync_target t on t.name = coalesce(j.group_tier, j.data->>'target')
     left join ${library}.sync_lane l on l.id = t.lane
     where j.name = any ($1) and j.state <= 'active'
     order by j.created_on, j.data->>'id'`,
    [WORK],
  )
}
