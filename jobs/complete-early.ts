import { setTimeout as sleep } from 'node:timers/promises'
import type { JobResult, JobWithMetadata } from 'pg-boss'
import { messageOf } from '../src/errors.ts'
import { QUEUES } from '../src/queue/queues.ts'
import type { Runtime } from './job.ts'

/** How long the jobs of a lane that is through wait for the rest of their batch, in milliseconds. */
const GRACE_MS = 500

type Job = JobWithMetadata<unknown>

/**
 * Completes the jobs of one lane of a batch while another lane of it is still at work. pg-boss settles a batch as a whole:
 * without this, jobs that are done would count as under way for as long as the slowest place of the batch takes, and the
 * age of the oldest change would blame every place for it. What failed waits for the end of the batch.
 *
 * pg-boss settles them once more with the batch, which finds nothing to do. Never rejects: what is not completed here is
 * completed then.
 *
 * @param results what became of the jobs
 * @param ended tells that the batch has ended
 */
export async function completeEarly(
  { boss, log }: Pick<Runtime, 'boss' | 'log'>,
  jobs: readonly Job[],
  results: readonly JobResult[],
  ended: AbortSignal,
): Promise<void> {
  await sleep(GRACE_MS, undefined, { ref: false, signal: ended }).catch(() => {})
  if (ended.aborted) return
  const byId = new Map(jobs.map((job) => [job.id, job]))
  const completed = results.filter(({ status }) => status === 'completed')
  const byOutput = Map.groupBy(completed, ({ output }) => JSON.stringify(output))
  for (const some of byOutput.values()) {
    const held = some.flatMap(({ id }) => byId.get(id) ?? [])
    await boss
      .complete(QUEUES.writeBack, held, some[0]?.output as object)
      .catch((error) => log.debug({ error: messageOf(error) }, 'changes are completed with their batch'))
  }
}
