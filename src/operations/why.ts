import { BEAT_SECONDS, TAKEN_BACK_SECONDS } from '../queue/take-back.ts'
import { OF_RECORDS } from './complaints/target.ts'
import type { JobSummary } from './job-filter.ts'
import { moment } from './moment.ts'
import type { Stats } from './stats.ts'

/**
 * Tells why a job is not done, in sentences for people; empty for one that is. Pure.
 * @param related other jobs of the same record
 */
export function whyNotDone(
  job: JobSummary,
  stats: Stats,
  related: readonly JobSummary[] = [],
): readonly string[] {
  switch (job.state) {
    case 'completed':
      return []
    case 'dead':
      if (related.some((one) => isDoneAfter(one, job))) {
        return [
          'A later job has brought its record up to date: nothing is left to do.',
          `Take it off the list: writeback discard ${job.id}`,
        ]
      }
      return [
        'It used up its attempts, or can never be written as it is: it waits for a person.',
        `Fix the cause, then: writeback retry ${job.id}`,
      ]
    case 'failed':
      return ['It has ended without success; a dead letter was made of it, if it was not cancelled.']
    case 'active':
      return [inHand(job, stats), ...workerReasons(stats), ...quotaReasons(stats)]
    default:
      return waitingReasons(job, stats)
  }
}

/** A job that began after another had failed has read the record as it was then. */
function isDoneAfter({ state, startedAt }: JobSummary, { createdAt }: JobSummary): boolean {
  return state === 'completed' && startedAt !== null && startedAt > createdAt
}

/** A worker that is gone or hangs still has it, until it is taken back. */
function inHand({ heartbeatAt }: JobSummary, { at }: Stats): string {
  const silentMs = heartbeatAt === null ? 0 : at.getTime() - heartbeatAt.getTime()
  if (heartbeatAt === null || silentMs < 1500 * BEAT_SECONDS) return 'A worker has it in hand.'
  const back = moment(new Date(heartbeatAt.getTime() + 1000 * TAKEN_BACK_SECONDS))
  return `The worker that has it gave no heartbeat since ${moment(heartbeatAt)}: it is taken back at ${back}.`
}

function waitingReasons(job: JobSummary, stats: Stats): string[] {
  const reasons: string[] = []
  const target = stats.targets.find((one) => one.target === job.target)
  if (target === undefined) reasons.push(`The configuration has no target ${job.target}: no worker takes it.`)
  else {
    if (target.state !== 'active')
      reasons.push(`Its target is ${target.state}; writeback resume ${target.target}`)
    const { circuit } = target
    if (circuit.state !== 'closed') {
      const until = circuit.probeAt ? ` until ${moment(circuit.probeAt)}` : ''
      reasons.push(
        `Its ${target.nouns.lane} cannot be written${until}: ${circuit.error?.message ?? 'the last calls failed'}.`,
      )
    }
    if (target.placeError !== null) {
      const { code, message } = target.placeError
      const what = OF_RECORDS.includes(code)
        ? 'Its records cannot be read'
        : `Its ${target.nouns.place} cannot be used`
      reasons.push(`${what}: ${code} ${message}.`)
    }
  }
  reasons.push(...workerReasons(stats), ...quotaReasons(stats))
  if (job.startAfter > stats.at) {
    const what = job.state === 'retrying' ? 'Its next attempt comes' : 'It may be taken'
    reasons.push(`${what} at ${moment(job.startAfter)}.`)
  }
  if (reasons.length === 0) {
    const before = target ? target.waiting + target.active - 1 : 0
    reasons.push(
      before > 0 ? `It waits its turn among ${before} others of its target.` : 'A worker takes it next.',
    )
  }
  return reasons
}

function workerReasons({ workers }: Stats): string[] {
  return workers.some((one) => one.alive) ? [] : ['No worker is alive.']
}

function quotaReasons({ quota: { reads, writes } }: Stats): string[] {
  return reads.blocked || writes.blocked ? ['Google refuses requests in this minute.'] : []
}
