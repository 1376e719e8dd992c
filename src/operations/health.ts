import type { Stats, TargetStats } from './stats.ts'

/** A change that waits longer than this while a worker lives is worth a look, in milliseconds. */
const OLD_MS = 10 * 60_000

const TRIGGERS_REMEDY =
  'writeback triggers --check says which; writeback triggers writes the migration that puts them back'

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
  const all = [...workerComplaints(stats), ...stats.targets.flatMap((one) => targetComplaints(one, stats))]
  const isBroken = ({ severity }: Complaint) => severity === 'broken'
  const complaints = [...all.filter(isBroken), ...all.filter((one) => !isBroken(one))]
  const verdict = complaints.length === 0 ? 'well' : complaints.some(isBroken) ? 'broken' : 'attention'
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
    const who = target.stateBy ? ` by ${target.stateBy}` : ''
    const since = target.stateSince ? ` since ${target.stateSince.toISOString()}` : ''
    add(
      target.state === 'stopped' ? 'broken' : 'attention',
      `${target.state}${who}${since}${target.stateReason ? `: ${target.stateReason}` : ''}`,
      `Its changes are kept; when it may go on: writeback resume ${name}`,
    )
  }
  if (circuit.state !== 'closed') {
    const { code, message } = circuit.error ?? { code: 'SHEET_UNAVAILABLE', message: 'the last calls failed' }
    const since = circuit.openedAt ? ` since ${circuit.openedAt.toISOString()}` : ''
    add('broken', `its spreadsheet cannot be written${since}: ${code} ${message}`, circuitRemedy(code))
  }
  if (target.tabError !== null) {
    const { code, message } = target.tabError
    add(
      'broken',
      `its tab cannot be used: ${code} ${message}`,
      'Mend the tab as the message says; it goes on by itself within a minute',
    )
  }
  const capture = captureComplaint(target)
  if (capture !== null) add(capture.severity, capture.message, TRIGGERS_REMEDY)
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
    target.state !== 'active' ||
    circuit.state !== 'closed' ||
    target.tabError !== null ||
    !workers.some((one) => one.alive)
  if (age > OLD_MS && !isExplained) {
    add(
      'attention',
      `its oldest change has waited for ${Math.round(age / 60_000)} minutes`,
      `writeback jobs --target ${name}`,
    )
  }
  return complaints
}

/** What is wrong with the triggers of a target. */
function captureComplaint({
  capture,
  triggers,
  model,
}: TargetStats): Pick<Complaint, 'severity' | 'message'> | null {
  switch (triggers) {
    case 'complete':
      return null
    case 'none':
      if (capture === 'extension') return null
      return { severity: 'broken', message: `writes to ${model} fail: its triggers are not installed` }
    case 'outdated':
      return {
        severity: 'attention',
        message:
          'its triggers are not those that the configuration and this version want: changes may be missed',
      }
    case 'failing':
      return { severity: 'broken', message: 'writes fail: its triggers name something that is gone' }
    case 'incomplete': {
      const seen =
        capture === 'extension'
          ? 'only writes through the extension are seen'
          : 'changes are missed or refused'
      return { severity: 'broken', message: `some of its triggers are gone or disabled: ${seen}` }
    }
  }
}

/** What to do about a spreadsheet that cannot be written. */
function circuitRemedy(code: string): string {
  switch (code) {
    case 'SHEET_FORBIDDEN':
      return 'Share it with the service account as an editor, or mend its key; writeback doctor says which'
    case 'SHEET_NOT_FOUND':
      return 'Restore it from the bin, or correct its id in the configuration and run writeback migrate'
    default:
      return 'Nothing, if Google or the network is down: it is tried again by itself. writeback doctor tries now'
  }
}

function many(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`
}
