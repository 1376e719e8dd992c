import type { JobResult, JobWithMetadata } from 'pg-boss'
import { messageOf } from '../src/errors.ts'
import { noteProgress } from '../src/queue/progress.ts'
import type { Runtime } from './job.ts'

/**
 * Counts, for `writeback status`, the jobs of a target that will not be tried again. Never rejects: jobs that are done
 * must not fail because they were not counted.
 */
export async function countSettled(
  { sql, config, log }: Pick<Runtime, 'sql' | 'config' | 'log'>,
  target: string,
  jobs: readonly JobWithMetadata<unknown>[],
  results: readonly JobResult[],
): Promise<void> {
  const status = new Map(results.map((result) => [result.id, result.status]))
  const settled = jobs.filter((job) => {
    const ended = status.get(job.id)
    return ended === 'failed' ? job.retryCount >= job.retryLimit : ended !== undefined
  })
  if (settled.length === 0) return
  const queued = settled.filter((job) => job.retryCount === 0).map((job) => job.createdOn.getTime())
  const oldest = queued.length > 0 ? new Date(Math.min(...queued)) : null
  await noteProgress(sql, config.schemas, { target, settled: settled.length, oldest }).catch((error) =>
    log.debug({ target, error: messageOf(error) }, 'settled changes were not counted'),
  )
}
