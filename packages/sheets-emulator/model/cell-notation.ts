import { LIMITS } from './limits.ts'
import type { Rect } from './rect.ts'

/** Cells as notation names them. Ends that it leaves open are Infinity. */
export type Cells = Rect & {
  /** True for a single cell: a value write from there may extend, see the values guide. */
  readonly cell: boolean
}

const OPEN = Number.POSITIVE_INFINITY

/** A corner: column, row, or both; undefined where the notation says nothing. */
interface Corner {
  readonly row: number | undefined
  readonly column: number | undefined
}

/** `A`, `Z`, `AA` for a column counted from 0. */
export function columnName(index: number): string {
  let name = ''
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name
  }
  return name
}

/** Counted from 0. */
export function columnIndex(name: string): number {
  let index = 0
  for (const letter of name.toUpperCase()) index = index * 26 + letter.charCodeAt(0) - 64
  return index - 1
}

/**
 * The cells that A1 or else R1C1 notation names, without a tab; undefined when the text is neither. Both corners are in one notation
 * (measured by others against the real API: brekkylab/backlot, September 2026).
 */
export function parseCells(text: string): Cells | undefined {
  const parts = text.split(':')
  if (parts.length > 2) return undefined
  return inA1(parts) ?? inR1C1(parts)
}

function inA1(parts: readonly string[]): Cells | undefined {
  const corners = parts.map(a1Corner)
  const [from, to = from] = corners
  if (!from || !to || corners.includes(undefined)) return undefined
  if (parts.length === 1 && (from.row === undefined || from.column === undefined)) return undefined
  const [startRow, endRow] = span(from.row, to.row)
  const [startColumn, endColumn] = span(from.column, to.column)
  if (endRow === OPEN && endColumn === OPEN) return undefined
  return cells({ startRow, endRow, startColumn, endColumn })
}

function a1Corner(text: string): Corner | undefined {
  const match = /^\$?([A-Za-z]{1,3})?\$?(\d{1,9})?$/.exec(text)
  if (!match || text === '' || Number(match[2]) === 0) return undefined
  const column = match[1] === undefined ? undefined : columnIndex(match[1])
  if (column !== undefined && column >= LIMITS.columnsPerTab) return undefined
  return { column, row: match[2] === undefined ? undefined : Number(match[2]) - 1 }
}

/** `R2C3` counts from 1, `R[1]C[2]` from A1; a letter alone is 0; what is left out beside a number is open. */
function inR1C1(parts: readonly string[]): Cells | undefined {
  const corners = parts.map(r1c1Corner)
  const [from, to = from] = corners
  if (!from || !to || corners.includes(undefined)) return undefined
  const [startRow, endRow] = span(from.row, to.row)
  const [startColumn, endColumn] = span(from.column, to.column)
  return cells({ startRow, endRow, startColumn, endColumn })
}

function r1c1Corner(text: string): Corner | undefined {
  const match = /^(R(\d{1,9}|\[\d{1,9}\])?)?(C(\d{1,9}|\[\d{1,9}\])?)?$/i.exec(text)
  if (!match || text === '') return undefined
  const [, rowLetter, row, columnLetter, column] = match
  const index = (letter: string | undefined, number: string | undefined, other: string | undefined) => {
    if (number !== undefined) return number.startsWith('[') ? Number(number.slice(1, -1)) : Number(number) - 1
    return letter === undefined && other !== undefined ? undefined : 0
  }
  const corner = { row: index(rowLetter, row, column), column: index(columnLetter, column, row) }
  return (corner.row ?? 0) < 0 || (corner.column ?? 0) < 0 ? undefined : corner
}

function cells(rect: Rect): Cells {
  return { ...rect, cell: isCell(rect) }
}

/** True for a rectangle of one cell. */
export function isCell({ startRow, endRow, startColumn, endColumn }: Rect): boolean {
  return endRow - startRow === 1 && endColumn - startColumn === 1
}

function span(from: number | undefined, to: number | undefined): [number, number] {
  if (from !== undefined && to !== undefined) return [Math.min(from, to), Math.max(from, to) + 1]
  return [from ?? to ?? 0, OPEN]
}
