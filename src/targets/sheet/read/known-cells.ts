import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { getOrMake } from '../../../get-or-make.ts'
import { fromCellData, isEmpty, type SheetCell } from '../cells/cell.ts'
import { type CellLook, lookOf } from '../cells/look.ts'
import { contains, type Span } from '../google/area.ts'

/** What one round asks for. */
export interface Round {
  /** Rows at the top, whole. */
  header: number
  /** Columns, in every row. */
  bands: Span[]
  rows: Map<number, Span>
}

export function round(parts: Partial<Round>): Round {
  return { header: 0, bands: [], rows: new Map(), ...parts }
}

/** What has been read of a tab's cells: rows at the top, columns in every row, spans of single rows. */
export class KnownCells {
  /** Cells by row, then column of the tab; rows that are empty may be left out. */
  readonly cells = new Map<number, SheetCell[]>()
  /** How cells look that are not plain, by row, then column of the tab; none where looks were not asked for. */
  readonly looks = new Map<number, Map<number, CellLook>>()
  readonly #bands: Span[] = []
  readonly #spans = new Map<number, Span>()
  #header = 0

  /** Rows at the top that are known whole. */
  get header(): number {
    return this.#header
  }

  /** True when no cell that was read shows anything. */
  get isBlank(): boolean {
    return [...this.cells.values()].every((cells) => cells.every(isEmpty))
  }

  /** Takes cells of a row, from a column on. */
  put(row: number, left: number, values: readonly sheets_v4.Schema$CellData[]): void {
    let cells = this.cells.get(row)
    if (cells === undefined) {
      cells = []
      this.cells.set(row, cells)
    }
    for (let at = 0; at < values.length; at++) {
      cells[left + at] = fromCellData(values[at])
      const look = lookOf(values[at])
      if (look) getOrMake(this.looks, row, () => new Map<number, CellLook>()).set(left + at, look)
    }
  }

  /** A round was answered: everything that it asked for is known. */
  learn({ header, bands, rows }: Round): void {
    this.#header = Math.max(this.#header, header)
    this.#bands.push(...bands)
    for (const [row, span] of rows) this.#spans.set(row, span)
  }

  /** Whether these columns are known of every row. */
  knowsBand(span: Span): boolean {
    return this.#bands.some((known) => contains(known, span))
  }

  /** @param columnCount columns of the tab: behind the last one there is nothing to know */
  knows(row: number, span: Span, columnCount: number): boolean {
    const single = this.#spans.get(row)
    if (row < this.#header || (single && contains(single, span))) return true
    const to = span.to === Number.POSITIVE_INFINITY ? columnCount : span.to
    return this.knowsBand({ from: span.from, to })
  }

  /** The first column from `from` on that is empty in every row, and so are all behind it. */
  firstFree(from: number): number {
    let free = from
    for (const cells of this.cells.values()) {
      for (let column = cells.length - 1; column >= free; column--)
        if (!isEmpty(cells[column])) free = column + 1
    }
    return free
  }

  /** Forgets single rows and the top; columns that are known in every row stay so. */
  forgetRows(): void {
    this.#header = 0
    this.#spans.clear()
    this.cells.clear()
    this.looks.clear()
  }
}
