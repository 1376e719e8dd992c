import { sqlStateOf } from '../src/database/sql-state.ts'
import { isUnreachable } from '../src/database/unreachable.ts'
import { type ErrorCode, isWritebackError, messageOf } from '../src/errors.ts'
import { LaneFailure } from '../src/lane/failure.ts'

/** Longest message of a failure that is kept. */
const MAX_MESSAGE = 500

/** What is told of a failure: a stable code, and one line without values of records or cells. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
}

/** A failure of one of several targets that a job went through. */
export interface TargetFailure extends Failure {
  readonly target: string
}

/** Some of the targets that a job went through failed; it went on with the others. */
export class TargetsFailed<Found> extends Error {
  readonly failures: readonly TargetFailure[]
  /** What was found in the others. */
  readonly found: readonly Found[]

  constructor(failures: readonly TargetFailure[], found: readonly Found[]) {
    const [first, ...others] = failures
    const more = others.length > 0 ? ` (also ${others.map(({ target }) => target).join(', ')})` : ''
    super(`${first?.target}: ${first?.message}${more}`)
    this.name = 'TargetsFailed'
    this.failures = failures
    this.found = found
  }
}

/**
 * What may be logged of an error, and stored with its job. The library's own errors carry no values; those of Postgres
 * and Prisma may quote one, and are told without it.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof TargetsFailed) {
    return { code: error.failures[0]?.code ?? 'UNEXPECTED', message: error.message.slice(0, MAX_MESSAGE) }
  }
  return { code: codeOf(error), message: describe(error).slice(0, MAX_MESSAGE) }
}

function codeOf(error: unknown): ErrorCode {
  if (isWritebackError(error) || error instanceof LaneFailure) return error.code
  return isUnreachable(error) ? 'DATABASE_UNAVAILABLE' : 'UNEXPECTED'
}

function describe(error: unknown): string {
  if (isWritebackError(error) || error instanceof LaneFailure || isUnreachable(error)) return messageOf(error)
  const isPrisma = error instanceof Error && error.name.startsWith('PrismaClient')
  // Classes 22 and 23: data that does not fit, and constraints. Their messages quote it.
  const quotesData = isPrisma || /^2[23]/.test(sqlStateOf(error) ?? '')
  // Prisma puts the call with its arguments first, and what is wrong last.
  const text = isPrisma
    ? (error.message
        .trim()
        .split(/\n\s*\n/)
        .at(-1) ?? '')
    : messageOf(error)
  return messageOf({ message: quotesData ? withoutValues(text) : text })
}

function withoutValues(text: string): string {
  return text.replace(/"[^"]*"|'[^']*'/g, '"…"').replace(/\d{5,}/g, '…')
}
