import { columnName, parseCells } from './cell-notation.ts'
import { LIMITS } from './limits.ts'
import type { Rect } from './rect.ts'

const OPEN = Number.POSITIVE_INFINITY

/** The range in A1 notation with its tab, as answers of the API print it: quoted only where needed. */
export function printRange(title: string, range: Rect): string {
  return `${printTitle(title)}!${printCells(range)}`
}

/** A tab's name as answers print it: bare when it is a plain word that cannot be taken for a cell. */
export function printTitle(title: string): string {
  const plain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(title) && parseCells(title) === undefined
  return plain ? title : `'${title.replaceAll("'", "''")}'`
}

/** `A1:B2`, `A1`, `A5:A`, `2:4`. */
export function printCells({ startRow, endRow, startColumn, endColumn }: Rect): string {
  const openRows = endRow === OPEN
  const openColumns = endColumn === OPEN
  if (openRows && openColumns) return `A${startRow + 1}:${columnName(LIMITS.columnsPerTab - 1)}`
  // Whole rows are named by their numbers alone and whole columns by their letters, one of them without a colon.
  const from = `${openColumns && startColumn === 0 ? '' : columnName(startColumn)}${openRows && startRow === 0 ? '' : startRow + 1}`
  const to = `${openColumns ? '' : columnName(endColumn - 1)}${openRows ? '' : endRow}`
  return from === to ? from : `${from}:${to}`
}
