import { QUEUES } from '../queue/queues.ts'
import { type OperationsContext, tablesOf } from './context.ts'

/** Minutes over which rates are taken. */
export const RATE_MINUTES = 5

/** Jobs of one queue, or of one target, by what they wait for. */
export interface JobCounts {
  /** May be fetched now. */
  readonly waiting: number
  /** Not before a time to come: handed back while its target was away, or sent for later. */
  readonly delayed: number
  /** In the hands of a worker. */
  readonly active: number
  /** Failed at least once and waiting for another attempt. */
  readonly retrying: number
  /** Ended without success and kept for people to look at; each write-back job among them has a dead letter. */
  readonly failed: number
  /** When the oldest of those that are not settled was queued: one in the hands of a worker waits, too. */
  readonly oldestWaiting: Date | null
  /** Completed per minute, over the last {@link RATE_MINUTES} minutes. */
  readonly ratePerMinute: number
}

/** Jobs of one queue and target. */
export interface CountRow {
  readonly name: string
  readonly target: string | null
  readonly waiting: number
  readonly delayed: number
  readonly active: number
  readonly retrying: number
  readonly failed: number
  /** Queued or active, after an attempt that failed. */
  readonly failing: number
  readonly oldest: Date | null
  readonly completed: number
}

/** Counts the jobs of all queues of the library, by queue and target. */
export function countJobs(context: OperationsContext): Promise<CountRow[]> {
  const { boss, job } = tablesOf(context)
  return context.sql.query<CountRow>(
    `select name, group_tier as target,
       count(*) filter (where state < 'active' and start_after <= now.at and not retrying)::int as waiting,
       count(*) filter (where state < 'active' and start_after > now.at and not retrying)::int as delayed,
       count(*) filter (where state = 'active')::int as active,
       count(*) filter (where state < 'active' and retrying)::int as retrying,
       count(*) filter (where state = 'failed')::int as failed,
       count(*) filter (where state <= 'active' and output is not null)::int as failing,
       min(created_on) filter (where state <= 'active') as oldest,
       count(*) filter (where state = 'completed' and completed_on > now.at - interval '${RATE_MINUTES} minutes')::int
         as completed
     from ${job} j
     -- A job that was handed back is in state "retry" too, and has not been started.
     cross join lateral (select state = 'retry' and started_on is not null as retrying) as r
     cross join (select ${boss}.job_now() as at) as now
     where name = any ($1)
     group by name, group_tier`,
    [Object.values(QUEUES)],
  )
}

/** Counts of several rows together. */
export function sum(rows: readonly CountRow[]): JobCounts {
  const total = (key: 'waiting' | 'delayed' | 'active' | 'retrying' | 'failed' | 'completed') =>
    rows.reduce((all, row) => all + row[key], 0)
  const oldest = rows.flatMap((row) => row.oldest ?? []).sort((a, b) => a.getTime() - b.getTime())[0]
  return {
    waiting: total('waiting'),
    delayed: total('delayed'),
    active: total('active'),
    retrying: total('retrying'),
    failed: total('failed'),
    oldestWaiting: oldest ?? null,
    ratePerMinute: Math.round(total('completed') / RATE_MINUTES),
  }
}
