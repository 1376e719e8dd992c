import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { parseValue } from 'numfmt'
import type { Scalar } from '../model/cell.ts'
import { type Locale, localeOf } from './locale.ts'
import { typedFormat } from './typed-format.ts'

/** What typing some text into a cell means. */
export interface Entered {
  readonly value?: Scalar
  readonly formula?: string
  /** The number format that comes with what was typed; the cell keeps its own when it has one. */
  readonly format?: sheets_v4.Schema$NumberFormat
}

/**
 * Parses text as if a person had typed it (USER_ENTERED). What is established for en_US: formulas, a leading apostrophe,
 * TRUE/FALSE in any case, numbers with and without separators, leading zeros ("007" is 7), dollars, dates as
 * yyyy-mm-dd and m-d. The rest (percent, times, other dates, other locales) follows numfmt.
 *
 * @param text a string of a request; other JSON types are never parsed
 * @param locale of the spreadsheet, which decides what "1,5" is
 */
export function parseEntered(text: string, locale: Locale = localeOf('en_US')): Entered {
  if (text.startsWith('=') && text.length > 1) return { formula: text }
  if (text.startsWith("'")) return { value: text.slice(1) }
  const typed = text.trim()
  const parsed = parseValue(typed, { locale: locale.tag })
  if (!parsed || !isPlainlyTyped(typed)) return { value: text }
  const value = parsed.value as Scalar
  if (typeof value !== 'number') return { value }
  const format = typedFormat(typed, locale)
  return format ? { value, format } : { value }
}

/** What was typed as CellData, with the mask that writes it: a format only where typing brings one. */
export function enteredCell(
  text: string,
  locale?: Locale,
): { cell: sheets_v4.Schema$CellData; fields: string } {
  const { value, formula, format } = parseEntered(text, locale)
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
  return !/[()]/.test(text) && !/^\d+ \d+\/\d+$/.test(text)
}
