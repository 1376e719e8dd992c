import { afterFailure, type Circuit, waitFor } from './circuit.ts'
import type { LaneFailure } from './failure.ts'
import type { Outcome } from './outcome.ts'

/** What follows from a failure of a lane's place. */
export interface Trip {
  /** The circuit from now on. */
  readonly circuit: Circuit
  /** What becomes of records that have no outcome. */
  readonly outcome: Extract<Outcome, { status: 'deferred' }>
  /** What the log says of it. */
  readonly details: object
}

/** Opens the circuit of a lane after a failure. @param lane its id */
export function trip(lane: string, circuit: Circuit, failure: LaneFailure): Trip {
  const next = afterFailure(circuit, failure, Date.now(), Math.random())
  const retryAfterMs = waitFor(next, Date.now())
  const { code, message } = failure
  return {
    circuit: next,
    outcome: { status: 'deferred', code, reason: message, retryAfterMs },
    details: { lane, code, failures: next.failures, retryInMs: Math.round(retryAfterMs) },
  }
}
