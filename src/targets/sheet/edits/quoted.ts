import { type CellValue, isFormula, type SheetCell } from '../cells/cell.ts'
import type { CellFormat } from '../cells/format.ts'
import { plainText } from '../cells/number.ts'
import { shownAs } from '../cells/shown.ts'

/** Longest quote of what was typed: the reason stands beside it. */
const MAX_QUOTED = 30

/** What was typed, as a reason quotes it: `"abc"`. @param format of the column, for dates */
export function quoted(cell: SheetCell, format?: CellFormat): string {
  const text = isFormula(cell) ? cell.formula : textOf(shownAs(cell, format))
  const characters = [...text.replace(/\s+/g, ' ')]
  return `"${characters.length > MAX_QUOTED ? `${characters.slice(0, MAX_QUOTED - 1).join('')}…` : text}"`
}

/** A cell's value as text, as a text column reads it. */
export function textOf(cell: CellValue): string {
  if (typeof cell === 'number') return plainText(cell)
  if (typeof cell === 'boolean') return cell ? 'TRUE' : 'FALSE'
  return cell ?? ''
}
