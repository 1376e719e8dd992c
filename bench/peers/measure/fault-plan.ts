import { randomOf } from '../random.ts'

/** What goes wrong, for every peer at the same moment. */
export const FAULTS = [
  /** SIGKILL to the worker; another one is started at once, as a process manager does. */
  'kill-worker',
  /** SIGKILL to the application in the middle of its operations; another one goes on with the next operation. */
  'kill-application',
  /** Postgres is stopped as by a crash, and started. */
  'crash-postgres',
  /** Postgres is restarted in order. */
  'restart-postgres',
  /** The next write of the Sheets API is applied, then its connection is reset. */
  'reset-after',
] as const
export type Fault = (typeof FAULTS)[number]

/** A fault and when it comes, in milliseconds after the start. */
export interface PlannedFault {
  readonly at: number
  readonly fault: Fault
}

/** Mean time between two faults, in milliseconds. */
const BETWEEN_MS = 1200

/**
 * The faults of a run: every kind at least once, restarts of Postgres no more than that.
 * @param durationMs how long the work takes without them
 */
export function faultPlan(seed: number, durationMs: number): readonly PlannedFault[] {
  const random = randomOf(seed + 1)
  const count = Math.max(FAULTS.length, Math.floor(durationMs / BETWEEN_MS))
  const often: readonly Fault[] = ['kill-worker', 'kill-application', 'reset-after', 'reset-after']
  const kinds = [
    ...FAULTS,
    ...Array.from({ length: count - FAULTS.length }, () => often[random(0, often.length - 1)] as Fault),
  ]
  return kinds
    .map((fault) => ({ fault, at: random(Math.floor(durationMs * 0.1), durationMs) }))
    .sort((a, b) => a.at - b.at)
}
