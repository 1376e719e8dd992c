import type { JobResult, JobWithMetadata } from 'pg-boss'
import type { Change } from '../src/change/change.ts'
import { messageOf } from '../src/errors.ts'
import { noteProgress } from '../src/queue/progress.ts'
import type { Runtime } from './job.ts'

type Job = JobWithMetadata<unknown>

/**
 * Counts, for `writeback status`, the jobs of a batch that will not be tried again. Never rejects: jobs that are done
 * must not fail because they were not counted.
 */
export async function countSettled(
  { sql, config, log }: Pick<Runtime, 'sql' | 'config' | 'log'>,
  jobs: readonly Job[],
  results: readonly JobResult[],
): Promise<void> {
  const status = new Map(results.map((result) => [result.id, result.status]))
  const settled = jobs.filter((job) => {
    const ended = status.get(job.id)
    return ended === 'failed' ? job.retryCount >= job.retryLimit : ended !== undefined
  })
  const known = new Set(config.targets.map(({ name }) => name))
  for (const [target, own] of Map.groupBy(settled, targetOf)) {
    if (target === undefined || !known.has(target)) continue
    const change = { target, settled: own.length, oldest: oldestOf(own) }
    await noteProgress(sql, config.schemas, change).catch((error) =>
      log.debug({ target, error: messageOf(error) }, 'settled changes were not counted'),
    )
  }
}

/** Undefined for data that is no change: such a job is a dead letter. */
function targetOf({ data }: Job): string | undefined {
  return (data as Partial<Change> | null)?.target
}

/** When the oldest was queued of those that did not wait for a further attempt on purpose. */
function oldestOf(jobs: readonly Job[]): Date | null {
  const queued = jobs.filter((job) => job.retryCount === 0).map((job) => job.createdOn.getTime())
  return queued.length > 0 ? new Date(Math.min(...queued)) : null
}
