/** The last thing that went wrong with a target. */
export interface TargetError {
  readonly code: string
  readonly message: string
  readonly at: Date
}

/** What `sync_target` says of it. */
interface ErrorRow {
  readonly last_success_at: Date | null
  readonly last_error_at: Date | null
  readonly last_error_code: string | null
  readonly last_error: string | null
}

export function errorOf(row: ErrorRow | undefined): TargetError | null {
  if (!row?.last_error_at) return null
  return { code: row.last_error_code ?? '', message: row.last_error ?? '', at: row.last_error_at }
}

/** What stops a target alone: its tab, or its records. */
const TARGET_ERRORS = [
  'SHEET_LAYOUT',
  'SHEET_REFUSED',
  'PLACE_SETTINGS',
  'TARGET_UNREADABLE',
  'RECORDS_HIDDEN',
]

/** The error of a target stands until a record comes through after it. */
export function placeErrorOf(row: ErrorRow | undefined): TargetError | null {
  const error = errorOf(row)
  if (error === null || !TARGET_ERRORS.includes(error.code)) return null
  return row?.last_success_at && row.last_success_at >= error.at ? null : error
}
