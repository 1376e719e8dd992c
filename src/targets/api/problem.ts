import { messageOf } from '../../errors.ts'
import { LaneFailure } from '../../lane/failure.ts'
import { isNetworkError } from '../../lane/network-error.ts'

/**
 * What an error of a call means.
 * - `lane`: no record's fault. `isClear`: the call was certainly not carried out
 * - `mismatch`: somebody changed the record since it was read
 * - `missing`: there is no such record
 * - `refused`: the system will never take this
 * - `unclear`: the call may have been carried out or not; without a status there was no answer at all
 * - `broken`: anything else, perhaps the function's own mistake; `isClear` as above
 */
export type Problem =
  | { readonly kind: 'lane'; readonly failure: LaneFailure; readonly isClear: boolean }
  | { readonly kind: 'mismatch'; readonly status: number; readonly reason: string }
  | { readonly kind: 'missing' | 'refused'; readonly reason: string }
  | { readonly kind: 'broken'; readonly reason: string; readonly isClear: boolean }
  | { readonly kind: 'unclear'; readonly status: number | null; readonly reason: string }

/** Sorts what a function of the configuration threw; a status says most. */
export function problemOf(error: unknown): Problem {
  const isNamed = (name: string) => error instanceof Error && error.name === name
  const status = statusOf(error)
  const reason = reasonOf(error, status)
  // By name: the application may have another copy of the classes.
  if (isNamed('RecordRefused')) return { kind: 'refused', reason }
  if (isNamed('PlaceAway')) return away(reason, null)
  if (status !== undefined) return problemOfStatus(status, reason, error)
  return isNetworkError(error)
    ? { kind: 'unclear', status: null, reason }
    : { kind: 'broken', reason, isClear: false }
}

function problemOfStatus(status: number, reason: string, error: unknown): Problem {
  const lane = (
    kind: 'forbidden' | 'quota',
    code: 'PLACE_FORBIDDEN' | 'PLACE_QUOTA',
    retryAfterMs?: number,
  ) => {
    const failure = new LaneFailure(kind, code, status, reason, retryAfterMs)
    return { kind: 'lane', failure, isClear: true } as const
  }
  switch (status) {
    case 401:
    case 403:
      return lane('forbidden', 'PLACE_FORBIDDEN')
    case 429:
      return lane('quota', 'PLACE_QUOTA', retryAfterOf(error))
    case 404:
    case 410:
      return { kind: 'missing', reason }
    case 409:
    case 412:
      return { kind: 'mismatch', status, reason }
    case 400:
    case 422:
      return { kind: 'refused', reason }
    case 503:
      return away(reason, status, retryAfterOf(error))
    default:
      if (status >= 500 || status === 408) return { kind: 'unclear', status, reason }
      return { kind: 'broken', reason, isClear: true }
  }
}

function away(reason: string, status: number | null, retryAfterMs?: number): Problem {
  const failure = new LaneFailure('unclear', 'PLACE_UNAVAILABLE', status, reason, retryAfterMs)
  return { kind: 'lane', failure, isClear: false }
}

/** A status as fetch's Response, axios, undici, got and most others tell it. */
function statusOf(error: unknown): number | undefined {
  const { status, statusCode, response } = fieldsOf(error)
  const { status: inner, statusCode: innerCode } = fieldsOf(response)
  return [status, statusCode, inner, innerCode].find(
    (one) => typeof one === 'number' && one >= 400 && one < 600,
  ) as number | undefined
}

function reasonOf(error: unknown, status: number | undefined): string {
  // A Response has no message of its own.
  if (error instanceof Error || status === undefined) return messageOf(error)
  return `the outside system answered ${status}`
}

/** How long a `Retry-After` asks to wait, in milliseconds: it has seconds, or a date. */
function retryAfterOf(error: unknown): number | undefined {
  const { headers, response } = fieldsOf(error)
  const value = headerOf(headers) ?? headerOf(fieldsOf(response).headers)
  if (value === undefined) return undefined
  const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : new Date(value).getTime() - Date.now()
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}

function headerOf(headers: unknown): string | undefined {
  const { get } = fieldsOf(headers)
  const value: unknown =
    typeof get === 'function' ? get.call(headers, 'retry-after') : fieldsOf(headers)['retry-after']
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : undefined
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
}
