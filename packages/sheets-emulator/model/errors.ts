/** The names of google.rpc.Code that the emulator answers with. */
export type RpcStatus =
  | 'INVALID_ARGUMENT'
  | 'UNAUTHENTICATED'
  | 'PERMISSION_DENIED'
  | 'NOT_FOUND'
  | 'ABORTED'
  | 'FAILED_PRECONDITION'
  | 'RESOURCE_EXHAUSTED'
  | 'INTERNAL'
  | 'UNIMPLEMENTED'
  | 'UNAVAILABLE'

/** An error the API answers with: thrown by the model and the methods, written out by the HTTP layer. */
export class ApiError extends Error {
  readonly code: number
  readonly status: RpcStatus
  readonly details: readonly object[] | undefined

  /**
   * @param code HTTP status
   * @param status google.rpc.Code by name
   * @param message what the body's `error.message` says
   * @param details what the body's `error.details` holds, if anything
   */
  constructor(code: number, status: RpcStatus, message: string, details?: readonly object[]) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.status = status
    this.details = details
  }
}

/** A request that cannot be carried out as it is: HTTP 400. */
export function invalid(message: string): ApiError {
  return new ApiError(400, 'INVALID_ARGUMENT', message)
}

/** A request kind or option of the real API that the emulator does not have. Never answered as if it had worked. */
export function unsupported(what: string): ApiError {
  return new ApiError(501, 'UNIMPLEMENTED', `The Sheets emulator does not support ${what}.`)
}

/** Puts `prefix` before the message of an {@link ApiError}, as the API names the part of a batch that is wrong. */
export function prefixed(error: unknown, prefix: string): unknown {
  if (!(error instanceof ApiError) || error.code !== 400) return error
  return new ApiError(error.code, error.status, prefix + error.message, error.details)
}
