import { QUEUES } from '../queue/queues.ts'
import { type OperationsContext, tablesOf } from './context.ts'
import { errorCodeSql, errorMessageSql } from './job-error.ts'

/** Queues of the jobs around the writing. Write-back jobs have dead letters. */
export const BACKGROUND_QUEUES = [QUEUES.related, QUEUES.cleanup, QUEUES.recover, QUEUES.reconcile] as const
export type BackgroundQueue = (typeof BACKGROUND_QUEUES)[number]

/** A background job that failed and has not succeeded since. */
export interface BackgroundFailure {
  readonly queue: BackgroundQueue
  /** The target it is for; null for all of them, or none. */
  readonly target: string | null
  readonly jobId: string
  /** `retrying`: it is tried again by itself. */
  readonly state: 'retrying' | 'failed'
  /** Attempts that failed, and how many there are. */
  readonly attempts: number
  readonly attemptsAllowed: number
  readonly failedAt: Date
  readonly error: { readonly code: string | null; readonly message: string }
}

/** A comparison of a tab with its table. */
export interface Comparison {
  readonly target: string
  /** When one last came to its end, as far back as jobs are kept. */
  readonly completedAt: Date | null
  /** One that is queued, or being made. */
  readonly pending: { readonly state: 'waiting' | 'active'; readonly since: Date } | null
}

/** How the background jobs are getting on. */
export interface Background {
  readonly failures: readonly BackgroundFailure[]
  readonly comparisons: readonly Comparison[]
  /** When a job of the queue last succeeded, as far back as jobs are kept. */
  readonly lastSuccess: Readonly<Partial<Record<BackgroundQueue, Date>>>
}

/** A failed job as the table has it. */
export interface FailedRow {
  readonly queue: BackgroundQueue
  readonly target: string | null
  readonly id: string
  readonly state: 'retrying' | 'failed'
  readonly attempts: number
  readonly allowed: number
  readonly at: Date
  readonly code: string | null
  readonly message: string | null
  /** Targets of a job for all of them that failed; null where it is not known. */
  readonly targets: readonly string[] | null
}

/** The last success in a queue; of a comparison, for each target. */
export interface SucceededRow {
  readonly queue: BackgroundQueue
  readonly target: string | null
  readonly started: Date
  readonly ended: Date
}

interface PendingRow {
  readonly target: string | null
  readonly state: 'waiting' | 'active'
  readonly since: Date
}

/** Reads the jobs of the background queues. Changes nothing. */
export async function readBackground(context: OperationsContext): Promise<Background> {
  const { config } = context
  const targets = config.targets.map(({ name }) => name)
  const [failed, succeeded, pending] = await Promise.all([
    readFailed(context),
    readSucceeded(context),
    readPending(context),
  ])
  const newest = (rows: readonly SucceededRow[], of: (row: SucceededRow) => boolean) =>
    rows.filter(of).reduce<Date | null>((last, { ended }) => (last && last > ended ? last : ended), null)
  return {
    failures: unresolved(failed, succeeded, targets),
    comparisons: targets.map((target) => ({
      target,
      completedAt: newest(succeeded, (row) => row.queue === QUEUES.reconcile && row.target === target),
      pending: pendingFor(pending, target),
    })),
    lastSuccess: Object.fromEntries(
      BACKGROUND_QUEUES.flatMap((queue) => {
        const at = newest(succeeded, (row) => row.queue === queue)
        return at ? [[queue, at]] : []
      }),
    ),
  }
}

/**
 * The failures that no later success has made good. A comparison makes good an earlier one of the same target, and a
 * second look that failed (`sync.related`) too: it finds what that would have found.
 */
