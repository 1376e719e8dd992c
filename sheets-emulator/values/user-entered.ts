import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { parseValue } from 'numfmt'
import type { Scalar } from '../model/cell.ts'

/** What typing some text into a cell means. */
export interface Entered {
  readonly value?: Scalar
  readonly formula?: string
  /** The number format that comes with what was typed; the cell keeps its own when it has one. */
  readonly format?: sheets_v4.Schema$NumberFormat
}

/**
 * Parses text as if a person had typed it (USER_ENTERED). What is established: formulas, a leading apostrophe,
 * TRUE/FALSE in any case, numbers with and without separators, leading zeros ("007" is 7), dollars, dates as
 * yyyy-mm-dd and m-d. The rest (percent, times, other dates) follows numfmt, for the locale en_US; other locales
 * are not emulated.
 *
 * @param text a string of a request; other JSON types are never parsed
 */
export function parseEntered(text: string): Entered {
  if (text.startsWith('=') && text.length > 1) return { formula: text }
  if (text.startsWith("'")) return { value: text.slice(1) }
  const parsed = parseValue(text.trim())
  if (!parsed || !isPlainlyTyped(text)) return { value: text }
  const value = parsed.value as Scalar
  if (typeof value !== 'number') return { value }
  const format = formatOf(text.trim())
  return format ? { value, format } : { value }
}

/** What was typed as CellData, with the mask that writes it: a format only where typing brings one. */
export function enteredCell(text: string): { cell: sheets_v4.Schema$CellData; fields: string } {
  const { value, formula, format } = parseEntered(text)
  const cell: sheets_v4.Schema$CellData = {}
  if (formula !== undefined) cell.userEnteredValue = { formulaValue: formula }
  else if (typeof value === 'number') cell.userEnteredValue = { numberValue: value }
  else if (typeof value === 'boolean') cell.userEnteredValue = { boolValue: value }
  else if (value) cell.userEnteredValue = { stringValue: value }
  if (!format) return { cell, fields: 'userEnteredValue' }
  return {
    cell: { ...cell, userEnteredFormat: { numberFormat: format } },
    fields: 'userEnteredValue,userEnteredFormat.numberFormat',
  }
}

/** numfmt reads "(5)" and "1 1/2" as numbers; nothing says that Sheets does, so they stay text. */
function isPlainlyTyped(text: string): boolean {
  return !/[()]/.test(text) && !/^\d+ \d+\/\d+$/.test(text.trim())
}

function formatOf(text: string): sheets_v4.Schema$NumberFormat | undefined {
  if (/^\d{4}-\d{1,2}-\d{1,2}$/.test(text)) return { type: 'DATE', pattern: 'yyyy-mm-dd' }
  if (/^\d{1,2}-\d{1,2}$/.test(text)) return { type: 'DATE', pattern: 'm-d' }
  if (/^\d{1,2}\/\d{1,2}\/\d{4}$/.test(text)) return { type: 'DATE', pattern: 'm/d/yyyy' }
  if (/^\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{2}:\d{2}$/.test(text)) {
    return { type: 'DATE_TIME', pattern: 'yyyy-mm-dd h:mm:ss' }
  }
  if (/^\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{2}$/.test(text))
    return { type: 'DATE_TIME', pattern: 'yyyy-mm-dd h:mm' }
  if (/^\d{1,2}:\d{2}:\d{2}$/.test(text)) return { type: 'TIME', pattern: 'h:mm:ss' }
  if (/^\d{1,2}:\d{2}$/.test(text)) return { type: 'TIME', pattern: 'h:mm' }
  const decimals = /\.(\d+)/.exec(text)?.[1]?.length ?? 0
  const places = decimals === 0 ? '' : `.${'0'.repeat(Math.min(decimals, 2))}`
  if (text.endsWith('%')) return { type: 'PERCENT', pattern: `0${places}%` }
  if (/^[-+]?\$/.test(text)) return { type: 'CURRENCY', pattern: `"$"#,##0${places}` }
  if (text.includes(',')) return { type: 'NUMBER', pattern: `#,##0${places}` }
  if (/\d[eE]/.test(text)) return { type: 'SCIENTIFIC', pattern: '0.00E+00' }
  return /[A-Za-z]/.test(text) ? { type: 'DATE', pattern: 'd-mmm-yyyy' } : undefined
}
