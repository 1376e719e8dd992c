import type { Target } from '../model/target.ts'
import { QUEUES } from '../queue/queues.ts'
import { editableTargets } from '../targets/editable.ts'
import type { OperatorView, UnseenEdits } from '../targets/operator.ts'
import { kindOf } from '../targets/target.ts'
import { type Background, type Comparison, readBackground } from './background.ts'
import { type CaptureState, captureStates } from './capture-state.ts'
import { assertTarget, type OperationsContext, tablesOf } from './context.ts'
import { type FailedLooks, readFailedLooks, toldOfFailedLooks } from './failed-looks.ts'
import { type FailingChanges, readFailing } from './failing.ts'
import { type Installation, readInstallation } from './installation.ts'
import { type CountRow, countJobs, earliest, type JobCounts, sum } from './job-counts.ts'
import { type Overdue, overdueJobs } from './overdue.ts'
import { type OpenChanges, type Progress, progressOf, readProgress } from './progress.ts'
import { type QuotaLeft, quotaLeft } from './quota-left.ts'
import { errorOf, placeErrorOf, type TargetError } from './target-error.ts'
import { listWorkers, type WorkerInfo } from './workers.ts'

/** One queue. */
export interface QueueStats extends JobCounts {
  readonly queue: string
}

/** The circuit breaker of a target's lane. */
export interface CircuitStats {
  readonly state: 'closed' | 'open' | 'half_open'
  /** Failed batches in a row. */
  readonly failures: number
  readonly openedAt: Date | null
  /** When the next call may be tried. */
  readonly probeAt: Date | null
  readonly error: { readonly code: string; readonly message: string } | null
  /** What to do about the error; null for nothing in particular. */
  readonly remedy: string | null
}

/** One target. */
export interface TargetStats extends JobCounts, Progress {
  readonly target: string
  readonly model: string
  readonly kind: string
  /** What its lane, its place and a record's part of it are called. */
  readonly nouns: OperatorView['nouns']
  readonly lane: string
  /** The place in a few words: for a sheet its tab. */
  readonly place: string
  /** Whether the release step has registered it. */
  readonly registered: boolean
  readonly registeredAt: Date | null
  readonly state: 'active' | 'paused' | 'stopped'
  /** Why it is paused or stopped, and who did it. */
  readonly stateReason: string | null
  readonly stateBy: string | null
  readonly stateSince: Date | null
  /** Dead letters: they wait for a person. */
  readonly dead: number
  /** Cells that a person edited and that differ from the database. */
  readonly conflictsOpen: number
  /** Those of them that nobody has decided: they wait for `resolve`. */
  readonly conflictsUndecided: number
  /** Edits that were refused and still stand in the place, and those on their way into the database. */
  readonly editsRefused: number
  readonly editsPending: number
  /** Those of the refused ones that could not be saved, after all attempts of their job. */
  readonly editsFailed: number
  /**
   * Why edits are not seen: people took a column, or the place, away that looks for them need, or looks fail; null when
   * they are.
   */
  readonly editsUnseen: UnseenEdits | null
  /** Rows that a person removed and that stay away. */
  readonly rowsMissing: number
  /** Changes that were tried and could not be written, and why; null when there are none. */
  readonly failing: FailingChanges | null
  /** When its place was last compared with its table, and whether a comparison is queued. */
  readonly comparison: Omit<Comparison, 'target'>
  readonly lastSuccess: Date | null
  readonly lastError: TargetError | null
  /** Why its place cannot be used as it is, or its records cannot be read; null when all is well. It stops this target alone. */
  readonly placeError: TargetError | null
  /** Counters since the target was registered. */
  readonly apiCalls: number
  readonly rowsWritten: number
  readonly rowsRemoved: number
  readonly repaired: number
  readonly circuit: CircuitStats
  /** How its changes are seen; for `auto`, what that comes to in this database. */
  readonly capture: CaptureState['mode']
  /** Whether its triggers are installed and enabled. */
  readonly triggers: CaptureState['triggers']
}