export function unresolved(
  failed: readonly FailedRow[],
  succeeded: readonly SucceededRow[],
  targets: readonly string[],
): BackgroundFailure[] {
  const success = (queue: BackgroundQueue, target: string | null) =>
    succeeded.filter((row) => row.queue === queue && (queue !== QUEUES.reconcile || row.target === target))
  const isMadeGood = ({ queue, target, targets: own, at }: FailedRow): boolean => {
    switch (queue) {
      case QUEUES.reconcile: {
        const needed = target === null ? (own ?? targets) : [target]
        return needed.every((name) => success(queue, name).some(({ ended }) => ended > at))
      }
      case QUEUES.related:
        return success(QUEUES.reconcile, target).some(({ started }) => started > at)
      default:
        return success(queue, null).some(({ ended }) => ended > at)
    }
  }
  return failed
    .filter((row) => !isMadeGood(row))
    .map(({ queue, target, id, state, attempts, allowed, at, code, message }) => ({
      ...{ queue, target, jobId: id, state },
      ...{ attempts, attemptsAllowed: allowed, failedAt: at },
      error: { code, message: message ?? 'no reason is known' },
    }))
}

/** The newest failure of every queue and target. A job whose attempt has failed has an output before it is settled. */
function readFailed(context: OperationsContext): Promise<FailedRow[]> {
  const { job } = tablesOf(context)
  return context.sql.query<FailedRow>(
    `select distinct on (j.name, j.data->>'target')
       j.name as queue, j.data->>'target' as target, j.id,
       j.retry_count + case when j.state = 'active' then 0 else 1 end as attempts, j.retry_limit + 1 as allowed,
       case when j.state = 'failed' then 'failed' else 'retrying' end as state,
       coalesce(j.completed_on, j.started_on, j.created_on) as at,
       ${errorCodeSql('j.output')} as code, ${errorMessageSql('j.output')} as message,
       case jsonb_typeof(j.output->'targets') when 'array' then
         array(select jsonb_array_elements_text(j.output->'targets')) end as targets
     from ${job} j
     where j.name = any ($1) and (j.state = 'failed' or (j.state <= 'active' and j.output is not null))
     order by j.name, j.data->>'target', coalesce(j.completed_on, j.started_on, j.created_on) desc`,
    [BACKGROUND_QUEUES],
  )
}

/** What people run by themselves succeeds, too; it is written down when it is done. */
function readSucceeded(context: OperationsContext): Promise<SucceededRow[]> {
  const { job, audit } = tablesOf(context)
  return context.sql.query<SucceededRow>(
    `select j.name as queue, null as target, max(j.started_on) as started, max(j.completed_on) as ended
     from ${job} j where j.name = any ($1) and j.state = 'completed' group by 1
     union all
     select j.name, found->>'target', max(j.started_on), max(coalesce(j.completed_on, j.started_on))
     from ${job} j
     cross join lateral jsonb_array_elements(
       case jsonb_typeof(j.output->'found') when 'array' then j.output->'found' else '[]' end
     ) found
     where j.name = $2 and j.output is not null group by 1, 2
     union all
     select case action when 'cleanup' then $3 else $4 end, null, max(at), max(at)
     from ${audit} where action in ('cleanup', 'reset-stuck') group by 1`,
    [
      BACKGROUND_QUEUES.filter((queue) => queue !== QUEUES.reconcile),
      QUEUES.reconcile,
      QUEUES.cleanup,
      QUEUES.recover,
    ],
  )
}

function readPending(context: OperationsContext): Promise<PendingRow[]> {
  const { job } = tablesOf(context)
  return context.sql.query<PendingRow>(
    `select j.data->>'target' as target, case when bool_or(j.state = 'active') then 'active' else 'waiting' end as state,
       min(j.created_on) as since
     from ${job} j where j.name = $1 and j.state <= 'active' group by 1`,
    [QUEUES.reconcile],
  )
}

/** A comparison of all targets is one of each. */
function pendingFor(rows: readonly PendingRow[], target: string): Comparison['pending'] {
  const own = rows.filter((row) => row.target === target || row.target === null)
  const first = own.find(({ state }) => state === 'active') ?? own[0]
  return first ? { state: first.state, since: first.since } : null
}
