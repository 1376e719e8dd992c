import { type Logger, pino } from 'pino'
import type { WritebackConfig } from '../config/define-config.ts'
import type { Cleanup } from '../maintenance/clean-up.ts'
import type { Recovery } from '../maintenance/recover-stuck.ts'
import { sqlOf, startBoss } from '../queue/boss.ts'
import type { Finding } from '../targets/finding.ts'
import type { Take } from '../targets/merge/resolve-conflict.ts'
import type { EntryComparison } from '../targets/operator.ts'
import { type AuditEntry, listAudit } from './audit.ts'
import { type BackfillProgress, type BackfillTicket, backfillProgress, requestBackfill } from './backfill.ts'
import { type Conflict, type ConflictFilter, listConflicts, type Resolved, resolve } from './conflicts.ts'
import type { Actor, OperationsContext } from './context.ts'
import {
  discardJobs,
  listDeadLetters,
  type Preview,
  previewTroubled,
  type Retried,
  retryJobs,
  type TroubledFilter,
} from './dead-letters.ts'
import { type DoctorOptions, examine } from './doctor/doctor.ts'
import { type EditEntry, type EditFilter, listEdits } from './edits.ts'
import { type Health, judge } from './health.ts'
import { findJobs, type JobFilter, type JobSummary } from './job-filter.ts'
import {
  cleanupNow,
  type ReconcileProgress,
  type ReconcileTicket,
  reconcileProgress,
  requestReconcile,
  resetStuck,
} from './maintenance.ts'
import { type Approval, approveDeletions, pauseTarget, resumeTarget, type StateChange } from './pause.ts'
import { quotaOf } from './quota-left.ts'
import { type JobDetail, showJob } from './show-job.ts'
import { showRecord } from './show-record.ts'
import { readStats, readTargetStats, type Stats, type TargetStats } from './stats.ts'

/** Options of {@link openOperations}. */
export interface OperationsOptions {
  /** Postgres connection string. */
  readonly databaseUrl: string
  /**
   * The variables with which places are reached, and quotas are known.
   * @defaultValue those of the process
   */
  readonly variables?: Readonly<Record<string, string | undefined>>
  /** @defaultValue one that says nothing */
  readonly log?: Logger
}

/** How many entries a list has, at most. */
export interface Page {
  /** @defaultValue 50 */
  readonly limit?: number
}

/**
 * What operators do, as functions: the command line uses them, and an admin page of the application can, behind its
 * own authorisation. Whoever calls says who acts; everything that changes something is written down in `sync_audit`.
 */
export interface Operations {
  /** Counts jobs, reads the targets' state, the workers and the quota. Changes nothing. */
  stats(): Promise<Stats>
  /**
   * The same of one target.
   * @throws WritebackError `TARGET_UNKNOWN`
   */
  target(name: string): Promise<TargetStats>
  /** Tells from `stats` whether all is well, and what to do if not. */
  health(stats: Stats): Health
  /** Finds write-back jobs and dead letters, the newest first. */
  listJobs(filter?: JobFilter, page?: Page): Promise<readonly JobSummary[]>
  /** Finds one job or dead letter, with the others of its record, and why it is not done. */
  showJob(id: string): Promise<JobDetail>
  /** Finds dead letters, the newest first. */
  listDeadLetters(filter?: Omit<JobFilter, 'states'>, page?: Page): Promise<readonly JobSummary[]>
  /** Tells what `retry` or `discard` with the same filter would touch. */
  preview(filter: TroubledFilter): Promise<Preview>
  /** Sends dead letters back to the queue. A record whose change is queued already gets no second job. */
  retry(filter: TroubledFilter, actor: Actor): Promise<Retried>
  /** Deletes dead letters: their changes are not written, until the record changes again or is reconciled. */
  discard(filter: TroubledFilter, actor: Actor): Promise<{ readonly discarded: number }>
  /** Pauses a target on all workers; its changes wait. */
  pause(target: string, actor: Actor): Promise<StateChange>
  resume(target: string, actor: Actor): Promise<StateChange>
  /** Deletes the records whose rows people deleted, or brings the rows back; the target goes on. */
  approve(target: string, options: { readonly restore?: boolean }, actor: Actor): Promise<Approval>
  /** Returns jobs whose worker is gone to the queue, now. */
  resetStuck(actor: Actor): Promise<Recovery>
  /** Deletes what is older than the retention, now. */
  cleanup(actor: Actor): Promise<Cleanup>
  /** Asks the workers to compare a tab with its table, or all of them. */
  reconcile(target: string | undefined, actor: Actor): Promise<ReconcileTicket>
  reconcileProgress(jobId: string): Promise<ReconcileProgress>
  /** Asks the workers to bring a place up to what the database has: of a new target, or one that was emptied. */
  backfill(target: string, actor: Actor): Promise<BackfillTicket>
  /** Tells how far that has come: of how many records, how fast, and for how long yet. */
  backfillProgress(ticket: BackfillTicket): Promise<BackfillProgress>
  /** Lists cells that people edited. */
  conflicts(filter?: ConflictFilter): Promise<readonly Conflict[]>
  /** Lists what people changed in places, and what became of it. */
  edits(filter?: EditFilter): Promise<readonly EditEntry[]>
  /** Decides an edited cell; the sheet follows with the next batch. */
  resolveConflict(id: string, take: Take, actor: Actor): Promise<Resolved>
  /** Looks at everything that has to be right. */
  doctor(options?: DoctorOptions): Promise<readonly Finding[]>
  /**
   * Puts a record beside its entry in a target and the base. It shows values of the record.
   * @param client the application's Prisma client
   * @returns undefined for a kind of target whose entries cannot be read
   * @throws WritebackError `TARGET_UNKNOWN`, and what reading the place throws
   */
  showRecord(target: string, id: string, client: object): Promise<EntryComparison | undefined>
  /** The last things that people did, the newest first. */
  audit(page?: Page): Promise<readonly AuditEntry[]>
  /** Closes its connections. */
  close(): Promise<void>
}