/** Everything about the state of things, as of one moment. */
export interface Stats {
  /** The database's clock. */
  readonly at: Date
  readonly targets: readonly TargetStats[]
  readonly queues: readonly QueueStats[]
  readonly workers: readonly WorkerInfo[]
  readonly quota: QuotaLeft
  /** Background jobs that failed and have not succeeded since. */
  readonly failures: Background['failures']
  /** When the jobs of each background queue last succeeded, as far back as jobs are kept. */
  readonly lastSuccess: Background['lastSuccess']
  /** Scheduled jobs that have missed two of their times in a row, with a worker there. */
  readonly overdue: readonly Overdue[]
  /** What the release step makes, and is not there. */
  readonly installation: Installation
  /** Changes that wait for a target that the configuration does not have. */
  readonly strangers: readonly { readonly target: string; readonly waiting: number }[]
}

interface TargetRow {
  readonly name: string
  readonly place: Readonly<Record<string, unknown>>
  readonly state: TargetStats['state']
  readonly reason: string | null
  readonly changed_by: string | null
  readonly state_changed_at: Date
  readonly created_at: Date
  readonly last_success_at: Date | null
  readonly last_error_at: Date | null
  readonly last_error_code: string | null
  readonly last_error: string | null
  readonly api_calls: string
  readonly rows_written: string
  readonly rows_removed: string
  readonly repaired: string
  readonly circuit: CircuitStats['state'] | null
  readonly failures: number | null
  readonly opened_at: Date | null
  readonly probe_at: Date | null
  readonly circuit_code: string | null
  readonly circuit_error: string | null
  readonly conflicts: number
  readonly undecided: number
  readonly missing: number
  readonly edits_refused: number
  readonly edits_pending: number
  readonly edits_failed: number
}

/** Counts jobs, reads the targets' state, the workers and the quota. Changes nothing. */
export async function readStats(context: OperationsContext): Promise<Stats> {
  const { config, sql } = context
  const [now, counts, rows, progress, capture, workers, quota, background, installation, looks] =
    await Promise.all([
      sql.query<{ at: Date }>('select now() as at'),
      countJobs(context),
      readTargets(context),
      readProgress(context),
      captureStates(context),
      listWorkers(context),
      quotaLeft(context),
      readBackground(context),
      readInstallation(context),
      readFailedLooks(context),
    ])
  // Looking for the reasons reads all that waits: only where there are some to be told.
  const isFailing = counts.some(({ name, failing, waiting }) =>
    name === QUEUES.writeBackDead ? waiting > 0 : name === QUEUES.writeBack && failing > 0,
  )
  const reasons = isFailing ? await readFailing(context) : undefined
  const at = now[0]?.at ?? new Date()
  const byName = new Map(rows.map((row) => [row.name, row]))
  const editable = editableTargets(config)
  const isEditable = (target: Target) => editable.get(target.lane)?.includes(target) ?? false
  return {
    at,
    targets: config.targets.map((target): TargetStats => {
      const row = byName.get(target.name)
      const own = (queue: string) => counts.filter((one) => one.name === queue && one.target === target.name)
      return {
        target: target.name,
        model: target.model,
        kind: target.kind,
        nouns: kindOf(target).operator.nouns,
        lane: target.lane,
        place: kindOf(target).operator.describe(target, row?.place ?? {}),
        registered: row !== undefined,
        registeredAt: row?.created_at ?? null,
        state: row?.state ?? 'active',
        stateReason: row?.reason ?? null,
        stateBy: row?.changed_by ?? null,
        stateSince: row?.state_changed_at ?? null,
        ...sum(own(QUEUES.writeBack)),
        ...progressOf(
          progress.find((one) => one.target === target.name),
          openChanges(own(QUEUES.writeBack)),
          at,
        ),
        dead: sum(own(QUEUES.writeBackDead)).waiting,
        conflictsOpen: row?.conflicts ?? 0,
        conflictsUndecided: row?.undecided ?? 0,
        editsRefused: row?.edits_refused ?? 0,
        editsPending: row?.edits_pending ?? 0,
        editsFailed: row?.edits_failed ?? 0,
        editsUnseen: unseenEdits(target, row, isEditable(target) ? looks.get(target.lane) : undefined),
        rowsMissing: row?.missing ?? 0,
        failing: reasons?.get(target.name) ?? null,
        comparison: comparisonOf(background, target.name),
        lastSuccess: row?.last_success_at ?? null,
        lastError: errorOf(row),
        placeError: placeErrorOf(row),
        apiCalls: Number(row?.api_calls ?? 0),
        rowsWritten: Number(row?.rows_written ?? 0),
        rowsRemoved: Number(row?.rows_removed ?? 0),
        repaired: Number(row?.repaired ?? 0),
        circuit: circuitOf(row, kindOf(target).operator),
        capture: capture.get(target.name)?.mode ?? 'extension',
        triggers: capture.get(target.name)?.triggers ?? 'none',
      }
    }),
    queues: Object.values(QUEUES).map((queue) => ({
      queue,
      ...sum(counts.filter((one) => one.name === queue)),
    })),
    workers,
    quota,
    failures: background.failures,
    lastSuccess: background.lastSuccess,
    overdue: overdueJobs(config, background, rows, workers, at),
    installation,
    strangers: strangersIn(counts, context),
  }
}

