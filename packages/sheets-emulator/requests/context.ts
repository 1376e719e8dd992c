import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { clamp } from '../model/a1.ts'
import { invalid } from '../model/errors.ts'
import { EVERYTHING, type Mask, parseMask } from '../model/field-mask.ts'
import { assertStart } from '../model/grid-range.ts'
import { assertIndexes, type Dimension, type Rect, rectOf } from '../model/rect.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'

/** What a request of spreadsheets.batchUpdate works on. */
export interface RequestContext {
  readonly spreadsheet: Spreadsheet
  /** Throws ApiError 400 when the caller may not edit the cells (protected ranges). */
  readonly guard: (tab: Tab, rect: Rect) => void
  /** Finds another spreadsheet of the server, or throws ApiError 404. */
  readonly find: (spreadsheetId: string) => Spreadsheet
}

/** Carries out one request kind and returns its reply, `{}` when it has none. */
export type Handler = (
  context: RequestContext,
  // biome-ignore lint/suspicious/noExplicitAny: each handler names the request schema it takes.
  request: any,
) => sheets_v4.Schema$Response[keyof sheets_v4.Schema$Response] | undefined

/** A GridRange of a request: its tab and its part of the grid. @throws ApiError 400 when it starts outside */
export function gridRange(
  { spreadsheet }: RequestContext,
  range: sheets_v4.Schema$GridRange | null | undefined,
  field = 'range',
): { tab: Tab; rect: Rect } {
  if (!range) throw invalid(`${field} is required.`)
  const tab = spreadsheet.tab(range.sheetId ?? 0)
  const rect = rectOf(range)
  if (rect.endRow <= rect.startRow || rect.endColumn <= rect.startColumn) {
    throw invalid(`${field} is empty: the end of a range must be after its start.`)
  }
  const { rowCount, columnCount } = tab.grid
  assertStart(tab, range, rect)
  return { tab, rect: clamp(rect, rowCount, columnCount) }
}

/** A DimensionRange of a request; an open end is the end of the grid. */
export function dimensionRange(
  { spreadsheet }: RequestContext,
  range: sheets_v4.Schema$DimensionRange | null | undefined,
): { tab: Tab; dimension: Dimension; start: number; end: number } {
  if (!range) throw invalid('range is required.')
  const tab = spreadsheet.tab(range.sheetId ?? 0)
  const dimension = dimensionOf(range.dimension)
  assertIndexes('DimensionRange', range.startIndex, range.endIndex)
  const start = range.startIndex ?? 0
  const end = range.endIndex ?? tab.grid.count(dimension)
  if (end <= start) throw invalid(`range.endIndex[${end}] must be after range.startIndex[${start}].`)
  return { tab, dimension, start, end }
}

/**
 * A GridCoordinate of a request.
 * @throws ApiError 400 outside of the grid, which the API names by the index of its last row or column
 */
export function gridCoordinate(
  { spreadsheet }: RequestContext,
  coordinate: sheets_v4.Schema$GridCoordinate,
): { tab: Tab; row: number; column: number } {
  const tab = spreadsheet.tab(coordinate.sheetId ?? 0)
  assertIndexes('GridCoordinate', coordinate.rowIndex, coordinate.columnIndex)
  const [row, column] = [coordinate.rowIndex ?? 0, coordinate.columnIndex ?? 0]
  const [lastRow, lastColumn] = [tab.grid.rowCount - 1, tab.grid.columnCount - 1]
  if (row > lastRow) throw invalid(`GridCoordinate.rowIndex[${row}] is after last row in grid[${lastRow}]`)
  if (column > lastColumn)
    throw invalid(`GridCoordinate.columnIndex[${column}] is after last column in grid[${lastColumn}]`)
  return { tab, row, column }
}

/** @throws ApiError 400 when no dimension is given */
export function dimensionOf(dimension: string | null | undefined): Dimension {
  if (dimension === 'ROWS' || dimension === 'COLUMNS') return dimension
  throw invalid('A dimension must be specified: ROWS or COLUMNS.')
}

/** The field mask of a request. @throws ApiError 400 when it is missing */
export function fieldsOf(fields: string | null | undefined): Mask {
  if (!fields)
    throw invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
  return fields === '*' ? { fields: new Map([['*', EVERYTHING]]) } : parseMask(fields)
}
