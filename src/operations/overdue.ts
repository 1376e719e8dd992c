import { CronExpressionParser } from 'cron-parser'
import type { WritebackConfig } from '../config/define-config.ts'
import { scheduleDefinitions } from '../queue/definitions.ts'
import { QUEUES } from '../queue/queues.ts'
import { BACKGROUND_QUEUES, type Background, type BackgroundQueue } from './background.ts'
import { earliest } from './job-counts.ts'
import type { WorkerInfo } from './workers.ts'

/** A scheduled job that has missed two of its times in a row, with a worker there. */
export interface Overdue {
  readonly queue: BackgroundQueue
  /** The first time that it missed. */
  readonly since: Date
}

const DAY_MS = 86_400_000

/** When a job is sent by itself. */
export interface Schedule {
  readonly cron: string
  readonly timeZone: string
}

/** What is needed to tell whether one has not run. */
export interface ScheduleSituation {
  readonly now: Date
  /** When one last succeeded; null where none is known. */
  readonly lastSuccess: Date | null
  /** Since when there has been a worker that could have done it; null where there is none. */
  readonly workerSince: Date | null
  /** How far back successes are known, in milliseconds. */
  readonly knownMs: number
}

/**
 * Since when a scheduled job has been overdue: it has missed two of its times in a row, with a worker there. Pure.
 *
 * @returns the first time that it missed; null when it is not overdue, or cannot be known
 */
export function overdueSince(
  { cron, timeZone }: Schedule,
  { now, lastSuccess, workerSince, knownMs }: ScheduleSituation,
): Date | null {
  let missed: Date
  try {
    const times = CronExpressionParser.parse(cron, { tz: timeZone, currentDate: now })
    times.prev()
    missed = times.prev().toDate()
  } catch {
    // A schedule that cannot be read is refused where it is made.
    return null
  }
  if (workerSince === null || workerSince > missed) return null
  if (lastSuccess === null) return now.getTime() - missed.getTime() < knownMs ? missed : null
  return lastSuccess < missed ? missed : null
}

/**
 * The scheduled jobs that are overdue. Pure.
 * @param registered when each target was registered; one that is new has not been compared for a reason
 */
export function overdueJobs(
  config: WritebackConfig,
  { lastSuccess, comparisons }: Background,
  registered: readonly { readonly name: string; readonly created_at: Date }[],
  workers: readonly WorkerInfo[],
  now: Date,
): Overdue[] {
  const alive = workers.filter((one) => one.alive).map(({ startedAt }) => startedAt)
  const knownMs = config.retention.days * DAY_MS
  const compared = registered.flatMap(({ name, created_at: since }) => {
    const completed = comparisons.find(({ target }) => target === name)?.completedAt
    if (completed) return [completed]
    return now.getTime() - since.getTime() < knownMs ? [since] : []
  })
  return BACKGROUND_QUEUES.flatMap((queue) => {
    const cron = scheduleDefinitions(config).find((schedule) => schedule.queue === queue)?.cron
    if (cron === undefined) return []
    // A comparison counts when it was one of every target.
    const last = queue === QUEUES.reconcile ? earliest(compared) : (lastSuccess[queue] ?? null)
    const situation = { now, lastSuccess: last, workerSince: earliest(alive), knownMs }
    const since = overdueSince({ cron, timeZone: config.schedules.timeZone }, situation)
    return since ? [{ queue, since }] : []
  })
}
