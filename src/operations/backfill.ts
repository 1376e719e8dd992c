import type { Reconciliation } from '../maintenance/reconcile-target.ts'
import { QUEUES } from '../queue/queues.ts'
import { type Actor, type OperationsContext, tablesOf } from './context.ts'
import { type ReconcileProgress, reconcileProgress, requestReconcile } from './maintenance.ts'
import { readProgress, settledLately } from './progress.ts'

/** A backfill that was asked for: what {@link backfillProgress} is asked with. May be stored, and sent to a page. */
export interface BackfillTicket {
  readonly target: string
  /** The comparison that finds what is missing. */
  readonly jobId: string
}

/** How a backfill is getting on. */
export interface BackfillProgress {
  readonly target: string
  /** `gone`: pg-boss has deleted the comparison since, as it does after the retention. */
  readonly state: 'waiting' | 'comparing' | 'writing' | 'done' | 'failed' | 'gone'
  /** Records that were missing, or other than in the database; null until the comparison is through. */
  readonly records: number | null
  /** Those of them that are settled: written, found as they should be, or made a dead letter. */
  readonly settled: number
  /** Those that were tried and are to be tried again, or wait for a person as dead letters. */
  readonly troubled: number
  /** Changes of the target settled per second, over the last ten seconds. */
  readonly ratePerSecond: number
  /** Until the last one is settled, at that rate; null where nothing is settled, or nobody can tell yet. */
  readonly secondsLeft: number | null
  /** What the comparison found, once it is through. */
  readonly found: Reconciliation | null
  /** Why the comparison failed. */
  readonly error: string | null
}

/**
 * Brings a place up to what the database has: a new target, or one whose place was emptied. The workers compare, and
 * write what is missing or differs, behind the changes that come in meanwhile.
 *
 * @throws WritebackError `TARGET_UNKNOWN`
 */
export async function requestBackfill(
  context: OperationsContext,
  target: string,
  actor: Actor,
): Promise<BackfillTicket> {
  const { jobId } = await requestReconcile(context, target, actor)
  return { target, jobId }
}

/** Tells how far a backfill has come. Changes nothing. */
export async function backfillProgress(
  context: OperationsContext,
  { target, jobId }: BackfillTicket,
): Promise<BackfillProgress> {
  const [comparison, rows, open] = await Promise.all([
    reconcileProgress(context, jobId),
    readProgress(context),
    openSince(context, target, jobId),
  ])
  const found = comparison.found.find((one) => one.target === target) ?? null
  const progress = rows.find((row) => row.target === target)
  const ratePerSecond = settledLately(progress, open.at)
  const records = found && found.missing + found.differs + found.surplus + found.unreadable - found.held
  const left = comparison.state === 'completed' ? open.untried : 0
  return {
    target,
    state: stateOf(comparison, left),
    records,
    // A record that changed meanwhile waits with its newer change, which is no part of this.
    settled: records === null ? 0 : Math.max(0, records - left - open.retrying),
    troubled: open.retrying + open.dead,
    ratePerSecond,
    secondsLeft: left > 0 && ratePerSecond > 0 ? Math.ceil(left / ratePerSecond) : null,
    found,
    error: comparison.error,
  }
}

function stateOf({ state }: ReconcileProgress, left: number): BackfillProgress['state'] {
  if (state === 'active') return 'comparing'
  if (state === 'completed') return left > 0 ? 'writing' : 'done'
  return state
}

/** Changes of a target that were queued before a comparison was through. */
async function openSince(context: OperationsContext, target: string, jobId: string) {
  const { job } = tablesOf(context)
  const [row] = await context.sql.query<{ untried: number; retrying: number; dead: number; at: Date }>(
    `with comparison as (select created_on, coalesce(completed_on, now()) as ended from ${job} where name = $1 and id = $2)
     select count(*) filter (where j.name = $3 and j.output is null)::int as untried,
       count(*) filter (where j.name = $3 and j.output is not null)::int as retrying,
       count(*) filter (where j.name = $4)::int as dead, now() as at
     from comparison c left join ${job} j on j.name in ($3, $4) and j.group_tier = $5 and j.state <= 'active'
       and case j.name when $3 then j.created_on <= c.ended else j.created_on >= c.created_on end`,
    [QUEUES.reconcile, jobId, QUEUES.writeBack, QUEUES.writeBackDead, target],
  )
  return row ?? { untried: 0, retrying: 0, dead: 0, at: new Date() }
}
