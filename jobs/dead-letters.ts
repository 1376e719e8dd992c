import type { JobWithMetadata } from 'pg-boss'
import { messageOf } from '../src/errors.ts'
import type { Outcome } from '../src/lane/outcome.ts'
import { replaceDeadLetters, settleDeadLetters } from '../src/queue/dead-letters.ts'
import type { Runtime } from './job.ts'
import { dies } from './results.ts'

/**
 * Keeps the dead letters of a batch's records true: those of a record that is as it should be are settled, and those of
 * one that fails for good give way to the one that pg-boss is about to make. Never rejects: jobs that are done must not
 * fail for it, and the recovery does the same for what is left behind.
 */
export async function keepDeadLettersTrue(
  { sql, config, log }: Pick<Runtime, 'sql' | 'config' | 'log'>,
  target: string,
  records: ReadonlyMap<string, readonly JobWithMetadata<unknown>[]>,
  outcomes: ReadonlyMap<string, Outcome> | undefined,
): Promise<void> {
  const ids = (is: (outcome: Outcome, jobs: readonly JobWithMetadata<unknown>[]) => boolean) =>
    [...records].flatMap(([id, jobs]) => {
      const outcome = outcomes?.get(id)
      return outcome && is(outcome, jobs) ? [id] : []
    })
  const done = ids(({ status }) => status === 'done')
  const dying = ids((outcome, jobs) => dies(jobs, outcome))
  try {
    const settled = await settleDeadLetters(sql, config.schemas, { target, records: done })
    if (settled > 0) log.info({ target, settled }, 'dead letters are settled: their records were written')
    await replaceDeadLetters(sql, config.schemas, { target, records: dying })
  } catch (error) {
    log.debug({ target, error: messageOf(error) }, 'dead letters were not looked for')
  }
}
