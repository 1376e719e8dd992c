import { locate } from '../model/a1.ts'
import { columnIndex, columnName } from '../model/cell-notation.ts'
import { ApiError } from '../model/errors.ts'
import { printCells, printTitle } from '../model/print-range.ts'
import type { Dimension, Rect } from '../model/rect.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'

/** Arguments that name a row or a column by where it is. */
const ROWS = ['row', 'above']
const COLUMNS = ['column', 'before']
const CELLS = ['cell', 'range']

/**
 * Arguments of a person's action as they have to be now, where the person looked at an earlier version: a row that was
 * put in above meanwhile moves what they mean.
 *
 * @param version the version that the person saw
 * @throws ApiError 409 when a row or column that they mean was deleted
 */
export function asOf<A extends Readonly<Record<string, unknown>>>(
  spreadsheet: Spreadsheet,
  tab: Tab,
  args: A,
  version: number,
): A {
  const now: Record<string, unknown> = { ...args }
  for (const [name, value] of Object.entries(args)) {
    if (ROWS.includes(name) && typeof value === 'number') {
      now[name] = follow(spreadsheet, tab, 'ROWS', value - 1, version) + 1
    } else if (COLUMNS.includes(name) && typeof value === 'string') {
      now[name] = columnName(follow(spreadsheet, tab, 'COLUMNS', columnIndex(value), version))
    } else if (CELLS.includes(name) && typeof value === 'string') {
      const { startRow, endRow, startColumn, endColumn } = locate(
        spreadsheet,
        `${printTitle(tab.meta.title)}!${value}`,
      )
      now[name] = printCells(
        rectAsOf(spreadsheet, tab, { startRow, endRow, startColumn, endColumn }, version),
      )
    }
  }
  return now as A
}

/** Where cells are now. @throws ApiError 409 when a corner was deleted */
export function rectAsOf(spreadsheet: Spreadsheet, tab: Tab, rect: Rect, version: number): Rect {
  const at = (dimension: Dimension, index: number): number =>
    Number.isFinite(index) ? follow(spreadsheet, tab, dimension, index, version) : index
  return {
    startRow: at('ROWS', rect.startRow),
    endRow: at('ROWS', rect.endRow - 1) + 1,
    startColumn: at('COLUMNS', rect.startColumn),
    endColumn: at('COLUMNS', rect.endColumn - 1) + 1,
  }
}

function follow(
  spreadsheet: Spreadsheet,
  tab: Tab,
  dimension: Dimension,
  index: number,
  version: number,
): number {
  const place = spreadsheet.places.follow(tab.sheetId, dimension, index, version)
  if (place !== undefined) return place
  const what = dimension === 'ROWS' ? `Row ${index + 1}` : `Column ${columnName(index)}`
  throw new ApiError(409, 'ABORTED', `${what} was deleted meanwhile. Nothing was changed.`)
}
