import { QUEUES } from '../../queue/queues.ts'
import { WORKER_LOST } from '../../queue/take-back.ts'
import type { BackgroundFailure, BackgroundQueue } from '../background.ts'
import { LOST_REMEDY } from '../job-error.ts'
import { moment } from '../moment.ts'
import type { QueueStats, Stats } from '../stats.ts'
import { type Complaint, many, OLD_MS, told } from './complaint.ts'

/** Background jobs that failed, that do not run, and that wait for nothing. */
export function backgroundComplaints(stats: Stats): Complaint[] {
  return [
    ...stats.failures.map(failed),
    ...stats.overdue
      .filter(({ queue }) => !stats.failures.some((one) => one.queue === queue))
      .map(
        ({ queue, since }): Complaint => ({
          ...{ severity: 'attention', target: null, subject: `schedule ${queue}` },
          message: `${queue} has not run since ${moment(since)}, when it was due`,
          remedy: 'The log of the workers says more; writeback doctor looks at the schedules',
        }),
      ),
    ...stats.queues.flatMap((queue) => notTaken(queue, stats)),
  ]
}

function failed({ queue, target, state, attempts, attemptsAllowed, error }: BackgroundFailure): Complaint {
  const again = state === 'retrying' ? `, and is tried again (attempt ${attempts} of ${attemptsAllowed})` : ''
  const isLost = queue === QUEUES.related && state === 'failed'
  return {
    severity: isLost ? 'broken' : 'attention',
    target,
    ...(target === null && { subject: `queue ${queue}` }),
    message: `${queue} failed${again}: ${told(error)}`,
    remedy:
      error.code === WORKER_LOST.code && state === 'retrying' ? LOST_REMEDY : remedy(queue, target, state),
  }
}

function remedy(queue: BackgroundQueue, target: string | null, state: BackgroundFailure['state']): string {
  switch (queue) {
    case QUEUES.reconcile:
    case QUEUES.related: {
      // A second look is not made again: a comparison finds what it would have found.
      const compare = `writeback reconcile${target === null ? '' : ` ${target}`} --wait`
      return `Fix the cause, then: ${compare}`
    }
    default: {
      const now = queue === QUEUES.cleanup ? 'writeback cleanup' : 'writeback recover'
      const again = state === 'retrying' ? 'by itself' : 'at its next time'
      return `Fix the cause; it runs again ${again}, or now: ${now}`
    }
  }
}

/** Queues of dead letters, and the one that is judged by its targets. */
const NOT_TAKEN: readonly string[] = [QUEUES.writeBack, QUEUES.writeBackDead, QUEUES.inboundDead]

/** Jobs that lie in a queue which nobody takes from. */
function notTaken(
  { queue, waiting, active, oldestWaiting }: QueueStats,
  { at, workers }: Stats,
): Complaint[] {
  const age = oldestWaiting === null ? 0 : at.getTime() - oldestWaiting.getTime()
  const isOurs = !NOT_TAKEN.includes(queue)
  const isExplained = !workers.some((one) => one.alive)
  if (!isOurs || waiting === 0 || active > 0 || age <= OLD_MS || isExplained) return []
  const jobs = many(waiting, 'job waits', 'jobs wait')
  return [
    {
      ...{ severity: 'attention', target: null, subject: `queue ${queue}` },
      message: `${jobs} in ${queue}, the oldest for ${Math.round(age / 60_000)} minutes, and no worker takes them`,
      remedy: 'Restart the workers: they should be of the version of the last release step',
    },
  ]
}
