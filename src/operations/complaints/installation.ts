import { QUEUES } from '../../queue/queues.ts'
import type { Stats } from '../stats.ts'
import { type Complaint, many } from './complaint.ts'

const MIGRATE = 'Run writeback migrate'

/** Queues without which a write of the application fails, or its change is missed. */
const PUBLISHING: readonly string[] = [QUEUES.writeBack, QUEUES.writeBackDead, QUEUES.related]

/** What the release step has not made, or somebody has removed; and changes for targets that nobody has. */
export function installationComplaints({ installation, strangers }: Stats): Complaint[] {
  const { missingQueues, missingSchedules, publishing } = installation
  const complaints: Complaint[] = missingQueues.map((queue) =>
    PUBLISHING.includes(queue)
      ? {
          ...{ severity: 'broken', target: null, subject: `queue ${queue}` },
          ...{ message: `queue ${queue} does not exist: writes to mirrored models fail`, remedy: MIGRATE },
        }
      : {
          ...{ severity: 'attention', target: null, subject: `queue ${queue}` },
          ...{ message: `queue ${queue} does not exist: its jobs do not run`, remedy: MIGRATE },
        },
  )
  if (publishing === 'missing') {
    complaints.push({
      ...{ severity: 'broken', target: null, subject: 'publishing', remedy: MIGRATE },
      message: 'the functions that publish changes do not exist: writes to mirrored models fail',
    })
  } else if (publishing === 'outdated') {
    complaints.push({
      ...{ severity: 'attention', target: null, subject: 'publishing', remedy: MIGRATE },
      message: 'the functions that publish changes are those of another version of the library',
    })
  }
  for (const queue of missingSchedules.filter((name) => !missingQueues.includes(name))) {
    complaints.push({
      ...{ severity: 'attention', target: null, subject: `schedule ${queue}`, remedy: MIGRATE },
      message: `${queue} is not scheduled: it never runs by itself`,
    })
  }
  for (const { target, waiting } of strangers) {
    complaints.push({
      ...{ severity: 'attention', target: null, subject: `target ${target}` },
      message: `${many(waiting, 'change waits', 'changes wait')} for target ${target}, which the configuration does not have`,
      remedy: 'Put it back under this name, or leave them: the cleanup deletes them after the retention',
    })
  }
  return complaints
}
