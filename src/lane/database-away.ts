import { isUnreachable } from '../database/unreachable.ts'
import { isWritebackError, messageOf } from '../errors.ts'
import type { Outcome } from './outcome.ts'

/** True when nothing is wrong with a record, but with the database. */
export const isDatabaseAway = isUnreachable

/** How long jobs wait for the database to come back, in milliseconds. */
export const DATABASE_RETRY_MS = 5_000

/** What becomes of records when something broke that is not the place's doing. */
export function outcomeOfError(error: unknown): Outcome {
  if (isUnreachable(error)) {
    const reason = 'the database cannot be used'
    return { status: 'deferred', code: 'DATABASE_UNAVAILABLE', reason, retryAfterMs: DATABASE_RETRY_MS }
  }
  return {
    status: 'failed',
    code: isWritebackError(error) ? error.code : 'UNEXPECTED',
    reason: messageOf(error),
  }
}