/** The part of {@link readStats} that is about one target. @throws WritebackError `TARGET_UNKNOWN` */
export async function readTargetStats(context: OperationsContext, name: string): Promise<TargetStats> {
  assertTarget(context, name)
  const { targets } = await readStats(context)
  return targets.find(({ target }) => target === name) as TargetStats
}

function openChanges(counts: readonly CountRow[]): OpenChanges {
  const { waiting, delayed, active, retrying } = sum(counts)
  return {
    count: waiting + delayed + active + retrying,
    oldest: earliest(counts.map(({ oldestNew }) => oldestNew)),
  }
}

function comparisonOf({ comparisons }: Background, target: string): TargetStats['comparison'] {
  const found = comparisons.find((one) => one.target === target)
  return { completedAt: found?.completedAt ?? null, pending: found?.pending ?? null }
}

function strangersIn(counts: readonly CountRow[], { config }: OperationsContext): Stats['strangers'] {
  return counts.flatMap(({ name, target, waiting, delayed, retrying }) => {
    const all = waiting + delayed + retrying
    const isKnown = target === null || config.targets.some((one) => one.name === target)
    return name !== QUEUES.writeBack || isKnown || all === 0 ? [] : [{ target, waiting: all }]
  })
}

function readTargets(context: OperationsContext): Promise<TargetRow[]> {
  const { target, lane, conflict, edit, record } = tablesOf(context)
  return context.sql.query<TargetRow>(
    `select t.name, t.place, t.state::text, t.reason, t.changed_by, t.state_changed_at, t.created_at, t.last_success_at,
       t.last_error_at, t.last_error_code, t.last_error,
       t.api_calls::text, t.rows_written::text, t.rows_removed::text, t.repaired::text,
       l.circuit::text, l.failures, l.opened_at, l.probe_at,
       l.last_error_code as circuit_code, l.last_error as circuit_error,
       (select count(*)::int from ${conflict} c where c.target = t.name and c.open) as conflicts,
       (select count(*)::int from ${conflict} c where c.target = t.name and c.open and c.winner = 'none') as undecided,
       (select count(*)::int from ${edit} e where e.target = t.name and e.open and e.state = 'refused') as edits_refused,
       (select count(*)::int from ${edit} e where e.target = t.name and e.open and e.state <> 'refused') as edits_pending,
       (select count(*)::int from ${edit} e where e.target = t.name and e.open and e.code = 'EDIT_FAILED') as edits_failed,
       (select count(*)::int from ${record} r where r.target = t.name and r.missing_since is not null) as missing
     from ${target} t left join ${lane} l on l.id = t.lane
     where t.name = any ($1)`,
    [context.config.targets.map((one) => one.name)],
  )
}

function unseenEdits(
  target: Target,
  row: TargetRow | undefined,
  failed: FailedLooks | undefined,
): UnseenEdits | null {
  const { operator } = kindOf(target)
  const missed = operator.unseenEdits?.(target, row?.place ?? {}) ?? null
  // Of a place that cannot be written either, its circuit tells.
  const isTold = missed !== null || (row?.circuit ?? 'closed') !== 'closed'
  return isTold || failed === undefined ? missed : toldOfFailedLooks(failed, operator)
}

function circuitOf(row: TargetRow | undefined, { remedyOf }: OperatorView): CircuitStats {
  return {
    state: row?.circuit ?? 'closed',
    failures: row?.failures ?? 0,
    openedAt: row?.opened_at ?? null,
    probeAt: row?.probe_at ?? null,
    error: row?.circuit_code ? { code: row.circuit_code, message: row.circuit_error ?? '' } : null,
    remedy: (row?.circuit_code && remedyOf?.(row.circuit_code)) || null,
  }
}
