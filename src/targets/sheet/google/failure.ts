import type { ErrorCode } from '../../../errors.ts'
import { type FailureKind, LaneFailure } from '../../../lane/failure.ts'

const CODES: Readonly<Record<FailureKind, ErrorCode>> = {
  transient: 'SHEET_UNAVAILABLE',
  unclear: 'SHEET_OUTCOME_UNKNOWN',
  quota: 'SHEET_QUOTA',
  forbidden: 'SHEET_FORBIDDEN',
  gone: 'SHEET_NOT_FOUND',
  refused: 'SHEET_REFUSED',
}

/** Longest part of the API's own words that is kept: they may quote a cell. */
const MAX_MESSAGE = 300

/** A call to the Sheets API that failed, with its class. */
export class SheetsFailure extends LaneFailure {
  constructor(kind: FailureKind, status: number | null, message: string) {
    super(kind, CODES[kind], status, message.replace(/\s+/g, ' ').trim().slice(0, MAX_MESSAGE))
    this.name = 'SheetsFailure'
  }

  /** Index of the request that a batchUpdate was refused for, where the API says it ("Invalid requests[3]...."). */
  get requestIndex(): number | undefined {
    const match = this.kind === 'refused' ? /^Invalid requests\[(\d+)\]/.exec(this.message) : null
    return match ? Number(match[1]) : undefined
  }
}

/** What gaxios throws, as far as it is looked at. */
interface Thrown {
  readonly message?: string
  readonly code?: unknown
  readonly status?: unknown
  readonly response?: { readonly status?: unknown; readonly data?: unknown } | undefined
}

/** Network errors that come before a single byte was sent. */
const NOT_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']

/**
 * Finds the class of what a call threw.
 *
 * Statuses as the API uses them: 429 quota (also 403 with reason rateLimitExceeded, which other Google APIs use);
 * 401 and 403 forbidden, and OAuth's `invalid_grant` for a revoked key; 404 gone; 400 and other 4xx refused; 408 and
 * 5xx unclear, as nothing says whether a 503 was applied.
 */
export function classify(error: unknown): SheetsFailure {
  if (error instanceof SheetsFailure) return error
  const thrown = (typeof error === 'object' && error !== null ? error : { message: String(error) }) as Thrown
  const data = thrown.response?.data
  const message = messageIn(data) ?? thrown.message ?? 'no message'
  const status = numberOf(thrown.response?.status) ?? numberOf(thrown.status)
  if (typeof data === 'object' && data !== null && 'error' in data && data.error === 'invalid_grant') {
    return new SheetsFailure('forbidden', status, 'the credentials are not accepted (invalid_grant)')
  }
  if (status === null) {
    const sent = !NOT_SENT.includes(String(thrown.code ?? ''))
    return new SheetsFailure(sent ? 'unclear' : 'transient', null, message)
  }
  // What stands between us and the API answers with pages, which the client hands over as its message.
  const isPage = typeof data === 'string' && /^\s*</.test(data)
  const told = isPage ? `status ${status} with a page of HTML, not an answer of the Sheets API` : message
  return new SheetsFailure(kindOf(status, data), status, told)
}

function kindOf(status: number, data: unknown): FailureKind {
  if (
    status === 429 ||
    (status === 403 && /rateLimitExceeded|RATE_LIMIT_EXCEEDED/.test(JSON.stringify(data ?? '')))
  ) {
    return 'quota'
  }
  if (status === 401 || status === 403) return 'forbidden'
  if (status === 404) return 'gone'
  if (status === 408 || status >= 500) return 'unclear'
  return status >= 400 ? 'refused' : 'unclear'
}

function messageIn(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('error' in data)) return undefined
  const { error } = data
  if (typeof error === 'string') return error
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message)
  return undefined
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}
