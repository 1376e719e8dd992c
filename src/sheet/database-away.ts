import { isWritebackError, messageOf, type WritebackError } from '../errors.ts'
import type { Outcome } from './outcome.ts'

/** How long jobs wait for the database to come back, in milliseconds. */
export const DATABASE_RETRY_MS = 5_000

/**
 * True when Postgres, or the way to it, is down or overloaded, so that nothing is wrong with a record: SQLSTATE
 * classes 08, 53 and 57P, network errors, and Prisma's P1xxx.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (isWritebackError(error, 'DATABASE_UNAVAILABLE')) return true
  const { code, name, message } = (
    typeof error === 'object' && error !== null ? error : {}
  ) as Partial<WritebackError>
  return (
    /^(08|53|57P|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|P1\d{3}$)/.test(String(code ?? '')) ||
    name === 'PrismaClientInitializationError' ||
    /Connection terminated|timeout exceeded when trying to connect/.test(String(message ?? ''))
  )
}

/** What becomes of records when something broke that is not the sheet's doing. */
export function outcomeOfError(error: unknown): Outcome {
  if (isDatabaseAway(error)) {
    const reason = 'the database cannot be used'
    return { status: 'deferred', code: 'DATABASE_UNAVAILABLE', reason, retryAfterMs: DATABASE_RETRY_MS }
  }
  return {
    status: 'failed',
    code: isWritebackError(error) ? error.code : 'UNEXPECTED',
    reason: messageOf(error),
  }
}
