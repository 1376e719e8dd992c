import { redact } from './redact.ts'

/**
 * Every error this library raises on purpose carries one of these codes. They are stable: scripts and
 * alerts may compare them, and none is used again for another meaning. `docs/errors.md` says of each what to do.
 */
export type ErrorCode =
  | 'CONFIG_INVALID'
  | 'ENV_INVALID'
  | 'NODE_TOO_OLD'
  | 'JOB_INVALID'
  | 'WORKER_LOST'
  | 'JOB_TIMED_OUT'
  | 'RECORD_ID_INVALID'
  | 'CAPTURE_UNFOLLOWED'
  | 'CONTEXT_LOST'
  | 'PRISMA_SEAM_CHANGED'
  | 'QUEUE_MISSING'
  | 'QUEUE_VERSION'
  | 'TABLES_MISSING'
  | 'MIGRATION_FAILED'
  | 'TRIGGERS_MISSING'
  | 'CELL_TOO_LONG'
  | 'CELL_UNSUPPORTED'
  | 'COLUMN_FAILED'
  | 'FILTER_FAILED'
  | 'RECORD_UNREADABLE'
  | 'TARGET_UNREADABLE'
  | 'RECORDS_HIDDEN'
  | 'REMOVALS_HELD'
  | 'DELETIONS_HELD'
  | 'SHEET_LAYOUT'
  | 'SHEET_REFUSED'
  | 'SHEET_UNAVAILABLE'
  | 'SHEET_QUOTA'
  | 'SHEET_FORBIDDEN'
  | 'SHEET_NOT_FOUND'
  | 'SHEET_OUTCOME_UNKNOWN'
  | 'PLACE_UNAVAILABLE'
  | 'PLACE_QUOTA'
  | 'PLACE_FORBIDDEN'
  | 'PLACE_NOT_FOUND'
  | 'PLACE_REFUSED'
  | 'PLACE_SETTINGS'
  | 'PLACE_OUTCOME_UNKNOWN'
  | 'DOCUMENT_FAILED'
  | 'EDIT_INVALID'
  | 'EDIT_REFUSED'
  | 'EDIT_CONFLICT'
  | 'EDIT_FAILED'
  | 'EDITS_UNSEEN'
  | 'TICKET_BEHIND'
  | 'LANE_LOST'
  | 'SHUTTING_DOWN'
  | 'LANE_BUSY'
  | 'DATABASE_UNAVAILABLE'
  | 'TARGET_UNKNOWN'
  | 'OPERATION_INVALID'
  | 'NOT_DRAINED'
  | 'NOT_IN_TIME'
  | 'UNEXPECTED'

/** What an error says: one sentence each, without secrets and without customer data (cell values). */
export interface ErrorParts {
  /** What went wrong, as a short noun phrase or sentence without a final period. */
  readonly problem: string
  /** What would have been right. */
  readonly expected?: string
  /** What was there instead. Never a credential, never a cell value. */
  readonly got?: string
  /** What the reader should do now. */
  readonly remedy?: string
  /** The error that led here. Only its message is ever shown. */
  readonly cause?: unknown
}

/** The one error class of this library. `message` is a single line that reads problem, expected, got, remedy. */
export class WritebackError extends Error {
  readonly code: ErrorCode
  readonly problem: string
  readonly expected: string | undefined
  readonly got: string | undefined
  readonly remedy: string | undefined

  /**
   * @param code stable code, see {@link ErrorCode}
   * @param parts what went wrong, what was expected, what was got, what to do
   */
  constructor(code: ErrorCode, parts: ErrorParts) {
    super(sentence(parts), parts.cause === undefined ? undefined : { cause: parts.cause })
    this.name = 'WritebackError'
    this.code = code
    this.problem = parts.problem
    this.expected = parts.expected
    this.got = parts.got
    this.remedy = parts.remedy
  }
}

/** True for an error of this library, of any copy of it in the process, optionally with one of the given codes. */
export function isWritebackError(error: unknown, ...codes: ErrorCode[]): error is WritebackError {
  const isOurs =
    error instanceof WritebackError || (error instanceof Error && error.name === 'WritebackError')
  return isOurs && (codes.length === 0 || codes.includes((error as WritebackError).code))
}

/**
 * The message of anything that was thrown, in one line, for logs and for errors that quote it. Secrets that others put
 * into theirs are taken out.
 */
export function messageOf(error: unknown): string {
  // pg-boss reports copies of errors: plain objects with their fields.
  const { message, name } = (typeof error === 'object' && error !== null ? error : {}) as Partial<Error>
  // Node tries every address of a host, and says nothing of its own when none answers.
  if (!message && error instanceof AggregateError && error.errors.length > 0)
    return messageOf(error.errors[0])
  const text = message || name || (error instanceof Error ? error.constructor.name : String(error))
  const line = String(text).replace(/\s+/g, ' ').trim()
  // The library's own hold none, and their examples are to be read.
  return error instanceof WritebackError ? line : redact(line)
}

function sentence({ problem, expected, got, remedy }: ErrorParts): string {
  const facts = [expected && `expected ${expected}`, got && `got ${got}`].filter(Boolean).join(', ')
  return [facts ? `${problem}: ${facts}` : problem, remedy].filter(Boolean).join('. ')
}
