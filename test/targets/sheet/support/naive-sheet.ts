import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { fromCellData, isEmpty, type SheetCell } from '../../../../src/targets/sheet/cells/cell.ts'

/** A sheet as simple as can be: rows of cells. Knows the few requests that rows are written with. */
export class NaiveSheet {
  rows: SheetCell[][]

  constructor(rows: SheetCell[][]) {
    this.rows = rows
  }

  apply(request: sheets_v4.Schema$Request): void {
    const { updateCells, appendCells, deleteDimension } = request
    if (updateCells) {
      const { rowIndex = 0, columnIndex = 0 } = updateCells.start ?? {}
      updateCells.rows?.forEach(({ values }, row) => {
        for (const [column, cell] of (values ?? []).entries()) {
          this.#set((rowIndex ?? 0) + row, (columnIndex ?? 0) + column, fromCellData(cell))
        }
      })
    } else if (appendCells) {
      const first = this.rows.findLastIndex((row) => !row.every(isEmpty)) + 1
      appendCells.rows?.forEach(({ values }, row) => {
        for (const [column, cell] of (values ?? []).entries())
          this.#set(first + row, column, fromCellData(cell))
      })
    } else if (deleteDimension) {
      const { startIndex = 0, endIndex = 0 } = deleteDimension.range ?? {}
      this.rows.splice(startIndex ?? 0, (endIndex ?? 0) - (startIndex ?? 0))
    } else throw new Error(`the naive sheet does not know ${Object.keys(request)}`)
  }

  /** Rows without what is empty at their ends, blank rows at the bottom left out. */
  shown(): SheetCell[][] {
    const trimmed = this.rows.map((row) => row.slice(0, row.findLastIndex((cell) => !isEmpty(cell)) + 1))
    return trimmed.slice(0, trimmed.findLastIndex((row) => row.length > 0) + 1)
  }

  #set(row: number, column: number, cell: SheetCell): void {
    while (this.rows.length <= row) this.rows.push([])
    const cells = this.rows[row] as SheetCell[]
    while (cells.length <= column) cells.push(null)
    cells[column] = cell
  }
}
