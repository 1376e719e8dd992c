import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'

/** A value that a person or a program put into a cell. Dates are serial numbers. */
export type Scalar = string | number | boolean

/** A cell that has more than a plain value. Never changed in place: a write makes a new one. */
export interface RichCell {
  readonly value?: Scalar | undefined
  /** With its leading `=`. A cell has a value or a formula, not both. */
  readonly formula?: string | undefined
  readonly format?: sheets_v4.Schema$CellFormat | undefined
  readonly note?: string | undefined
  readonly validation?: sheets_v4.Schema$DataValidationRule | undefined
  readonly runs?: sheets_v4.Schema$TextFormatRun[] | undefined
}

/**
 * What a row stores for a column. A plain value is stored as itself, because a tab of 10,000,000 cells would not
 * fit in memory otherwise; a blank cell is undefined.
 */
export type Cell = Scalar | RichCell | undefined

/** The cell as an object, whatever way it is stored. */
export function richOf(cell: Cell): RichCell {
  if (cell === undefined) return {}
  return typeof cell === 'object' ? cell : { value: cell }
}

/** The most compact way to store the given parts. An empty string is no value: writing "" clears a cell. */
export function compact(parts: RichCell): Cell {
  const value = parts.value === '' ? undefined : parts.value
  if (parts.formula === undefined && !parts.format && !parts.note && !parts.validation && !parts.runs)
    return value
  return {
    ...(value === undefined || parts.formula !== undefined ? undefined : { value }),
    ...(parts.formula === undefined ? undefined : { formula: parts.formula }),
    ...(parts.format && { format: parts.format }),
    ...(parts.note && { note: parts.note }),
    ...(parts.validation && { validation: parts.validation }),
    ...(parts.runs && { runs: parts.runs }),
  }
}

/** True when the cell shows something: a value or a formula. Notes, formats and validation do not count. */
export function hasValue(cell: Cell): boolean {
  if (cell === undefined) return false
  return typeof cell !== 'object' || cell.value !== undefined || cell.formula !== undefined
}

/** The cell with another value or formula. Format, note and validation stay, as a value write leaves them. */
export function withValue(cell: Cell, value: Scalar | undefined, formula?: string): Cell {
  if ((cell === undefined || typeof cell !== 'object') && formula === undefined) {
    return value === '' ? undefined : value
  }
  const { format, note, validation } = richOf(cell)
  return compact({ value: formula === undefined ? value : undefined, formula, format, note, validation })
}

/** True when the cell holds a formula. */
export function isFormula(cell: Cell): cell is RichCell & { readonly formula: string } {
  return typeof cell === 'object' && cell.formula !== undefined
}
