import { type Cell, hasValue, isFormula } from './cell.ts'
import { ChunkedList } from './chunked-list.ts'
import type { Line } from './metadata.ts'
import type { Dimension } from './rect.ts'
import type { UndoLog } from './undo.ts'

/** A row: its cells by column, as long as its last cell that was ever written. */
export interface Row extends Line {
  /** Copied on the first write of a transaction, so that older arrays stay as they were. */
  cells: Cell[]
  /** The transaction that owns `cells`. */
  stamp: number
}

const NO_CELLS: readonly Cell[] = []

/** The cells of a tab. Rows and columns that were never used take no memory. */
export class Grid {
  readonly #undo: UndoLog
  readonly #rows = new ChunkedList<Row | undefined>()
  #columns: (Line | undefined)[] = []
  #rowCount: number
  #columnCount: number
  #formulas = false
  #hides = false

  /** @param undo the log of the spreadsheet, in which every change of the grid is recorded */
  constructor(undo: UndoLog, rowCount: number, columnCount: number) {
    this.#undo = undo
    this.#rowCount = rowCount
    this.#columnCount = columnCount
  }

  get rowCount(): number {
    return this.#rowCount
  }

  get columnCount(): number {
    return this.#columnCount
  }

  /** Rows from 0 on that may hold something; rows after that are blank. */
  get usedRows(): number {
    return this.#rows.length
  }

  /** False as long as no formula was ever written. */
  get mayHaveFormulas(): boolean {
    return this.#formulas
  }

  /** False as long as no row was ever hidden. */
  get mayHideRows(): boolean {
    return this.#hides
  }

  /** How many rows or columns the grid has. */
  count(dimension: Dimension): number {
    return dimension === 'ROWS' ? this.#rowCount : this.#columnCount
  }

  /** The cell, or undefined when it is blank or outside of the grid. */
  cell(row: number, column: number): Cell {
    return this.#rows.get(row)?.cells[column]
  }

  /** The cells of a row, to read only; shorter than the grid is wide. */
  cells(row: number): readonly Cell[] {
    return this.#rows.get(row)?.cells ?? NO_CELLS
  }

