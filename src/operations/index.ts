/*
 * What operators do, as functions: `prisma-writeback/operations`. An entry of its own, so that a web process that
 * only publishes does not load pg-boss.
 */

export type { Cleanup } from '../../jobs/cleanup.ts'
export type { Reconciliation } from '../../jobs/reconcile-target.ts'
export type { Recovery } from '../../jobs/recover.ts'
export type { Take } from '../targets/sheet/store/resolve-conflict.ts'
export type { AuditAction, AuditEntry } from './audit.ts'
export type { BackgroundFailure, BackgroundQueue, Comparison } from './background.ts'
export type { Complaint } from './complaints/complaint.ts'
export type { Conflict, ConflictFilter, Resolved } from './conflicts.ts'
export type { Actor } from './context.ts'
export type { Preview, Retried, TroubledFilter } from './dead-letters.ts'
export type { GoogleCheck } from './doctor/check-google.ts'
export type { Finding } from './doctor/finding.ts'
export type { FailingChanges } from './failing.ts'
export { type Health, judge } from './health.ts'
export type { Installation } from './installation.ts'
export type { JobCounts } from './job-counts.ts'
export type { JobFilter, JobState, JobSummary } from './job-filter.ts'
export type { ReconcileProgress, ReconcileTicket } from './maintenance.ts'
export { type Operations, type OperationsOptions, openOperations, type Page } from './operations.ts'
export type { StateChange } from './pause.ts'
export type { QuotaLeft, QuotaUse } from './quota-left.ts'
export type { JobDetail } from './show-job.ts'
export type { CircuitStats, QueueStats, Stats, TargetStats } from './stats.ts'
export type { WorkerInfo } from './workers.ts'
