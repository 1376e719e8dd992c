import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { columnName } from './cell-notation.ts'
import { invalid } from './errors.ts'
import { LIMITS } from './limits.ts'
import { printTitle } from './print-range.ts'
import type { Rect } from './rect.ts'
import type { Tab } from './spreadsheet.ts'

/**
 * The end of a range may lie outside of the grid, its start may not.
 * @throws ApiError 400 when it does
 */
export function assertStart(tab: Tab, range: sheets_v4.Schema$GridRange, rect: Rect): void {
  const { rowCount, columnCount } = tab.grid
  if (rect.startRow < rowCount && rect.startColumn < columnCount) return
  throw invalid(
    `Range (${nameOf(tab, range)}) exceeds grid limits. Max rows: ${rowCount}, max columns: ${columnCount}`,
  )
}

/**
 * A GridRange as the API names it when it refuses one: the edges that were given and no others, so that rows from 1000
 * on are `Sheet1!1001:` (measured by others against the real API: brekkylab/backlot, October 2026).
 */
function nameOf(tab: Tab, range: sheets_v4.Schema$GridRange): string {
  const { startRowIndex, endRowIndex, startColumnIndex, endColumnIndex } = range
  const letters = (index: number | null | undefined): string =>
    index == null || index < 0 || index >= LIMITS.columnsPerTab ? '' : columnName(index)
  const start = letters(startColumnIndex) + (startRowIndex == null ? '' : String(startRowIndex + 1))
  const end = letters(endColumnIndex == null ? null : endColumnIndex - 1) + (endRowIndex ?? '')
  const empty =
    (startRowIndex != null && startRowIndex === endRowIndex) ||
    (startColumnIndex != null && startColumnIndex === endColumnIndex)
  return `${empty ? '(empty) ' : ''}${printTitle(tab.meta.title)}!${start === end ? start : `${start}:${end}`}`
}
