import type { JobResult, JobWithMetadata, WorkOptions } from 'pg-boss'
import { handBack } from '../src/queue/hand-back.ts'
import { failureOf, type TargetFailure, TargetsFailed } from './failure.ts'
import type { Runtime } from './job.ts'

type Job = JobWithMetadata<unknown>
type Needed = Pick<Runtime, 'boss' | 'sql' | 'config' | 'log' | 'leaving'>

/**
 * Handles a queue. Every attempt that fails is logged, and its job keeps the code and the reason, which `status` shows
 * until a later run succeeds. One job that fails does not fail the others of its batch: each is done again by itself.
 * When the worker leaves in the middle, the jobs go back to the queue at no cost.
 *
 * @param work what is done with the jobs of a batch; its answer is kept with each of them
 */
export async function workOn(
  runtime: Needed,
  queue: string,
  options: WorkOptions,
  work: (jobs: readonly Job[]) => Promise<object>,
): Promise<void> {
  const handle = async (jobs: readonly Job[]): Promise<JobResult[]> => {
    try {
      const output = await work(jobs)
      return jobs.map(({ id }) => ({ id, status: 'completed', output }))
    } catch (error) {
      if (runtime.leaving.aborted) return await giveBack(runtime, queue, jobs)
      const [job, ...others] = jobs
      if (job === undefined) return []
      if (others.length === 0) return [failed(runtime, queue, job, error)]
      const results: JobResult[] = []
      for (const one of jobs) results.push(...(await handle([one])))
      return results
    }
  }
  const settings = { ...options, perJobResults: true, includeMetadata: true } as const
  await runtime.boss.work(queue, settings, (jobs: Job[]) => handle(jobs))
}

/** Logs an attempt that failed. @returns what its job keeps of it */
export function failed({ log }: Pick<Needed, 'log'>, queue: string, job: Job, error: unknown): JobResult {
  const { code, message } = failureOf(error)
  const isLast = job.retryCount >= job.retryLimit
  const parts = error instanceof TargetsFailed ? error.failures : [{ code, message, target: targetOf(job) }]
  for (const part of parts) {
    log.warn(
      {
        ...{ queue, ...(part.target !== undefined && { target: part.target }), job: job.id },
        ...{ code: part.code, error: part.message },
        ...{ attempt: job.retryCount + 1, attempts: job.retryLimit + 1 },
      },
      isLast ? 'a background job failed for good' : 'a background job failed, and is tried again',
    )
  }
  const rest =
    error instanceof TargetsFailed
      ? { targets: error.failures.map(({ target }: TargetFailure) => target), found: error.found }
      : {}
  return { id: job.id, status: 'failed', output: { code, message, ...rest } }
}

function targetOf({ data }: Job): string | undefined {
  const target = (data as { target?: unknown } | null)?.target
  return typeof target === 'string' ? target : undefined
}

/** What was cut short has done a part: the next worker begins it again. */
export async function giveBack(
  { sql, config }: Pick<Needed, 'sql' | 'config'>,
  queue: string,
  jobs: readonly Job[],
): Promise<JobResult[]> {
  const superseded = await handBack(sql, config.schemas, queue, jobs, 0)
  return [...superseded].map((id) => ({ id, status: 'completed', output: { change: 'superseded' } }))
}
