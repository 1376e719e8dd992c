import { BEHIND_MS, RECENT_SECONDS } from '../queue/progress.ts'
import { type OperationsContext, tablesOf } from './context.ts'

/** Seconds over which the rate of now is taken. */
const RATE_SECONDS = 10

/** A backlog of a target, and how far the workers have come with it. */
export interface Backlog {
  /** When its oldest change was queued. */
  readonly since: Date
  /** Changes settled since then: written, found as they should be, or made a dead letter. */
  readonly done: number
  /** These, and all that are not settled. */
  readonly all: number
  /**
   * Seconds until the last one is settled, at the rate of the last minute (of the time since the backlog began, if that
   * is shorter) and if no more come in; null while nothing is settled. Over a minute, because Google's quota is one by
   * the minute: the rate of ten seconds may be all of it, or nothing.
   */
  readonly secondsLeft: number | null
}

/** How fast a target gets on. */
export interface Progress {
  /** Changes settled per second, over the last ten seconds. */
  readonly ratePerSecond: number
  /** Null where no change waits for longer than a worker takes to see it. */
  readonly backlog: Backlog | null
}

/** What the workers have counted of one target. */
export interface ProgressRow {
  readonly target: string
  readonly since: Date | null
  readonly settled: number
  readonly behindUntil: Date | null
  /** Changes settled, by second. */
  readonly recent: Readonly<Record<string, number>>
}

/** Changes that are not settled. */
export interface OpenChanges {
  readonly count: number
  /** When the oldest of them was queued, further attempts apart: these wait on purpose. */
  readonly oldest: Date | null
}

/** Reads what the workers count. */
export function readProgress(context: OperationsContext): Promise<ProgressRow[]> {
  return context.sql.query<ProgressRow>(
    `select target, since, settled::float8, behind_until as "behindUntil", recent from ${tablesOf(context).progress}
     where target = any ($1)`,
    [context.config.targets.map(({ name }) => name)],
  )
}

/** Tells how a target gets on. Pure. */
export function progressOf(
  row: ProgressRow | undefined,
  { count, oldest }: OpenChanges,
  now: Date,
): Progress {
  const age = oldest === null ? 0 : now.getTime() - oldest.getTime()
  if (oldest === null || age < BEHIND_MS) {
    return { ratePerSecond: settledLately(row, now), backlog: null }
  }
  // The oldest change that waits now was queued before the last one that had waited was settled: it is one backlog.
  const goesOn = row?.since && row.behindUntil && row.behindUntil >= oldest
  const since = goesOn && row.since < oldest ? row.since : oldest
  const lasted = (now.getTime() - since.getTime()) / 1000
  const rate = (seconds: number) => {
    const span = Math.max(1, Math.min(seconds, Math.floor(lasted)))
    return settledIn(row, now, span) / span
  }
  const done = goesOn ? row.settled : settledIn(row, now, lasted)
  const perSecond = rate(RECENT_SECONDS - 1)
  return {
    ratePerSecond: rounded(rate(RATE_SECONDS)),
    backlog: {
      ...{ since, done, all: done + count },
      secondsLeft: perSecond === 0 ? null : Math.ceil(count / perSecond),
    },
  }
}

/** Changes settled per second, over the last ten. */
export function settledLately(row: ProgressRow | undefined, now: Date): number {
  return rounded(settledIn(row, now, RATE_SECONDS) / RATE_SECONDS)
}

/** Changes settled in the last so many seconds, and in the one that has begun. */
function settledIn(row: ProgressRow | undefined, now: Date, seconds: number): number {
  const first = Math.floor(now.getTime() / 1000 - seconds)
  return Object.entries(row?.recent ?? {}).reduce(
    (all, [second, settled]) => (Number(second) >= first ? all + settled : all),
    0,
  )
}

function rounded(rate: number): number {
  return Number(rate.toPrecision(3))
}