  /** Calls `visit` for each row of `[from, to)` that may hold something. */
  forEachRow(from: number, to: number, visit: (row: Row, index: number) => void): void {
    this.#rows.forEach(from, to, (row, index) => {
      if (row) visit(row, index)
    })
  }

  /** The row or column, or undefined when nothing is known of it. */
  line(dimension: Dimension, index: number): Line | undefined {
    return dimension === 'ROWS' ? this.#rows.get(index) : this.#columns[index]
  }

  /** The cells of a row, to write in this transaction. */
  writable(index: number): Cell[] {
    const row = this.#rowAt(index)
    if (row.stamp !== this.#undo.id) {
      const saved = row.cells
      row.cells = saved.slice()
      row.stamp = this.#undo.id
      this.#undo.record(() => {
        row.cells = saved
      })
    }
    return row.cells
  }

  /** Puts a cell. Blank cells at the end of a row are not stored. */
  put(row: number, column: number, cell: Cell): void {
    assertIndex(column)
    if (cell === undefined && this.cell(row, column) === undefined) return
    const cells = this.writable(row)
    while (cells.length < column) cells.push(undefined)
    cells[column] = cell
    if (isFormula(cell)) this.#formulas = true
    if (cell === undefined) while (cells.length > 0 && cells[cells.length - 1] === undefined) cells.pop()
  }

  /** Replaces `count` cells of a row from `from` on by what `change` makes of each. */
  update(row: number, from: number, count: number, change: (before: Cell, index: number) => Cell): void {
    assertIndex(from)
    const cells = this.writable(row)
    while (cells.length < from) cells.push(undefined)
    for (let i = 0; i < count; i++) {
      const cell = change(cells[from + i], i)
      cells[from + i] = cell
      if (isFormula(cell)) this.#formulas = true
    }
    while (cells.length > 0 && cells[cells.length - 1] === undefined) cells.pop()
  }

  /** Sets what belongs to a row or column. */
  setLine(dimension: Dimension, index: number, change: Partial<Line>): void {
    const line: Line = dimension === 'ROWS' ? this.#rowAt(index) : this.#columnAt(index)
    const { props, metadata } = line
    this.#undo.record(() => Object.assign(line, { props, metadata }))
    Object.assign(line, change)
    if (change.props?.hiddenByUser || change.props?.hiddenByFilter) this.#hides = true
  }

  /** Inserts blank rows or columns before `at`. */
  insert(dimension: Dimension, at: number, count: number): void {
    this.#insertLines(dimension, at, new Array<undefined>(count).fill(undefined))
    if (dimension === 'COLUMNS') {
      this.forEachRow(0, this.#rows.length, (row, index) => {
        if (row.cells.length > at)
          this.writable(index).splice(at, 0, ...new Array<undefined>(count).fill(undefined))
      })
    }
    this.resize(dimension, this.count(dimension) + count)
  }

  /**
   * Deletes rows or columns `[start, end)`.
   * @returns what was known of them, for the metadata that goes with them
   */
  remove(dimension: Dimension, start: number, end: number): (Line | undefined)[] {
    const removed = this.#removeLines(dimension, start, end)
    if (dimension === 'COLUMNS') {
      this.forEachRow(0, this.#rows.length, (row, index) => {
        if (row.cells.length > start) this.writable(index).splice(start, end - start)
      })
    }
    this.resize(dimension, this.count(dimension) - (end - start))
    return removed
  }

  /** Moves rows or columns `[start, end)` before `destination`, counted before the move. */
  move(dimension: Dimension, start: number, end: number, destination: number): void {
    const to = destination > start ? destination - (end - start) : destination
    const lines = this.#removeLines(dimension, start, end)
    while (lines.length < end - start) lines.push(undefined)
    this.#insertLines(dimension, to, lines)
    if (dimension === 'ROWS') return
    this.forEachRow(0, this.#rows.length, (row, index) => {
      if (row.cells.length <= Math.min(start, to)) return
      const cells = this.writable(index)
      while (cells.length < Math.max(end, destination)) cells.push(undefined)
      cells.splice(to, 0, ...cells.splice(start, end - start))
    })
  }

  /** Sets the size; rows or columns that fall off must have been removed before. */
  resize(dimension: Dimension, count: number): void {
    const { rowCount, columnCount } = this
    this.#undo.record(() => {
      this.#rowCount = rowCount
      this.#columnCount = columnCount
    })
    if (dimension === 'ROWS') this.#rowCount = count
    else this.#columnCount = count
  }

  /** Number of rows up to and including the last one with a value or formula. */
  rowsWithValues(): number {
    for (let index = this.#rows.length - 1; index >= 0; index--) {
      const row = this.#rows.get(index)
      if (row?.cells.some(hasValue)) return index + 1
    }
    return 0
  }

  /** Forgets blank rows at the end. Changes nothing that can be seen; called between transactions. */
  trim(): void {
    for (let last = this.#rows.length - 1; last >= 0; last--) {
      const row = this.#rows.get(last)
      if (row && (row.cells.length > 0 || row.props || row.metadata)) return
      this.#rows.pop()
    }
  }

  #insertLines(dimension: Dimension, at: number, lines: (Line | undefined)[]): void {
    if (dimension === 'ROWS') {
      if (at > this.#rows.length) {
        if (lines.every((line) => line === undefined)) return
        this.#extendRows(at)
      }
      this.#rows.insert(at, lines as (Row | undefined)[])
      this.#undo.record(() => this.#rows.remove(at, lines.length))
    } else {
      const columns = this.#columns
      this.#undo.record(() => {
        this.#columns = columns
      })
      this.#columns = Array.from({ length: Math.max(columns.length, at) }, (_, i) => columns[i])
      this.#columns.splice(at, 0, ...lines)
    }
  }

  #removeLines(dimension: Dimension, start: number, end: number): (Line | undefined)[] {
    if (dimension === 'ROWS') {
      const removed = this.#rows.remove(start, end - start)
      if (removed.length > 0) this.#undo.record(() => this.#rows.insert(start, removed))
      return removed
    }
    const columns = this.#columns
    this.#undo.record(() => {
      this.#columns = columns
    })
    this.#columns = columns.slice()
    return this.#columns.splice(start, end - start)
  }

  #extendRows(length: number): void {
    const before = this.#rows.length
    if (before >= length) return
    this.#undo.record(() => this.#rows.remove(before, length - before))
    while (this.#rows.length < length) this.#rows.push(undefined)
  }

  #rowAt(index: number): Row {
    assertIndex(index)
    this.#extendRows(index + 1)
    let row = this.#rows.get(index)
    if (!row) {
      row = { cells: [], stamp: this.#undo.id, props: undefined, metadata: undefined }
      this.#undo.record(() => this.#rows.set(index, undefined))
      this.#rows.set(index, row)
    }
    return row
  }

  #columnAt(index: number): Line {
    assertIndex(index)
    while (this.#columns.length <= index) this.#columns.push(undefined)
    this.#columns[index] ??= { props: undefined, metadata: undefined }
    return this.#columns[index]
  }
}

/** An array takes -1 for the name of a property and says nothing: such a cell would be lost. */
function assertIndex(index: number): void {
  if (!(index >= 0)) throw new RangeError(`There is no row or column ${index}.`)
}
