import type { ErrorCode } from '../errors.ts'

/** Why an edit was refused, for the person who made it. */
export interface Refusal {
  readonly code: Extract<ErrorCode, `EDIT_${string}`>
  readonly reason: string
}

/** Longest reason that is kept: it stands in a cell. */
const MAX_REASON = 300

/** A refusal; a reason that goes on for long is cut. */
export function refusal(code: Refusal['code'], reason: string): Refusal {
  const text = reason.trim().replace(/\s+/g, ' ').replaceAll('\0', '').toWellFormed()
  return {
    code,
    reason: text.length > MAX_REASON ? `${text.slice(0, MAX_REASON - 1)}…`.toWellFormed() : text,
  }
}
