import { setTimeout as sleep } from 'node:timers/promises'
import { WritebackError } from '../src/errors.ts'
import type { Operations } from '../src/operations/operations.ts'
import { showProgress } from './output.ts'

/** How often the progress is looked at. */
const LOOK_EVERY_MS = 500

/** Something that workers do, as far as it has come. */
export interface Step {
  /** `waiting`: no worker has taken it. */
  readonly state: string
  readonly error: string | null
}

/** What is followed. */
export interface Followed<One extends Step> {
  /** `the comparison`: how messages speak of it. */
  readonly subject: string
  readonly look: () => Promise<One>
  readonly isDone: (step: One) => boolean
  /** How far it has come, for the line of progress; empty to show none. @param ms since it was asked for */
  readonly inWords: (step: One, ms: number) => string
}

/**
 * Shows how something gets on that workers do, until it is done. Says so once where no worker is alive.
 * @throws WritebackError `UNEXPECTED` when its job has failed, is gone, or has not ended in time
 */
export async function follow<One extends Step>(
  operations: Operations,
  { subject, look, isDone, inWords }: Followed<One>,
  timeoutMs: number,
): Promise<One> {
  const started = Date.now()
  let isWarned = false
  for (;;) {
    const step = await look()
    if (step.state === 'waiting' && !isWarned && !(await hasWorker(operations))) {
      isWarned = true
      process.stderr.write(`no worker is alive: ${subject} waits for one. Start it: writeback worker\n`)
    }
    showProgress(isDone(step) ? '' : inWords(step, Date.now() - started))
    if (isDone(step)) return step
    if (step.state === 'failed' || step.state === 'gone') {
      throw new WritebackError('UNEXPECTED', {
        problem: `${subject} ${step.state}`,
        got: step.error ?? 'no job',
      })
    }
    if (Date.now() > started + timeoutMs) {
      showProgress('')
      throw new WritebackError('UNEXPECTED', {
        problem: `${subject} has not ended yet`,
        got: `state ${step.state}`,
        remedy: isWarned
          ? 'No worker is alive: start one with writeback worker'
          : 'It goes on by itself when a worker runs; see writeback status',
      })
    }
    await sleep(LOOK_EVERY_MS)
  }
}

async function hasWorker(operations: Operations): Promise<boolean> {
  return (await operations.stats()).workers.some((worker) => worker.alive)
}
