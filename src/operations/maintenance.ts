import type { Sql } from '../database/sql.ts'
import { type Cleanup, cleanUp } from '../maintenance/clean-up.ts'
import type { Reconciliation } from '../maintenance/reconcile-target.ts'
import { type Recovery, recoverStuck } from '../maintenance/recover-stuck.ts'
import { QUEUES } from '../queue/queues.ts'
import { writeAudit } from './audit.ts'
import { type Actor, assertTarget, inTransaction, type OperationsContext, tablesOf } from './context.ts'

/**
 * Returns jobs whose worker is gone to the queue, now. Workers do that by themselves every 15 seconds.
 * @returns what was found and done
 */
export async function resetStuck(context: OperationsContext, actor: Actor): Promise<Recovery> {
  const recovery = await recoverStuck(context)
  await writeAudit(context, context.sql, actor, 'reset-stuck', null, { ...recovery })
  return recovery
}

/** Deletes what is older than the retention of the configuration, now. A scheduled job does that every night. */
export async function cleanupNow(context: OperationsContext, actor: Actor): Promise<Cleanup> {
  const cleanup = await cleanUp(context)
  await writeAudit(context, context.sql, actor, 'cleanup', null, { ...cleanup })
  return cleanup
}

/** A comparison that was asked for. */
export interface ReconcileTicket {
  /** The job that will do it: one that was queued already begins after this, and does all there is to do. */
  readonly jobId: string
  /** False when it was queued already. */
  readonly isNew: boolean
}

/**
 * Asks the workers to compare a tab with its table, or all of them.
 * @param target name of the target; all without one
 * @throws WritebackError `TARGET_UNKNOWN`
 */
export async function requestReconcile(
  context: OperationsContext,
  target: string | undefined,
  actor: Actor,
): Promise<ReconcileTicket> {
  if (target !== undefined) assertTarget(context, target)
  const key = target ?? 'all'
  return await inTransaction(context, async (sql, db) => {
    for (;;) {
      const data = target === undefined ? {} : { target }
      const sent = await context.boss.send(QUEUES.reconcile, data, { singletonKey: key, db })
      const jobId = sent ?? (await queuedReconcile(context, sql, key))
      // One that a worker has just taken may have read the tab before this.
      if (jobId === null) continue
      await writeAudit(context, sql, actor, 'reconcile', target ?? null, { job: jobId })
      return { jobId, isNew: sent !== null }
    }
  })
}

async function queuedReconcile(context: OperationsContext, sql: Sql, key: string): Promise<string | null> {
  const [row] = await sql.query<{ id: string }>(
    `select id from ${tablesOf(context).job} where name = $1 and singleton_key = $2 and state = 'created'`,
    [QUEUES.reconcile, key],
  )
  return row?.id ?? null
}

/** How a comparison is getting on. */
export interface ReconcileProgress {
  readonly state: 'waiting' | 'active' | 'completed' | 'failed' | 'gone'
  /** What was found, once it is completed. */
  readonly found: readonly Reconciliation[]
  /** Why it failed. */
  readonly error: string | null
}

/** Looks at a comparison that was asked for. */
export async function reconcileProgress(
  { boss }: OperationsContext,
  jobId: string,
): Promise<ReconcileProgress> {
  const [job] = await boss.findJobs(QUEUES.reconcile, { id: jobId })
  if (job === undefined) return { state: 'gone', found: [], error: null }
  const output = (job.output ?? {}) as { found?: Reconciliation[]; message?: string }
  const failed = job.state === 'failed' || job.state === 'cancelled'
  const state = failed ? 'failed' : job.state === 'created' || job.state === 'retry' ? 'waiting' : job.state
  return {
    state: state as ReconcileProgress['state'],
    found: output.found ?? [],
    error: failed ? (output.message ?? 'no reason is known') : null,
  }
}
