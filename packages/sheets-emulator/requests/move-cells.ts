import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { type Cell, compact, richOf } from '../model/cell.ts'
import { invalid, unsupported } from '../model/errors.ts'
import type { Rect } from '../model/rect.ts'
import { copiedCell } from '../model/references.ts'
import type { Tab } from '../model/spreadsheet.ts'
import { dimensionOf, gridCoordinate, gridRange, type RequestContext } from './context.ts'

/** insertRange: blank cells; what was there moves down or right, what is pushed over the edge is lost. */
export function insertRange(
  context: RequestContext,
  request: sheets_v4.Schema$InsertRangeRequest,
): undefined {
  shift(context, request, 1)
}

/** deleteRange: the cells; what is below or to the right moves up. */
export function deleteRange(
  context: RequestContext,
  request: sheets_v4.Schema$DeleteRangeRequest,
): undefined {
  shift(context, request, -1)
}

/** copyPaste: cells to a destination, repeated when it is a multiple of the source. */
export function copyPaste(context: RequestContext, request: sheets_v4.Schema$CopyPasteRequest): undefined {
  if (request.pasteOrientation === 'TRANSPOSE') throw unsupported('copyPaste with TRANSPOSE')
  const source = gridRange(context, request.source, 'source')
  const target = gridRange(context, request.destination, 'destination')
  const [height, width] = sizeOf(source.rect)
  const [targetHeight, targetWidth] = sizeOf(target.rect)
  const [rows, columns] = [
    Math.max(1, Math.floor(targetHeight / height)),
    Math.max(1, Math.floor(targetWidth / width)),
  ]
  const cells = read(source.tab, source.rect)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const at = { row: target.rect.startRow + i * height, column: target.rect.startColumn + j * width }
      const [down, right] = [at.row - source.rect.startRow, at.column - source.rect.startColumn]
      const copies = cells.map((row) => row.map((cell) => copiedCell(cell, down, right)))
      paste(context, target.tab, at, copies, request.pasteType)
    }
  }
}

/** cutPaste: cells to a destination; the source is blank afterwards. */
export function cutPaste(context: RequestContext, request: sheets_v4.Schema$CutPasteRequest): undefined {
  const source = gridRange(context, request.source, 'source')
  const { tab, row, column } = gridCoordinate(context, request.destination ?? {})
  const cells = read(source.tab, source.rect)
  context.guard(source.tab, source.rect)
  const { startRow, startColumn } = source.rect
  paste(
    context,
    source.tab,
    { row: startRow, column: startColumn },
    cells.map((row) => row.map(() => undefined)),
    null,
  )
  paste(context, tab, { row, column }, cells, request.pasteType)
}

function shift(
  context: RequestContext,
  request: { range?: sheets_v4.Schema$GridRange | null; shiftDimension?: string | null },
  direction: 1 | -1,
): void {
  const dimension = dimensionOf(request.shiftDimension)
  const { tab, rect } = gridRange(context, request.range)
  const { grid } = tab
  const down = dimension === 'ROWS'
  const area: Rect = down
    ? { ...rect, endRow: Math.max(rect.endRow, grid.usedRows) }
    : { ...rect, endColumn: grid.columnCount }
  context.guard(tab, area)
  const [height, width] = sizeOf(rect)
  if (down) {
    const last = direction > 0 ? Math.min(area.endRow + height, grid.rowCount) : area.endRow
    const before = read(tab, { ...area, endRow: last })
    for (let i = 0; i < before.length; i++) {
      const from = before[i - direction * height]
      const inserted = direction > 0 && i < height
      grid.update(rect.startRow + i, rect.startColumn, width, (_, j) => (inserted ? undefined : from?.[j]))
    }
    return
  }
  for (let row = rect.startRow; row < Math.min(rect.endRow, grid.usedRows); row++) {
    const cells = grid.cells(row).slice(rect.startColumn)
    const blank = new Array<undefined>(width).fill(undefined)
    const next = direction > 0 ? [...blank, ...cells] : cells.slice(width)
    const length = Math.min(Math.max(next.length, cells.length), grid.columnCount - rect.startColumn)
    if (cells.length > 0) grid.update(row, rect.startColumn, length, (_, j) => next[j])
  }
}

function read(tab: Tab, rect: Rect): Cell[][] {
  const [height, width] = sizeOf(rect)
  return Array.from({ length: height }, (_, i) =>
    Array.from({ length: width }, (_, j) => tab.grid.cell(rect.startRow + i, rect.startColumn + j)),
  )
}

function paste(
  context: RequestContext,
  tab: Tab,
  at: { row: number; column: number },
  cells: readonly Cell[][],
  pasteType: string | null | undefined,
): void {
  const width = cells[0]?.length ?? 0
  const end = { endRow: at.row + cells.length, endColumn: at.column + width }
  if (end.endRow > tab.grid.rowCount || end.endColumn > tab.grid.columnCount) {
    throw invalid('The destination is too small for what is pasted.')
  }
  context.guard(tab, { startRow: at.row, startColumn: at.column, ...end })
  for (const [i, row] of cells.entries()) {
    tab.grid.update(at.row + i, at.column, width, (before, j) =>
      pasted(before, row[j], pasteType ?? 'PASTE_NORMAL'),
    )
  }
}

function pasted(before: Cell, cell: Cell, pasteType: string): Cell {
  const [old, next] = [richOf(before), richOf(cell)]
  switch (pasteType) {
    case 'PASTE_NORMAL':
      return cell
    case 'PASTE_VALUES':
      return compact({ ...old, value: next.value, formula: next.formula })
    case 'PASTE_FORMAT':
      return compact({ ...old, format: next.format })
    case 'PASTE_DATA_VALIDATION':
      return compact({ ...old, validation: next.validation })
    default:
      throw unsupported(`pasting with ${pasteType}`)
  }
}

function sizeOf({ startRow, endRow, startColumn, endColumn }: Rect): [number, number] {
  return [endRow - startRow, endColumn - startColumn]
}
