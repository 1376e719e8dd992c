import { QUEUES } from '../../queue/queues.ts'
import { moment } from '../moment.ts'
import type { Stats } from '../stats.ts'
import { type Complaint, many } from './complaint.ts'

/** Queues in which changes wait. */
const CHANGES: readonly string[] = [QUEUES.writeBack, QUEUES.related]

/** Workers that are silent, or that there are none. */
export function workerComplaints({ workers, queues }: Stats): Complaint[] {
  const silent = workers.filter((worker) => !worker.alive)
  const complaints: Complaint[] = silent.map((worker) => ({
    severity: 'attention',
    target: null,
    message: `worker ${worker.id} is connected and has been silent since ${moment(worker.heartbeatAt)}`,
    remedy: 'Its jobs go to others by themselves; restart it',
  }))
  if (silent.length < workers.length) return complaints
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
