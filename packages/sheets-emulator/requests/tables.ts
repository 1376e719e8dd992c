import { randomInt } from 'node:crypto'
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { hasValue, withValue } from '../model/cell.ts'
import { invalid } from '../model/errors.ts'
import { below } from '../model/field-mask.ts'
import { intersects, type Rect } from '../model/rect.ts'
import type { RangeObject, Spreadsheet, Tab } from '../model/spreadsheet.ts'
import { tableJson } from '../values/range-json.ts'
import { fieldsOf, gridRange, type RequestContext } from './context.ts'

type Table = RangeObject<sheets_v4.Schema$Table>

/**
 * addTable: a table over cells, its columns named by its header cells
 * (https://developers.google.com/workspace/sheets/api/guides/tables). A given column name is written into a blank
 * header cell. Column types are kept and reported but do not check or fill cells.
 */
export function addTable(
  context: RequestContext,
  request: sheets_v4.Schema$AddTableRequest,
): sheets_v4.Schema$AddTableResponse {
  const { spreadsheet } = context
  const given = request.table ?? {}
  const { tab, rect } = gridRange(context, given.range, 'table.range')
  context.guard(tab, rect)
  const tableId = given.tableId || String(randomInt(1, 2 ** 31))
  const tables = spreadsheet.tabs.flatMap(({ meta }) => meta.tables)
  if (tables.some(({ body }) => body.tableId === tableId))
    throw invalid(`A table with the id ${tableId} already exists.`)
  if (tab.meta.tables.some((table) => intersects(table.range, rect)))
    throw invalid('You cannot add a table over another table.')
  const name = given.name || `Table${tables.length + 1}`
  if (tables.some(({ body }) => body.name === name))
    throw invalid(`A table with the name "${name}" already exists.`)
  const { range: _, ...rest } = given
  const table: Table = {
    range: rect,
    body: { ...rest, tableId, name, columnProperties: columns(tab, rect, given) },
  }
  // A table at the top freezes its header row (in all ten recorded reads that follow an addTable).
  const frozenRowCount = rect.startRow === 0 ? Math.max(tab.meta.frozenRowCount, 1) : tab.meta.frozenRowCount
  spreadsheet.changeTab(tab, { tables: [...tab.meta.tables, table], frozenRowCount })
  return { table: tableJson(tab, table) }
}

/** updateTable: name, range, rows and columns as the mask names them. */
export function updateTable(
  context: RequestContext,
  request: sheets_v4.Schema$UpdateTableRequest,
): undefined {
  const { spreadsheet } = context
  const mask = fieldsOf(request.fields)
  const given = request.table ?? {}
  const { tab, table } = findTable(spreadsheet, given.tableId)
  const range = below(mask, 'range') ? gridRange(context, given.range, 'table.range').rect : table.range
  const body: sheets_v4.Schema$Table = {
    ...table.body,
    ...(below(mask, 'name') && { name: given.name ?? null }),
    ...(below(mask, 'rowsProperties') && given.rowsProperties && { rowsProperties: given.rowsProperties }),
    ...(below(mask, 'columnProperties') && { columnProperties: columns(tab, range, given) }),
  }
  if (!body.name) throw invalid('The table name cannot be empty.')
  const next: Table = { range, body }
  spreadsheet.changeTab(tab, { tables: tab.meta.tables.map((each) => (each === table ? next : each)) })
}

/** deleteTable: the table with its contents (tables guide). */
export function deleteTable(
  context: RequestContext,
  request: sheets_v4.Schema$DeleteTableRequest,
): undefined {
  const { tab, table } = findTable(context.spreadsheet, request.tableId)
  context.guard(tab, table.range)
  const { startRow, endRow, startColumn, endColumn } = table.range
  for (let row = startRow; row < Math.min(endRow, tab.grid.usedRows); row++) {
    for (let column = startColumn; column < endColumn; column++) tab.grid.put(row, column, undefined)
  }
  context.spreadsheet.changeTab(tab, { tables: tab.meta.tables.filter((each) => each !== table) })
}

/** @throws ApiError 400 when there is no table with this id */
export function findTable(
  spreadsheet: Spreadsheet,
  tableId: string | null | undefined,
): { tab: Tab; table: Table } {
  for (const tab of spreadsheet.tabs) {
    const table = tab.meta.tables.find(({ body }) => body.tableId === tableId)
    if (table) return { tab, table }
  }
  throw invalid(`No table with id: ${tableId ?? ''}`)
}

/** Column properties with their names; `columnIndex` 0 is left out, as in answers of the real API. */
function columns(
  tab: Tab,
  rect: Rect,
  given: sheets_v4.Schema$Table,
): sheets_v4.Schema$TableColumnProperties[] {
  return Array.from({ length: rect.endColumn - rect.startColumn }, (_each, index) => {
    const wanted = given.columnProperties?.find((column) => (column.columnIndex ?? 0) === index)
    const header = tab.grid.cell(rect.startRow, rect.startColumn + index)
    const shown = hasValue(header)
      ? String(typeof header === 'object' ? (header.value ?? header.formula) : header)
      : ''
    const columnName = shown || wanted?.columnName || `Column ${index + 1}`
    if (!shown) tab.grid.put(rect.startRow, rect.startColumn + index, withValue(header, columnName))
    const { columnIndex: _, ...rest } = wanted ?? {}
    return { ...(index > 0 && { columnIndex: index }), ...rest, columnName }
  })
}
