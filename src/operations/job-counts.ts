import { QUEUES } from '../queue/queues.ts'
import { inTransaction, type OperationsContext, tablesOf } from './context.ts'

/** Jobs that are not settled, of one queue or of one target, by what they wait for. */
export interface JobCounts {
  /** May be fetched now. */
  readonly waiting: number
  /** Not before a time to come: handed back while its target was away, or sent for later. */
  readonly delayed: number
  /** In the hands of a worker. */
  readonly active: number
  /** Of these, how many have missed a heartbeat of their worker: it is gone, or hangs. They are taken back. */
  readonly silent: number
  /** The first heartbeat after which one is missing; null where none is. */
  readonly silentSince: Date | null
  /** Failed at least once and waiting for another attempt. */
  readonly retrying: number
  /** When the oldest of them was queued: one in the hands of a worker waits, too. */
  readonly oldestWaiting: Date | null
}

/** Jobs of one queue and target. */
export interface CountRow {
  readonly name: string
  readonly target: string | null
  readonly waiting: number
  readonly delayed: number
  readonly active: number
  readonly silent: number
  readonly silentSince: Date | null
  readonly retrying: number
  /** Queued or active, after an attempt that failed. */
  readonly failing: number
  readonly oldest: Date | null
  /** When the oldest of those was queued that have not failed yet. */
  readonly oldestNew: Date | null
}

/** Counts the jobs of all queues of the library that are not settled, by queue and target. */
export function countJobs(context: OperationsContext): Promise<CountRow[]> {
  const others = Object.values(QUEUES).filter((queue) => queue !== QUEUES.writeBack)
  return inTransaction(context, async (sql) => {
    // With half of a table waiting, Postgres would rather read all of it, which takes twice as long.
    await sql.query('set local enable_seqscan = off')
    return await sql.query<CountRow>(countSql(context), [QUEUES.writeBack, others])
  })
}

/**
 * Parts of the heartbeat limit of a queue after which a heartbeat is missing: workers beat every 10 of 30 seconds for
 * changes, and every 30 of 60 for other jobs.
 */
const MISSED = { changes: 0.5, others: 0.75 } as const

/**
 * Settled jobs are kept for days, and may be many times those that wait. Each part of the statement says what a partial
 * index of pg-boss says, so that they are not read: `job_i11` has the queued jobs (none of ours is `blocked`), `job_i7`
 * the active ones that have a group, which every write-back job has and other jobs have not. The queue of write-back
 * jobs is named by itself: Postgres then looks into its table alone.
 *
 * @returns SQL with two values: the queue of write-back jobs, and the others
 */
export function countSql(context: Pick<OperationsContext, 'config'>): string {
  const { boss, job } = tablesOf(context)
  const count = (condition: string) => `count(*) filter (where ${condition})::int`
  // A job that was handed back is in state "retry" too, and has not been started.
  const retrying = `(state = 'retry' and started_on is not null)`
  const queued = (where: string) => `
    select name, group_tier as target,
      ${count(`start_after <= ${boss}.job_now() and not ${retrying}`)} as waiting,
      ${count(`start_after > ${boss}.job_now() and not ${retrying}`)} as delayed,
      0 as active, 0 as silent, null::timestamptz as "silentSince", ${count(retrying)} as retrying, ${count('output is not null')} as failing,
      min(created_on) as oldest, min(created_on) filter (where output is null) as "oldestNew"
    from ${job} where ${where} and state < 'active' and not blocked group by name, group_tier`
  const active = (where: string, missed: number) => {
    const silent = `heartbeat_on < ${boss}.job_now() - ${missed} * heartbeat_seconds * interval '1 second'`
    return `
    select name, group_tier, 0, 0, count(*)::int, ${count(silent)}, min(heartbeat_on) filter (where ${silent}),
      0, ${count('output is not null')}, min(created_on), min(created_on) filter (where output is null)
    from ${job} where ${where} and state = 'active' group by name, group_tier`
  }
  return [
    queued('name = $1'),
    active('name = $1 and group_id is not null', MISSED.changes),
    queued('name = any ($2)'),
    active('name = any ($2)', MISSED.others),
  ].join(' union all ')
}

/** Counts of several rows together. */
export function sum(rows: readonly CountRow[]): JobCounts {
  const total = (key: 'waiting' | 'delayed' | 'active' | 'silent' | 'retrying') =>
    rows.reduce((all, row) => all + row[key], 0)
  return {
    waiting: total('waiting'),
    delayed: total('delayed'),
    active: total('active'),
    silent: total('silent'),
    silentSince: earliest(rows.map((row) => row.silentSince)),
    retrying: total('retrying'),
    oldestWaiting: earliest(rows.map((row) => row.oldest)),
  }
}

/** The earliest of some times; null where there is none. */
export function earliest(times: readonly (Date | null)[]): Date | null {
  return times.reduce((first, time) => (first && (!time || first <= time) ? first : time), null)
}
