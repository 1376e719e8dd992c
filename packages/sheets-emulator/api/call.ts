import type { CallKind } from '../control/faults.ts'
import { invalid } from '../model/errors.ts'
import type { Mask } from '../model/field-mask.ts'
import type { Rect } from '../model/rect.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'
import type { SpreadsheetStore } from '../store/spreadsheets.ts'

/** A call of an API method, checked and parsed. */
export interface Call {
  readonly store: SpreadsheetStore
  /** Values of the path, decoded: spreadsheetId, range, sheetId, metadataId. */
  readonly path: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  // biome-ignore lint/suspicious/noExplicitAny: each method names the message it takes; validation has checked it.
  readonly body: any
  /** Of the `fields` parameter; undefined when there was none. */
  readonly mask: Mask | undefined
  /** Whether the caller may edit a protected range of the spreadsheet. */
  readonly canEdit: (spreadsheet: Spreadsheet, protectedRangeId: number) => boolean
  /** Throws ApiError 400 when the caller may not edit the cells. */
  readonly guard: (spreadsheet: Spreadsheet, tab: Tab, rect: Rect) => void
  /** The caller's token. */
  readonly token: string
  /** Whether the caller sees a spreadsheet with the id, should there be one. */
  readonly sees: (spreadsheetId: string) => boolean
}

/** What a method of the API is, for routing, quotas and validation. */
export interface ApiMethod {
  /** As in the discovery document, without `sheets.`. */
  readonly id: string
  /** Which quota a call uses: `drive` uses none of the quotas of Sheets. */
  readonly kind: CallKind
  /** Message of the body, or undefined when there is none. */
  readonly body?: string
  /** What the API calls the body in errors when the body is one field of the request. */
  readonly bodyField?: string
  /** Message of the answer, against which a `fields` parameter is checked; undefined when `run` checks it. */
  readonly answer?: string
  /** Query parameters besides the ones every method has. */
  readonly query: readonly string[]
  /** True when `run` applies the field mask itself. */
  readonly masks?: boolean
  readonly run: (call: Call) => unknown
}

/** A query parameter that is a boolean; "True" and "False" are recorded. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  if (value === null || /^(false|0)$/i.test(value)) return false
  if (/^(true|1|)$/i.test(value)) return true
  throw invalid(`Invalid value at '${snakeCase(name)}' (TYPE_BOOL), "${value}"`)
}

/** A query parameter that is an enum; absent or "" is undefined. */
export function choice<T extends string>(
  query: URLSearchParams,
  name: string,
  values: readonly T[],
): T | undefined {
  return chosen(query.get(name), name, values)
}

/** The same for a field of a body. */
export function chosen<T extends string>(
  value: string | null | undefined,
  name: string,
  values: readonly T[],
): T | undefined {
  if (value == null || value === '' || value.endsWith('_UNSPECIFIED')) return undefined
  if ((values as readonly string[]).includes(value)) return value as T
  throw invalid(`Invalid value at '${snakeCase(name)}', "${value}"`)
}

/** `valueInputOption` as errors of the API name fields: `value_input_option`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
