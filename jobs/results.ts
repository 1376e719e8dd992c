import type { JobResult, JobWithMetadata } from 'pg-boss'
import type { Outcome } from '../src/lane/outcome.ts'

type Job = JobWithMetadata<unknown>

/** What a writer that forgot a record would have said. */
export const NO_OUTCOME: Outcome = {
  status: 'failed',
  code: 'PLACE_UNAVAILABLE',
  reason: 'the writer gave no outcome',
}

/** Results of the jobs of one record. */
export function settled(
  jobs: readonly Job[],
  outcome: Exclude<Outcome, { status: 'deferred' }>,
): JobResult[] {
  switch (outcome.status) {
    case 'done':
      return jobs.map(({ id }) => ({ id, status: 'completed', output: { change: outcome.change } }))
    case 'dead':
      // One dead letter tells of all.
      return jobs.map((job, at) =>
        at === 0 ? deadLetter(job, outcome.code, outcome.reason) : superseded(job.id),
      )
    case 'failed':
      return jobs.map(({ id }) => ({
        ...{ id, status: 'failed' },
        output: { code: outcome.code, message: outcome.reason },
      }))
  }
}

/** Result of a job that another one of its record makes needless. */
export function superseded(id: string): JobResult {
  return { id, status: 'completed', output: { change: 'superseded' } }
}

/** Result of a job that will not be tried again. */
export function deadLetter(job: Job, code: string, message: string): JobResult {
  return { id: job.id, status: 'deadletter', output: { code, message } }
}

/** Whether pg-boss makes a dead letter of a job of this record. */
export function dies(jobs: readonly Job[], { status }: Outcome): boolean {
  return status === 'dead' || (status === 'failed' && jobs.some((job) => job.retryCount >= job.retryLimit))
}
