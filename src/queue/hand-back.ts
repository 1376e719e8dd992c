import type { Job } from 'pg-boss'
import type { Schemas } from '../config/schemas.ts'
import { quoteIdentifier } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { queuedJobSql } from './job-search.ts'

/** The least time before a job that was handed back is fetched again, in milliseconds: what was away may be back. */
const LEAST_DELAY_MS = 1000

/** No claim has this number: it is the largest integer of the column. */
const NO_CLAIM = 2 ** 31 - 1

/**
 * Returns jobs to the queue as if they had not been fetched: no attempt is used, the next fetch may take them
 * after the delay. A job whose record has another one queued is not needed any more and is not returned.
 *
 * The queued one is searched for each job by itself (`queuedJobSql`): as a join it was planned to compare every job with
 * the whole queue, while Postgres did not know how long that is.
 *
 * pg-boss counts an attempt when it claims a job that was started before, hence `started_on = null`; `retry`
 * is the queued state that the policy `short` does not limit to one per key.
 *
 * The next claim of such a job has the same number (`retryCount`) as the one that is given up here, and pg-boss, once
 * the handler returns, settles by that number, long after another worker may have fetched the job. So the number is
 * taken out of the job that pg-boss gave to the handler.
 *
 * @param sql the worker's connection
 * @param queue the jobs' queue
 * @param jobs jobs that this worker holds, the objects that pg-boss gave to the handler; those that are handed back
 * lose their `retryCount`
 * @param delayMs when they may be fetched again, from now
 * @returns ids of the jobs that were not handed back: superseded by a queued one, or not held any more
 */
export async function handBack(
  sql: Sql,
  schemas: Schemas,
  queue: string,
  jobs: readonly Pick<Job, 'id' | 'retryCount'>[],
  delayMs: number,
): Promise<ReadonlySet<string>> {
  const boss = quoteIdentifier(schemas.queue)
  const returned = await sql.query<{ id: string }>(
    `update ${boss}.job j
     set state = 'retry', started_on = null, heartbeat_on = null,
         start_after = ${boss}.job_now() + $4::float8 * interval '1 ms'
     from unnest($2::uuid[], $3::int[]) as held (id, retry_count)
     where j.name = $1 and j.id = held.id and j.retry_count = held.retry_count and j.state = 'active'
       and (${queuedJobSql(schemas, 'q.id', '$1', `coalesce(j.singleton_key, '')`)}) is null
     returning j.id`,
    [queue, jobs.map((job) => job.id), jobs.map((job) => job.retryCount), Math.max(delayMs, LEAST_DELAY_MS)],
  )
  const kept = new Set(returned.map((row) => row.id))
  for (const job of jobs) if (kept.has(job.id)) job.retryCount = NO_CLAIM
  return new Set(jobs.map((job) => job.id).filter((id) => !kept.has(id)))
}
