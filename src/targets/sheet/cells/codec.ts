import { isThenable } from '../../../config/describe.ts'
import { WritebackError } from '../../../errors.ts'
import { type CellValue, isEmpty, isFormula, MAX_CELL_LENGTH, type SheetCell } from './cell.ts'
import type { CellFormat } from './format.ts'
import type { Zone } from './zone.ts'

/** Turns values of one column into cells and back. Pure. */
export interface Codec {
  /** Format the column gets when it is made; undefined leaves the sheet's automatic one. */
  readonly format?: CellFormat
  /**
   * @param value as Prisma Client gives it
   * @param zone the spreadsheet's time zone
   * @throws WritebackError `CELL_UNSUPPORTED` for a value no cell can show
   */
  encode(value: unknown, zone: Zone): CellValue
  /**
   * The value a cell stands for. A cell that holds no value of the column's type (a person typed it) comes back as
   * it is; so does a formula.
   */
  decode(cell: SheetCell, zone: Zone): unknown
}

/** A codec that only sees cells that are neither empty nor a formula, and values that are there. */
export function codec(parts: Codec): Codec {
  return {
    ...parts,
    encode(value, zone) {
      if (value === null || value === undefined) return null
      const cell = parts.encode(value, zone)
      return cell === '' ? null : cell
    },
    decode(cell, zone) {
      if (isEmpty(cell)) return null
      return isFormula(cell) ? cell : parts.decode(cell, zone)
    },
  }
}

/** The error for a value that no cell can show. Names its type, never the value. */
export function unsupported(
  got: string,
  expected = 'a text, number, boolean, date, list or JSON value',
): WritebackError {
  return new WritebackError('CELL_UNSUPPORTED', { problem: 'a cell cannot show the value', expected, got })
}

/**
 * The cell, if it fits.
 * @throws WritebackError `CELL_TOO_LONG` for a text of more than 50,000 characters
 */
export function fitting(cell: CellValue): CellValue {
  if (typeof cell !== 'string') return cell
  if (cell.length > MAX_CELL_LENGTH) {
    throw new WritebackError('CELL_TOO_LONG', {
      problem: 'the text is too long for a cell',
      expected: `at most ${MAX_CELL_LENGTH} characters`,
      got: String(cell.length),
      remedy: 'Shorten it, or show a part of it with a computed column',
    })
  }
  return cell
}

/** A type for messages: what a value is, without saying it. */
export function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (value instanceof Date && Number.isNaN(value.getTime())) return 'an invalid Date'
  if (isThenable(value)) return 'a Promise'
  if (typeof value === 'object') return value.constructor?.name ?? 'object'
  return typeof value
}
