import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'

/** What the library writes to a cell; null is an empty one. Dates are numbers (serials), see `zone.ts`. */
export type CellValue = string | number | boolean | null

/** A formula that a person typed. The library reads formulas and never writes one. */
export interface Formula {
  readonly formula: string
}

/** What can stand in a cell. */
export type SheetCell = CellValue | Formula

/** Longest text of a cell, in UTF-16 units; one more is refused (measured by others: 50,000 passes, 50,001 fails). */
export const MAX_CELL_LENGTH = 50_000

export function isFormula(cell: SheetCell | undefined): cell is Formula {
  return typeof cell === 'object' && cell !== null
}

/** An empty text and an empty cell look alike in a sheet, and are alike here. */
export function isEmpty(cell: SheetCell | undefined): boolean {
  return cell === null || cell === undefined || cell === ''
}

/**
 * Whether two cells show the same. Numbers may differ in the 16th digit (a sheet keeps 15), texts in how a line
 * ends.
 */
export function sameCell(a: SheetCell | undefined, b: SheetCell | undefined): boolean {
  if (a === b) return true
  if (isEmpty(a)) return isEmpty(b)
  if (isEmpty(b)) return false
  if (typeof a === 'number' && typeof b === 'number') return sameNumber(a, b)
  if (typeof a === 'string' && typeof b === 'string') return lineEnds(a) === lineEnds(b)
  return isFormula(a) && isFormula(b) && a.formula === b.formula
}

/** A key that is the same for cells that {@link sameCell} takes for the same, to look up thousands of them. */
export function textOfCell(cell: SheetCell | undefined): string {
  if (isEmpty(cell)) return ''
  if (typeof cell === 'number') return String(Number(cell.toPrecision(15)))
  return JSON.stringify(typeof cell === 'string' ? lineEnds(cell) : cell)
}

/** Whether two numbers are one with 15 significant digits: half a unit of the 15th apart, and rounding errors. */
function sameNumber(a: number, b: number): boolean {
  // A logarithm would round 999999999999.999 up to the next power of ten.
  const exponent = Number(Math.max(Math.abs(a), Math.abs(b)).toExponential().split('e')[1])
  return Math.abs(a - b) <= 0.5000001 * 10 ** (exponent - 14)
}

/**
 * A cell as the API takes it. Typed, so that nothing is parsed: "0012" keeps its zeros and "=1+1" is text.
 * @param value what the cell shall hold; null empties it
 */
export function toCellData(value: CellValue): sheets_v4.Schema$CellData {
  if (value === null || value === '') return {}
  if (typeof value === 'string') return { userEnteredValue: { stringValue: value } }
  if (typeof value === 'number') return { userEnteredValue: { numberValue: value } }
  return { userEnteredValue: { boolValue: value } }
}

/** A cell as the API gives it (`userEnteredValue`), empty ones as null. */
export function fromCellData(cell: sheets_v4.Schema$CellData | undefined | null): SheetCell {
  const value = cell?.userEnteredValue
  if (!value) return null
  if (typeof value.stringValue === 'string') return value.stringValue === '' ? null : value.stringValue
  if (typeof value.numberValue === 'number') return value.numberValue
  if (typeof value.boolValue === 'boolean') return value.boolValue
  if (typeof value.formulaValue === 'string') return { formula: value.formulaValue }
  return null
}

function lineEnds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}
