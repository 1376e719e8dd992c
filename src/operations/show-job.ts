import { WritebackError } from '../errors.ts'
import type { OperationsContext } from './context.ts'
import { type EditEntry, listEdits } from './edits.ts'
import { findJobs, type JobSummary } from './job-filter.ts'
import { readStats } from './stats.ts'
import { whyNotDone } from './why.ts'

/** Jobs of the same record that are shown beside one, and edits of it. */
const RELATED = 10
const EDITS = 5

/** A job with what is known around it. */
export interface JobDetail {
  readonly job: JobSummary
  /** Other jobs of the same record and target, the newest first. */
  readonly related: readonly JobSummary[]
  /** What people changed of the record in the place, the newest first. */
  readonly edits: readonly EditEntry[]
  /** Why it is not done; empty for one that is. */
  readonly why: readonly string[]
}

/**
 * Finds one job, or dead letter, by its id.
 * @throws WritebackError `OPERATION_INVALID` when there is none, or it was cleaned up
 */
export async function showJob(context: OperationsContext, id: string): Promise<JobDetail> {
  const found = await findJobs(context, { ids: [id] }, 2)
  // A dead letter is found by the id of the job it comes from, too: the job that was asked for comes first.
  const job = found.find((one) => one.id === id) ?? found[0]
  if (job === undefined) {
    throw new WritebackError('OPERATION_INVALID', {
      problem: `no job ${id}`,
      remedy: 'It was cleaned up, or is of another queue',
    })
  }
  const { record, target } = job
  const isKnown = context.config.targets.some(({ name }) => name === target)
  const [related, edits, stats] = await Promise.all([
    job.record === null
      ? []
      : findJobs(context, { record: job.record, target: job.target ?? undefined }, RELATED + 1),
    record !== null && target !== null && isKnown ? listEdits(context, { record, target, limit: EDITS }) : [],
    readStats(context),
  ])
  return {
    job,
    related: related.filter((one) => one.id !== job.id).slice(0, RELATED),
    edits,
    why: whyNotDone(job, stats, related),
  }
}