/** How many entries a list has unless told otherwise. */
const DEFAULT_LIMIT = 50

/**
 * Opens the operations on a database. It holds at most two connections, and none while nothing is asked for ten
 * seconds.
 *
 * @throws WritebackError `DATABASE_UNAVAILABLE`, or `QUEUE_MISSING` before the release step
 */
export async function openOperations(
  config: WritebackConfig,
  options: OperationsOptions,
): Promise<Operations> {
  return operationsOf(await openContext(config, options))
}

/** What {@link openOperations} works with; for code that needs more than the functions. */
export async function openContext(
  config: WritebackConfig,
  { databaseUrl, variables = process.env, log = pino({ level: 'silent' }) }: OperationsOptions,
): Promise<OperationsContext> {
  const boss = await startBoss({
    databaseUrl,
    schemas: config.schemas,
    log,
    applicationName: 'writeback operations',
    works: false,
  })
  return { config, boss, sql: sqlOf(boss), log, variables, quota: quotaOf(config.targets, variables) }
}

/** The functions around a context. */
export function operationsOf(context: OperationsContext): Operations {
  return {
    stats: () => readStats(context),
    target: (name) => readTargetStats(context, name),
    health: judge,
    listJobs: (filter = {}, { limit = DEFAULT_LIMIT } = {}) => findJobs(context, filter, limit),
    showJob: (id) => showJob(context, id),
    listDeadLetters: (filter, page) => listDeadLetters(context, filter, page),
    preview: (filter) => previewTroubled(context, filter),
    retry: (filter, actor) => retryJobs(context, filter, actor),
    discard: (filter, actor) => discardJobs(context, filter, actor),
    pause: (target, actor) => pauseTarget(context, target, actor),
    resume: (target, actor) => resumeTarget(context, target, actor),
    approve: (target, { restore = false }, actor) => approveDeletions(context, target, restore, actor),
    resetStuck: (actor) => resetStuck(context, actor),
    cleanup: (actor) => cleanupNow(context, actor),
    reconcile: (target, actor) => requestReconcile(context, target, actor),
    reconcileProgress: (jobId) => reconcileProgress(context, jobId),
    backfill: (target, actor) => requestBackfill(context, target, actor),
    backfillProgress: (ticket) => backfillProgress(context, ticket),
    conflicts: (filter) => listConflicts(context, filter),
    edits: (filter) => listEdits(context, filter),
    resolveConflict: (id, take, actor) => resolve(context, id, take, actor),
    doctor: (options) => examine(context, options),
    showRecord: (target, id, client) => showRecord(context, target, id, client),
    audit: (page) => listAudit(context, page),
    close: () => context.boss.stop({ graceful: false, close: true }),
  }
}
