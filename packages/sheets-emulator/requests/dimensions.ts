import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { compact, richOf } from '../model/cell.ts'
import { invalid, unsupported } from '../model/errors.ts'
import { below } from '../model/field-mask.ts'
import { appendLines, deleteLines, insertLines, moveLines } from '../model/lines.ts'
import { band, type Dimension } from '../model/rect.ts'
import type { Tab } from '../model/spreadsheet.ts'
import { dimensionOf, dimensionRange, fieldsOf, type RequestContext } from './context.ts'

/** insertDimension: blank rows or columns that take their format from before or after. */
export function insertDimension(
  context: RequestContext,
  request: sheets_v4.Schema$InsertDimensionRequest,
): undefined {
  const { tab, dimension, start, end } = dimensionRange(context, request.range)
  if (request.range?.startIndex == null || request.range.endIndex == null) {
    throw invalid('range must be bounded: startIndex and endIndex are required.')
  }
  const size = tab.grid.count(dimension)
  const before = request.inheritFromBefore === true
  if (before && start === 0) throw invalid('inheritFromBefore cannot be true if inserting at the beginning.')
  if (start >= size && !(before && start === size)) {
    throw invalid(
      `range.startIndex[${start}] must be less than the grid size (${size}) if inheritFromBefore is false.`,
    )
  }
  // Rows and columns inside of a protected range are refused; one at its edge grows or moves it.
  context.guard(tab, band(dimension, start, start + 1))
  insertLines(context.spreadsheet, tab, dimension, start, end - start)
  inherit(tab, dimension, start, end, before ? start - 1 : end)
}

/** deleteDimension: rows or columns and all that belongs to them. */
export function deleteDimension(
  context: RequestContext,
  request: sheets_v4.Schema$DeleteDimensionRequest,
): undefined {
  const { tab, dimension, start, end } = dimensionRange(context, request.range)
  context.guard(tab, band(dimension, start, end))
  deleteLines(context.spreadsheet, tab, dimension, start, end)
}

/** appendDimension: rows or columns at the end. */
export function appendDimension(
  context: RequestContext,
  request: sheets_v4.Schema$AppendDimensionRequest,
): undefined {
  const tab = context.spreadsheet.tab(request.sheetId ?? 0)
  const length = request.length ?? 0
  if (length < 1) throw invalid('length must be at least 1.')
  appendLines(context.spreadsheet, tab, dimensionOf(request.dimension), length)
}

/** moveDimension: `destinationIndex` counts before the move (discovery document). */
export function moveDimension(
  context: RequestContext,
  request: sheets_v4.Schema$MoveDimensionRequest,
): undefined {
  const { tab, dimension, start, end } = dimensionRange(context, request.source)
  const destination = request.destinationIndex ?? 0
  if (destination < 0) throw invalid('destinationIndex must be >= 0')
  context.guard(tab, band(dimension, start, end))
  moveLines(context.spreadsheet, tab, dimension, [start, end], destination)
}

/** updateDimensionProperties: pixelSize and hiddenByUser of rows or columns. */
export function updateDimensionProperties(
  context: RequestContext,
  request: sheets_v4.Schema$UpdateDimensionPropertiesRequest,
): undefined {
  if (request.dataSourceSheetRange) throw unsupported('updateDimensionProperties of a data source sheet')
  const mask = fieldsOf(request.fields)
  const { tab, dimension, start, end } = dimensionRange(context, request.range)
  if (end > tab.grid.count(dimension)) throw invalid(`range.endIndex[${end}] is after the end of the grid.`)
  for (let index = start; index < end; index++) {
    const props = { ...tab.grid.line(dimension, index)?.props }
    if (below(mask, 'hiddenByUser')) props.hiddenByUser = request.properties?.hiddenByUser === true
    if (below(mask, 'pixelSize')) props.pixelSize = request.properties?.pixelSize ?? null
    tab.grid.setLine(dimension, index, { props })
  }
}

/** autoResizeDimensions: about eight pixels a character for columns; rows go back to the default height. */
export function autoResizeDimensions(
  context: RequestContext,
  request: sheets_v4.Schema$AutoResizeDimensionsRequest,
): undefined {
  if (request.dataSourceSheetDimensions) throw unsupported('autoResizeDimensions of a data source sheet')
  const { tab, dimension, start, end } = dimensionRange(context, request.dimensions)
  const last = Math.min(end, tab.grid.count(dimension))
  const widths = new Map<number, number>()
  if (dimension === 'COLUMNS') {
    tab.grid.forEachRow(0, tab.grid.usedRows, ({ cells }) => {
      for (let column = start; column < Math.min(last, cells.length); column++) {
        const length = String(richOf(cells[column]).value ?? '').length
        widths.set(column, Math.max(widths.get(column) ?? 0, length))
      }
    })
  }
  for (let index = start; index < last; index++) {
    const before = tab.grid.line(dimension, index)?.props
    if (dimension === 'ROWS' && !before) continue
    const pixelSize = dimension === 'ROWS' ? 21 : Math.min(10 + 8 * (widths.get(index) ?? 0), 2000)
    tab.grid.setLine(dimension, index, { props: { ...before, pixelSize } })
  }
}

function inherit(tab: Tab, dimension: Dimension, start: number, end: number, from: number): void {
  const { grid } = tab
  const props = grid.line(dimension, from)?.props
  if (props?.pixelSize != null) {
    for (let i = start; i < end; i++) grid.setLine(dimension, i, { props: { pixelSize: props.pixelSize } })
  }
  if (dimension === 'ROWS') {
    const formats = grid.cells(from).map((cell) => richOf(cell).format)
    for (const [column, format] of formats.entries()) {
      if (format) for (let row = start; row < end; row++) grid.put(row, column, compact({ format }))
    }
  } else {
    grid.forEachRow(0, grid.usedRows, ({ cells }, row) => {
      const { format } = richOf(cells[from])
      if (format) for (let column = start; column < end; column++) grid.put(row, column, compact({ format }))
    })
  }
}
