import type { FailureKind, LaneFailure } from './failure.ts'

/**
 * The circuit breaker of a lane.
 *
 *     closed ── a batch fails ──▶ open ── its time has come ──▶ half_open ── works ──▶ closed
 *                                  ▲                               │
 *                                  └────────────── fails ──────────┘
 *
 * A batch has tried several times before it fails. While the circuit is open nothing is sent; the first batch after
 * `probeAt` is the probe.
 */
export interface Circuit {
  readonly state: 'closed' | 'open' | 'half_open'
  /** Failed batches in a row. */
  readonly failures: number
  /** When the next call may be tried, milliseconds since 1970; null while closed. */
  readonly probeAt: number | null
}

export const CLOSED: Circuit = { state: 'closed', failures: 0, probeAt: null }

/** First wait, doubled with each failure, and the longest one: access that is refused rarely comes back by itself. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS: Readonly<Record<FailureKind, number>> = {
  transient: 60_000,
  unclear: 60_000,
  quota: 60_000,
  refused: 60_000,
  forbidden: 120_000,
  gone: 120_000,
}

/** A place that asks for more is asked again after this: it may have meant seconds and said milliseconds. */
const LONGEST_ASKED_MS = 600_000

/**
 * After a failed batch. Where the place said how long to wait, it is not asked earlier.
 * @param random 0 to 1: workers must not all come back at the same moment
 */
export function afterFailure(
  { failures }: Circuit,
  { kind, retryAfterMs = 0 }: Pick<LaneFailure, 'kind' | 'retryAfterMs'>,
  now: number,
  random: number,
): Circuit {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS[kind])
  const asked = Math.min(retryAfterMs, LONGEST_ASKED_MS)
  const chosen = Math.max(wait * (0.75 + random / 2), asked * (1 + random / 4))
  return { state: 'open', failures: failures + 1, probeAt: now + chosen }
}

/** Milliseconds until a call may be tried; 0 when it may be tried now. */
export function waitFor({ state, probeAt }: Circuit, now: number): number {
  return state === 'closed' || probeAt === null ? 0 : Math.max(0, probeAt - now)
}
