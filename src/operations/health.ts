import type { Stats, TargetStats } from './stats.ts'

/** A change that waits longer than this while a worker lives is worth a look, in milliseconds. */
const OLD_MS = 10 * 60_000

/** Something that is not as it should be. */
export interface Complaint {
  /** `broken`: changes do not reach a sheet. `attention`: something waits for a person. */
  readonly severity: 'attention' | 'broken'
  readonly target: string | null
  readonly message: string
  /** What to do now: usually a command. */
  readonly remedy: string
}

/** All in one word, and why. */
export interface Health {
  readonly verdict: 'well' | 'attention' | 'broken'
  readonly complaints: readonly Complaint[]
}

/** Judges the state of things. Pure: it looks at nothing but `stats`. */
export function judge(stats: Stats): Health {
  const complaints = [
    ...workerComplaints(stats),
    ...stats.targets.flatMap((one) => targetComplaints(one, stats)),
  ]
  const verdict = complaints.some(({ severity }) => severity === 'broken')
    ? 'broken'
    : complaints.length > 0
      ? 'attention'
      : 'well'
  return { verdict, complaints }
}

function workerComplaints({ workers, queues }: Stats): Complaint[] {
  const silent = workers.filter((worker) => !worker.alive)
  const complaints: Complaint[] = silent.map((worker) => ({
    severity: 'attention',
    target: null,
    message: `worker ${worker.id} is connected and has been silent since ${worker.heartbeatAt.toISOString()}`,
    remedy: 'Its jobs go to others by themselves; restart it',
  }))
  if (silent.length < workers.length) return complaints
  const waiting =
    queues.reduce((all, queue) => all + queue.active, 0) + queues[0]!.waiting + queues[0]!.retrying
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

function targetComplaints(target: TargetStats, { at, workers }: Stats): Complaint[] {
  const { target: name, circuit } = target
  const complaints: Complaint[] = []
  const add = (severity: Complaint['severity'], message: string, remedy: string) =>
    complaints.push({ severity, target: name, message, remedy })
  if (!target.registered) add('broken', 'the release step does not know it yet', 'Run writeback migrate')
  if (target.state !== 'active') {
    const why = [target.stateBy && `by ${target.stateBy}`, target.stateReason].filter(Boolean).join(': ')
    add(
      target.state === 'stopped' ? 'broken' : 'attention',
      `${target.state}${why ? ` ${why}` : ''}`,
      `Its changes are kept; when it may go on: writeback resume ${name}`,
    )
  }
  if (circuit.state !== 'closed') {
    const { code, message } = circuit.error ?? { code: 'SHEET_UNAVAILABLE', message: 'the last calls failed' }
    add(
      'broken',
      `its spreadsheet cannot be written: ${code} ${message}`,
      'It is tried again by itself; writeback doctor',
    )
  }
  if (isLayoutTrouble(target)) {
    add(
      'broken',
      `${target.lastError?.code} ${target.lastError?.message}`,
      'Mend the tab as the message says',
    )
  }
  if (target.dead > 0) {
    add(
      'attention',
      many(target.dead, 'dead letter', 'dead letters'),
      `writeback jobs --state dead --target ${name}`,
    )
  }
  if (target.conflictsUndecided > 0) {
    const waiting = many(target.conflictsUndecided, 'edited cell waits', 'edited cells wait')
    add('attention', `${waiting} for a decision`, `writeback conflicts --target ${name}`)
  }
  const age = target.oldestWaiting ? at.getTime() - target.oldestWaiting.getTime() : 0
  const isExplained =
    target.state !== 'active' || circuit.state !== 'closed' || !workers.some((one) => one.alive)
  if (age > OLD_MS && !isExplained) {
    add(
      'attention',
      `its oldest change has waited for ${Math.round(age / 60_000)} minutes`,
      `writeback jobs --target ${name}`,
    )
  }
  return complaints
}

/** A tab that cannot be used stops its target alone; the error stands until a write succeeds after it. */
function isLayoutTrouble({ lastError, lastSuccess }: TargetStats): boolean {
  if (lastError === null || !['SHEET_LAYOUT', 'SHEET_REFUSED'].includes(lastError.code)) return false
  return lastSuccess === null || lastError.at > lastSuccess
}

function many(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`
}
