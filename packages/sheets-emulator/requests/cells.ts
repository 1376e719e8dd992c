import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { hasValue, isFormula } from '../model/cell.ts'
import { invalid } from '../model/errors.ts'
import { appendLines, insertLines } from '../model/lines.ts'
import type { Rect } from '../model/rect.ts'
import { copiedCell } from '../model/references.ts'
import type { Tab } from '../model/spreadsheet.ts'
import { type CellWriter, cellWriter } from '../values/cell-data.ts'
import { fieldsOf, gridCoordinate, gridRange, type RequestContext } from './context.ts'
import { findTable } from './tables.ts'

/**
 * updateCells: `fields` is rooted at CellData; cells of `range` that `rows` does not cover are cleared for the
 * masked fields; with `start` only the given cells are written (discovery document).
 */
export function updateCells(
  context: RequestContext,
  request: sheets_v4.Schema$UpdateCellsRequest,
): undefined {
  const write = cellWriter(fieldsOf(request.fields))
  const rows = request.rows ?? []
  if (request.start) {
    const { tab, row, column } = gridCoordinate(context, request.start)
    const width = rows.reduce((max, { values }) => Math.max(max, values?.length ?? 0), 0)
    const rect = { startRow: row, endRow: row + rows.length, startColumn: column, endColumn: column + width }
    assertFits(rect, { ...rect, endRow: tab.grid.rowCount, endColumn: tab.grid.columnCount })
    if (width > 0) context.guard(tab, rect)
    writeRows(tab, row, column, rows, write)
    return
  }
  const { tab, rect } = gridRange(context, request.range)
  const width = rows.reduce((max, { values }) => Math.max(max, values?.length ?? 0), 0)
  const { startRow, startColumn } = rect
  assertFits({ ...rect, endRow: startRow + rows.length, endColumn: startColumn + width }, rect)
  context.guard(tab, rect)
  for (let row = startRow; row < rect.endRow; row++) {
    const values = rows[row - startRow]?.values ?? []
    // Rows that nothing was ever written to need no clearing.
    if (values.length === 0 && tab.grid.cells(row).length <= startColumn) continue
    const used = Math.max(values.length, Math.min(rect.endColumn, tab.grid.cells(row).length) - startColumn)
    tab.grid.update(row, startColumn, used, (before, i) => write(before, values[i]))
  }
}

/**
 * appendCells: after the last row with data of the tab, adding rows at the end if there are not enough. The
 * reply is empty and does not say where (discovery document).
 */
export function appendCells(
  context: RequestContext,
  request: sheets_v4.Schema$AppendCellsRequest,
): undefined {
  const write = cellWriter(fieldsOf(request.fields))
  if (request.tableId) {
    appendToTable(context, request, write)
    return
  }
  const tab = context.spreadsheet.tab(request.sheetId ?? 0)
  const rows = request.rows ?? []
  const width = rows.reduce((max, { values }) => Math.max(max, values?.length ?? 0), 0)
  const at = tab.grid.rowsWithValues()
  // Rows are added, columns never: the same refusal as for updateCells (AMWA-TV/nmos-testing#578).
  assertColumns(width, tab.grid.columnCount)
  const missing = at + rows.length - tab.grid.rowCount
  if (missing > 0) appendLines(context.spreadsheet, tab, 'ROWS', missing)
  if (rows.length > 0 && width > 0) {
    context.guard(tab, { startRow: at, endRow: at + rows.length, startColumn: 0, endColumn: width })
  }
  writeRows(tab, at, 0, rows, write)
}

/** After the last row of the table with data; rows are inserted below the table when it is full. */
function appendToTable(
  context: RequestContext,
  request: sheets_v4.Schema$AppendCellsRequest,
  write: CellWriter,
): void {
  const { spreadsheet } = context
  const { tab, table } = findTable(spreadsheet, request.tableId)
  const { startRow, endRow, startColumn, endColumn } = table.range
  const rows = request.rows ?? []
  let at = endRow
  while (
    at > startRow + 1 &&
    !tab.grid
      .cells(at - 1)
      .slice(startColumn, endColumn)
      .some(hasValue)
  )
    at--
  const missing = at + rows.length - endRow
  if (missing > 0) {
    if (endRow === tab.grid.rowCount) appendLines(spreadsheet, tab, 'ROWS', missing)
    else insertLines(spreadsheet, tab, 'ROWS', endRow, missing)
    const range = { ...table.range, endRow: endRow + missing }
    const grown = (object: typeof table): typeof table =>
      object.body.tableId === table.body.tableId ? { ...object, range } : object
    spreadsheet.changeTab(tab, { tables: spreadsheet.tab(tab.sheetId).meta.tables.map(grown) })
  }
  const rect = { startRow: at, endRow: at + rows.length, startColumn, endColumn }
  const width = rows.reduce((max, { values }) => Math.max(max, values?.length ?? 0), 0)
  assertFits({ ...rect, endColumn: startColumn + width }, rect)
  if (rows.length > 0) context.guard(tab, rect)
  writeRows(tab, at, startColumn, rows, write)
}

/** repeatCell: one CellData into every cell of the range, under its mask. */
export function repeatCell(context: RequestContext, request: sheets_v4.Schema$RepeatCellRequest): undefined {
  const write = cellWriter(fieldsOf(request.fields))
  const { tab, rect } = gridRange(context, request.range)
  context.guard(tab, rect)
  const cell = request.cell ?? {}
  // Clearing reaches only cells that exist; setting reaches every cell of the range.
  const clears = write(undefined, cell) === undefined
  for (let row = rect.startRow; row < rect.endRow; row++) {
    const end = clears ? Math.min(rect.endColumn, tab.grid.cells(row).length) : rect.endColumn
    if (end > rect.startColumn) {
      tab.grid.update(row, rect.startColumn, end - rect.startColumn, (before, i) => {
        const written = write(before, cell)
        // A formula is repeated as if copied from the first cell (discovery document).
        const repeated = isFormula(written) && written.formula === cell.userEnteredValue?.formulaValue
        return repeated ? copiedCell(written, row - rect.startRow, i) : written
      })
    }
  }
}

/** setDataValidation: the rule on every cell of the range, or none when it is absent. */
export function setDataValidation(
  context: RequestContext,
  request: sheets_v4.Schema$SetDataValidationRequest,
): undefined {
  const dataValidation = request.rule
  repeatCell(context, {
    ...(request.range && { range: request.range }),
    cell: dataValidation ? { dataValidation } : {},
    fields: 'dataValidation',
  })
}

function writeRows(
  tab: Tab,
  row: number,
  column: number,
  rows: readonly sheets_v4.Schema$RowData[],
  write: CellWriter,
): void {
  for (const [i, { values }] of rows.entries()) {
    if (values && values.length > 0) {
      tab.grid.update(row + i, column, values.length, (before, j) => write(before, values[j]))
    }
  }
}

function assertFits(written: Rect, limit: Rect): void {
  if (written.endRow > limit.endRow) {
    throw invalid(
      `Attempting to write row: ${limit.endRow}, beyond the last requested row of: ${limit.endRow - 1}`,
    )
  }
  assertColumns(written.endColumn, limit.endColumn)
}

function assertColumns(written: number, limit: number): void {
  if (written > limit) {
    throw invalid(`Attempting to write column: ${limit}, beyond the last requested column of: ${limit - 1}`)
  }
}
