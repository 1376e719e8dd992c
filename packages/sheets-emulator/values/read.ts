import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { clampToGrid, type Located } from '../model/a1.ts'
import type { Scalar } from '../model/cell.ts'
import { printRange } from '../model/print-range.ts'
import type { Spreadsheet } from '../model/spreadsheet.ts'
import { Renderer, type RenderOptions } from './render.ts'

/**
 * A range as values.get answers: `range` is the requested one clamped to the grid; rows end at their last value
 * and the answer at its last row with one; blanks in between are "" and `[]`; `values` is absent when there is
 * nothing (recorded).
 */
export function readValues(
  spreadsheet: Spreadsheet,
  located: Located,
  majorDimension: string | null | undefined,
  options: RenderOptions,
): sheets_v4.Schema$ValueRange {
  const range = clampToGrid(located)
  const rows = readRows(spreadsheet, range, options)
  const columns = majorDimension === 'COLUMNS'
  const values = columns ? transpose(rows) : rows
  return {
    range: printRange(range.tab.meta.title, range),
    majorDimension: columns ? 'COLUMNS' : 'ROWS',
    ...(values.length > 0 && { values }),
  }
}

function readRows(spreadsheet: Spreadsheet, range: Located, options: RenderOptions): Scalar[][] {
  const renderer = new Renderer(spreadsheet)
  const { tab, startRow, startColumn, endColumn } = range
  const rows: Scalar[][] = []
  tab.grid.forEachRow(startRow, range.endRow, ({ cells }, index) => {
    const row: Scalar[] = []
    const last = Math.min(endColumn, cells.length)
    for (let column = startColumn; column < last; column++) {
      row.push(renderer.render(tab, index, column, cells[column], options))
    }
    while (row.length > 0 && row[row.length - 1] === '') row.pop()
    if (row.length === 0) return
    while (rows.length < index - startRow) rows.push([])
    rows.push(row)
  })
  return rows
}

function transpose(rows: readonly Scalar[][]): Scalar[][] {
  const columns: Scalar[][] = []
  for (const [index, row] of rows.entries()) {
    for (const [column, value] of row.entries()) {
      if (value === '') continue
      while (columns.length <= column) columns.push([])
      const list = columns[column]!
      while (list.length < index) list.push('')
      list.push(value)
    }
  }
  return columns
}
