import { ApiError, type RpcStatus } from '../model/errors.ts'

/** What an entry of `errors` says besides its message. */
interface Entry {
  readonly reason: string
  readonly domain?: 'usageLimits'
  readonly location?: string
  readonly locationType?: 'parameter' | 'header'
  /** Where the entry says it shorter than the error. */
  readonly message?: string
}

/** An error that only the Drive API has. */
export class DriveError extends ApiError {
  readonly entry: Entry

  constructor(code: number, message: string, entry: Entry) {
    // Drive names a status in few errors, and in none of these.
    super(code, 'INVALID_ARGUMENT', message)
    this.entry = entry
  }
}

/** A value of a parameter that is not accepted (measured by others for a page token: brekkylab/backlot#337). */
export function invalidValue(location: string): DriveError {
  return new DriveError(400, 'Invalid Value', { reason: 'invalid', location, locationType: 'parameter' })
}

/** A parameter that the method cannot do without. */
export function required(location: string): DriveError {
  const message = `Required parameter: ${location}`
  return new DriveError(400, message, { reason: 'required', location, locationType: 'parameter' })
}

/** A file that does not exist, or that the caller may not see: Drive does not tell which. */
export function fileNotFound(id: string): DriveError {
  const entry = { reason: 'notFound', location: 'fileId', locationType: 'parameter' } as const
  return new DriveError(404, `File not found: ${id}.`, entry)
}

/** Entries of the errors that both APIs have. */
const ENTRIES: Readonly<Partial<Record<RpcStatus, Entry>>> = {
  UNAUTHENTICATED: {
    reason: 'authError',
    location: 'Authorization',
    locationType: 'header',
    message: 'Invalid Credentials',
  },
  PERMISSION_DENIED: { reason: 'forbidden' },
  NOT_FOUND: { reason: 'notFound' },
  RESOURCE_EXHAUSTED: { reason: 'rateLimitExceeded', domain: 'usageLimits' },
  INTERNAL: { reason: 'internalError' },
  UNAVAILABLE: { reason: 'backendError' },
}

/**
 * An error as the Drive API writes it: with a list `errors`, and with a status where somebody may not do something
 * (measured by others: brekkylab/backlot, backlot/errors/google.py).
 */
export function driveErrorBody(error: ApiError): object {
  const { code, message, status } = error
  const {
    domain = 'global',
    message: short = message,
    ...entry
  } = error instanceof DriveError ? error.entry : (ENTRIES[status] ?? { reason: 'badRequest' })
  return {
    error: {
      code,
      message,
      errors: [{ message: short, domain, ...entry }],
      ...((code === 401 || code === 403) && { status }),
    },
  }
}
