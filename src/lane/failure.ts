import type { ErrorCode } from '../errors.ts'

/**
 * Classes of trouble with a place, by what they ask for.
 * - `transient`: nothing was sent, or the answer says that it did not work; try again later
 * - `unclear`: the call may have been carried out or not (timeout, reset, broken answer, 5xx): read before writing
 * - `quota`: wait until the place allows more calls
 * - `forbidden`: no access, or the key is revoked
 * - `gone`: the place does not exist
 * - `refused`: the place understood the call and will not do it
 */
export type FailureKind = 'transient' | 'unclear' | 'quota' | 'forbidden' | 'gone' | 'refused'

/** A call to a place that failed, with its class. A kind of target throws its own subclass, or this. */
export class LaneFailure extends Error {
  readonly kind: FailureKind
  /** What operators see of it. */
  readonly code: ErrorCode
  /** HTTP status, or null where there was no answer. */
  readonly status: number | null
  /** How long the place asks to be left alone, in milliseconds; undefined where it does not say. */
  readonly retryAfterMs: number | undefined

  /** @param message one line, without values of records */
  constructor(
    kind: FailureKind,
    code: ErrorCode,
    status: number | null,
    message: string,
    retryAfterMs?: number,
  ) {
    super(message)
    this.name = 'LaneFailure'
    this.kind = kind
    this.code = code
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}
