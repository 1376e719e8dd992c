import type { JobWithMetadata } from 'pg-boss'
import type { Change } from '../src/change/change.ts'
import { getOrMake } from '../src/get-or-make.ts'
import type { Outcome } from '../src/lane/outcome.ts'
import type { Target } from '../src/model/target.ts'
import { QUEUES } from '../src/queue/queues.ts'
import { failureOf } from './failure.ts'
import type { Runtime } from './job.ts'
import { NO_OUTCOME } from './results.ts'

type Job = JobWithMetadata<unknown>

/** One line for a batch; at `debug` one for each job, too. */
export function logBatch(
  { log, environment }: Runtime,
  lane: string,
  targets: ReadonlyMap<Target, ReadonlyMap<string, Job[]>>,
  tally: Record<string, number>,
  tookMs: number,
): void {
  const summary = [...targets].map(([target, records]) => `${target.name} ${records.size}`).join(', ')
  log.info({ lane, ...tally, ms: Math.round(tookMs) }, `batch: ${summary}`)
  if (environment.logLevel !== 'debug' && environment.logLevel !== 'trace') return
  for (const [target, records] of targets) {
    for (const [record, jobs] of records) {
      for (const job of jobs) {
        const { correlationId } = (job.data as Change).context ?? {}
        log.debug({ job: job.id, target: target.name, record, correlationId }, 'handled')
      }
    }
  }
}

/** Records named in one line of the log, at most: a column that fails does so for all of a batch. */
const MAX_NAMED = 20

/** The records that could not be written, together where they failed for the same reason. */
export function logFailures(
  { log }: Runtime,
  target: Target,
  records: ReadonlyMap<string, Job[]>,
  outcomes: ReadonlyMap<string, Outcome> | undefined,
): void {
  const reasons = new Map<
    string,
    { outcome: 'dead' | 'failed'; code: string; error: string; ids: string[] }
  >()
  for (const [id, jobs] of records) {
    const outcome = outcomes?.get(id) ?? NO_OUTCOME
    if (outcome.status !== 'dead' && outcome.status !== 'failed') continue
    const isLast = jobs.every((job) => job.retryCount >= job.retryLimit)
    const status: 'dead' | 'failed' = outcome.status === 'dead' || isLast ? 'dead' : 'failed'
    const { code, reason: error } = outcome
    const key = JSON.stringify([status, code, error])
    getOrMake(reasons, key, () => ({ outcome: status, code, error, ids: [] as string[] })).ids.push(id)
  }
  for (const { outcome, code, error, ids } of reasons.values()) {
    log.warn(
      { target: target.name, code, error, records: ids.slice(0, MAX_NAMED), count: ids.length },
      outcome === 'dead' ? 'changes are dead letters now' : 'changes failed, and are tried again',
    )
  }
}

/** Something broke around the writing: pg-boss fails every job of the batch. */
export function logBatchFailure({ log }: Runtime, jobs: readonly Job[], thrown: unknown): void {
  const { code, message: error } = failureOf(thrown)
  log.warn({ queue: QUEUES.writeBack, jobs: jobs.length, code, error }, 'a batch failed, and is tried again')
}
