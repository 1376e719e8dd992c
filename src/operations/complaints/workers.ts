import { QUEUES } from '../../queue/queues.ts'
import { TAKEN_BACK_SECONDS } from '../../queue/take-back.ts'
import { LOST_REMEDY } from '../job-error.ts'
import { moment } from '../moment.ts'
import type { QueueStats, Stats } from '../stats.ts'
import { type Complaint, many } from './complaint.ts'

/** Queues in which changes wait. */
const CHANGES: readonly string[] = [QUEUES.writeBack, QUEUES.related]

/** Seconds after the last heartbeat of its worker in which a job is taken back: by other workers, or by pg-boss. */
const takenBackAfter = (queue: string) => (queue === QUEUES.writeBack ? TAKEN_BACK_SECONDS : 75)

/** Jobs whose worker may have ended without saying so: it is not seen any more, and they are still its own. */
function lost({ queue, silent, silentSince }: QueueStats): Complaint[] {
  if (silent === 0 || silentSince === null) return []
  const isChange = queue === QUEUES.writeBack
  const jobs = isChange
    ? many(silent, 'change is', 'changes are')
    : many(silent, `job of ${queue} is`, `jobs of ${queue} are`)
  const back = new Date(silentSince.getTime() + takenBackAfter(queue) * 1000)
  const they = silent === 1 ? 'it is' : 'they are'
  return [
    {
      severity: 'attention',
      target: null,
      message: `${jobs} in the hands of a worker without a heartbeat since ${moment(silentSince)}: ${they} taken back at ${moment(back)}`,
      remedy: LOST_REMEDY,
    },
  ]
}

/** Workers that are silent, or that there are none. */
export function workerComplaints({ workers, queues }: Stats): Complaint[] {
  const silent = workers.filter((worker) => !worker.alive)
  const complaints: Complaint[] = silent.map((worker) => ({
    severity: 'attention',
    target: null,
    message: `worker ${worker.id} is connected and has been silent since ${moment(worker.heartbeatAt)}`,
    remedy: 'Its jobs go to others by themselves; restart it',
  }))
  if (silent.length < workers.length) return [...complaints, ...queues.flatMap(lost)]
  const waiting = queues.reduce(
    (all, { queue, active, waiting, retrying }) =>
      all + active + (CHANGES.includes(queue) ? waiting + retrying : 0),
    0,
  )
  return [
    ...complaints,
    {
      severity: waiting > 0 ? 'broken' : 'attention',
      target: null,
      message:
        waiting > 0 ? `no worker is alive, ${many(waiting, 'job waits', 'jobs wait')}` : 'no worker is alive',
      remedy: 'Start one: writeback worker',
    },
  ]
}
