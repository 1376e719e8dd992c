import { LOST_REMEDY } from '../job-error.ts'
import { moment } from '../moment.ts'
import type { Stats, TargetStats } from '../stats.ts'
import { type Complaint, many, OLD_MS, told } from './complaint.ts'

const TRIGGERS_REMEDY =
  'writeback triggers --check says which; writeback triggers writes the migration that puts them back'

/** What to do about a place that cannot be reached. */
const TRIED_AGAIN =
  'Nothing, if the place or the network is down: it is tried again by itself. writeback doctor tries now'

/** Errors of a target that are not its place's. */
export const OF_RECORDS: readonly string[] = ['TARGET_UNREADABLE', 'RECORDS_HIDDEN']

type Part = Pick<Complaint, 'severity' | 'message' | 'remedy'>

/** What is wrong with one target. */
export function targetComplaints(target: TargetStats, { at, workers }: Stats): Complaint[] {
  const { target: name, circuit } = target
  const complaints: Complaint[] = []
  const add = (severity: Complaint['severity'], message: string, remedy: string) =>
    complaints.push({ severity, target: name, message, remedy })
  if (!target.registered) add('broken', 'the release step does not know it yet', 'Run writeback migrate')
  if (target.state !== 'active') {
    const who = target.stateBy ? ` by ${target.stateBy}` : ''
    const since = target.stateSince ? ` since ${moment(target.stateSince)}` : ''
    add(
      target.state === 'stopped' ? 'broken' : 'attention',
      `${target.state}${who}${since}${target.stateReason ? `: ${target.stateReason}` : ''}`,
      `Its changes are kept; when it may go on: writeback resume ${name}`,
    )
  }
  if (circuit.state !== 'closed') {
    const { code, message } = circuit.error ?? { code: 'PLACE_UNAVAILABLE', message: 'the last calls failed' }
    const since = circuit.openedAt ? ` since ${moment(circuit.openedAt)}` : ''
    add(
      'broken',
      `its ${target.nouns.lane} cannot be written${since}: ${code} ${message}`,
      circuit.remedy ?? TRIED_AGAIN,
    )
  }
  if (target.placeError !== null) {
    const { code, message } = target.placeError
    const what = OF_RECORDS.includes(code)
      ? 'its records cannot be read'
      : `its ${target.nouns.place} cannot be used`
    add(
      'broken',
      `${what}: ${code} ${message}`,
      'Do what the message says; it goes on by itself within a minute',
    )
  }
  const capture = captureComplaint(target)
  if (capture !== null) add(capture.severity, capture.message, TRIGGERS_REMEDY)
  const failing = failingComplaint(target)
  if (failing) add(failing.severity, failing.message, failing.remedy)
  const lost = target.failing?.lost ?? 0
  if (lost > 0) {
    const changes = many(lost, 'change was', 'changes were')
    const again = lost === 1 ? 'is' : 'are'
    add(
      'attention',
      `${changes} in the hands of a worker that ended without saying so, and ${again} tried again`,
      LOST_REMEDY,
    )
  }
  if (target.dead > 0) {
    // Told once: what fails now is the newest reason of both.
    const reason = failing || !target.failing?.error ? '' : `: ${told(target.failing.error)}`
    add(
      'attention',
      `${many(target.dead, 'dead letter', 'dead letters')}${reason}`,
      `writeback jobs --state dead --target ${name}`,
    )
  }
  if (target.editsFailed > 0) {
    const edits = many(target.editsFailed, 'edit', 'edits')
    add('attention', `${edits} could not be saved`, `writeback edits --refused --target ${name}`)
  }
  if (target.editsUnseen !== null) {
    const { code, message, remedy } = target.editsUnseen
    add('attention', told({ code, message }), remedy)
  }
  if (target.conflictsUndecided > 0) {
    const waiting = many(target.conflictsUndecided, 'edited cell waits', 'edited cells wait')
    add('attention', `${waiting} for a decision`, `writeback conflicts --target ${name}`)
  }
  const age = target.oldestWaiting ? at.getTime() - target.oldestWaiting.getTime() : 0
  const isExplained =
    target.state !== 'active' ||
    circuit.state !== 'closed' ||
    target.placeError !== null ||
    !workers.some((one) => one.alive)
  if (age > OLD_MS && !isExplained) {
    add(
      'attention',
      `its oldest change has waited for ${Math.round(age / 60_000)} minutes`,
      `writeback jobs --target ${name}`,
    )
  }
  const compared = comparisonComplaint(target, at, workers)
  if (compared) add(compared.severity, compared.message, compared.remedy)
  return complaints
}

/** What is wrong with the triggers of a target. */
function captureComplaint({ capture, triggers, model }: TargetStats): Omit<Part, 'remedy'> | null {
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

/** Changes that fail. When nothing else has been written since, it is not these records that are to blame. */
function failingComplaint({ target, failing, lastSuccess }: TargetStats): Part | null {
  if (!failing?.error) return null
  const { retrying, sinceSuccess, error } = failing
  const remedy = `Fix the cause, and deploy it; the changes: writeback jobs --state retrying dead --target ${target}`
  if (sinceSuccess > 1) {
    const since = lastSuccess ? `since ${moment(lastSuccess)}` : 'so far'
    const changes = many(sinceSuccess, 'change has', 'changes have')
    return {
      severity: 'broken',
      message: `nothing was written ${since}, ${changes} failed: ${told(error)}`,
      remedy,
    }
  }
  if (retrying === 0) return null
  const changes = many(retrying, 'change failed, and is', 'changes failed, and are')
  return { severity: 'attention', message: `${changes} tried again: ${told(error)}`, remedy }
}

/** A tab that was never compared with its table, so that what was there before is not in it. */
function comparisonComplaint(
  { target, comparison, registeredAt, state, nouns }: TargetStats,
  at: Date,
  workers: Stats['workers'],
): Part | null {
  const { completedAt, pending } = comparison
  // Older ones are not known.
  const isNew = registeredAt !== null && at.getTime() - registeredAt.getTime() < 86_400_000
  if (completedAt !== null || pending !== null || !isNew || state !== 'active') return null
  if (!workers.some((one) => one.alive)) return null
  return {
    severity: 'attention',
    message: `its ${nouns.place} was never compared with its table: records from before it was added may have no ${nouns.entry}`,
    remedy: `writeback reconcile ${target} --wait`,
  }
}
