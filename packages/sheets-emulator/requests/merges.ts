import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { withValue } from '../model/cell.ts'
import { invalid } from '../model/errors.ts'
import { intersects, type Rect } from '../model/rect.ts'
import type { Tab } from '../model/spreadsheet.ts'
import { gridRange, type RequestContext } from './context.ts'

/**
 * mergeCells: the range as one, or each of its columns or rows. Only the value of the first cell of a merge stays,
 * as in the interface; whether the API keeps the others hidden is not established.
 */
export function mergeCells(context: RequestContext, request: sheets_v4.Schema$MergeCellsRequest): undefined {
  const { tab, rect } = gridRange(context, request.range)
  context.guard(tab, rect)
  const { merges } = tab.meta
  assertWhole(merges, rect)
  const added = pieces(rect, request.mergeType ?? 'MERGE_ALL').filter((piece) => area(piece) > 1)
  for (const piece of added) keepFirst(tab, piece)
  const kept = merges.filter((merge) => !intersects(merge, rect))
  context.spreadsheet.changeTab(tab, { merges: [...kept, ...added] })
}

/** unmergeCells: all merges in the range, none of which may reach out of it. */
export function unmergeCells(
  context: RequestContext,
  request: sheets_v4.Schema$UnmergeCellsRequest,
): undefined {
  const { tab, rect } = gridRange(context, request.range)
  context.guard(tab, rect)
  const { merges } = tab.meta
  assertWhole(merges, rect)
  context.spreadsheet.changeTab(tab, { merges: merges.filter((merge) => !intersects(merge, rect)) })
}

function pieces(rect: Rect, mergeType: string): Rect[] {
  const { startRow, endRow, startColumn, endColumn } = rect
  if (mergeType === 'MERGE_COLUMNS') {
    return Array.from({ length: endColumn - startColumn }, (_, i) => ({
      ...rect,
      startColumn: startColumn + i,
      endColumn: startColumn + i + 1,
    }))
  }
  if (mergeType === 'MERGE_ROWS') {
    return Array.from({ length: endRow - startRow }, (_, i) => ({
      ...rect,
      startRow: startRow + i,
      endRow: startRow + i + 1,
    }))
  }
  return [rect]
}

function keepFirst({ grid }: Tab, { startRow, endRow, startColumn, endColumn }: Rect): void {
  for (let row = startRow; row < Math.min(endRow, grid.usedRows); row++) {
    for (let column = startColumn; column < endColumn; column++) {
      if (row === startRow && column === startColumn) continue
      const cell = grid.cell(row, column)
      if (cell !== undefined) grid.put(row, column, withValue(cell, undefined))
    }
  }
}

function assertWhole(merges: readonly Rect[], rect: Rect): void {
  const cut = merges.some(
    (merge) =>
      intersects(merge, rect) &&
      (merge.startRow < rect.startRow ||
        merge.endRow > rect.endRow ||
        merge.startColumn < rect.startColumn ||
        merge.endColumn > rect.endColumn),
  )
  if (cut) throw invalid('You must select all cells in a merged range to merge or unmerge them.')
}

function area({ startRow, endRow, startColumn, endColumn }: Rect): number {
  return (endRow - startRow) * (endColumn - startColumn)
}
