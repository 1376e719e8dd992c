import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { fromCellData } from '../cells/cell.ts'
import { ALL_COLUMNS, type Area, band, contains, runs, type Span, spanOf, top } from '../google/area.ts'
import { KeyColumn } from '../tab/key-column.ts'
import {
  type FoundLayout,
  findLayout,
  HEADER_SEARCH_ROWS,
  isComplete,
  missingHeaders,
  placeMissing,
} from '../tab/layout.ts'
import { keyOf, type Mapping } from '../tab/mapping.ts'
import type { TabMemory } from '../tab/memory.ts'
import { type LostRecord, NOTHING_LOST } from './keyless.ts'
import { KnownCells, type Round, round } from './known-cells.ts'
import { LostRows, type OtherRecords } from './lost-rows.ts'
import { NarrowRead } from './narrow-read.ts'
import { RowsMoved, type TabView } from './tab-view.ts'

/** A tab of so few cells is read whole at once. */
const WHOLE_TAB_CELLS = 50_000

/**
 * Reads one tab in as few rounds as possible: {@link needs} says what to read next, {@link take} takes the answer,
 * until nothing is needed. Usually one round is enough: header, key column, and the rows where the records were
 * last seen. A long tab whose key column was read a moment ago is read without it, see {@link NarrowRead}.
 */
export class TabReader {
  readonly mapping: Mapping
  readonly #memory: TabMemory
  readonly #ids: ReadonlySet<string>
  readonly #wholeRows: (keys: KeyColumn) => readonly number[]
  readonly #layoutOnly: boolean
  readonly #others: OtherRecords | undefined
  #narrow: NarrowRead | undefined
  #lost: readonly LostRecord[] = []
  #lostRows: LostRows | undefined
  #gone: readonly string[] = []
  #sheet: sheets_v4.Schema$Sheet | undefined
  #asked: Round = { header: 0, bands: [], rows: new Map() }
  readonly #known = new KnownCells()
  #keyColumn: number | undefined
  #keys: KeyColumn

  /**
   * @param wholeRows rows to read in all columns, whatever stands in them, given the key column
   * @param narrowly whether what is remembered of the key column may be relied on
   * @param layoutOnly whether no rows are of interest
   * @param others what the database says of other records; without it a row whose key turned into another is not found
   */
  constructor(
    mapping: Mapping,
    memory: TabMemory,
    ids: Iterable<string>,
    wholeRows: (keys: KeyColumn) => readonly number[] = () => [],
    narrowly = false,
    layoutOnly = false,
    others?: OtherRecords,
  ) {
    this.mapping = mapping
    this.#memory = memory
    this.#ids = new Set(ids)
    this.#wholeRows = wholeRows
    this.#layoutOnly = layoutOnly
    this.#others = others
    this.#narrow = narrowly ? NarrowRead.of(mapping, memory, this.#ids) : undefined
    this.#keys = new KeyColumn(this.#narrow === undefined)
  }

  /**
   * Tells what the database says of the records.
   * @param lost records that were written before: one that has no row may stand in a row that lost its key
   * @param gone records that are not there any more
   */
  seek(lost: readonly LostRecord[], gone: readonly string[]): void {
    this.#lost = lost
    this.#gone = gone
  }

  /**
   * What to read next; empty when everything is known.
   * @throws WritebackError `SHEET_LAYOUT` when the tab cannot be used as it is
   */
  async needs(): Promise<Area[]> {
    if (this.#sheet === undefined && this.#narrow) {
      this.#asked = round({ header: this.#narrow.header, rows: this.#narrow.rows })
      this.#keyColumn = this.#narrow.key
      return this.#narrow.areas
    }
    this.#asked = this.#sheet === undefined ? this.#firstRound() : await this.#nextRound()
    const { header, bands, rows } = this.#asked
    return [...(header > 0 ? [top(header)] : []), ...bands.map(band), ...runs(rows)]
  }

  /**
   * Takes what was read.
   * @throws RowsMoved when it does not fit to what was read before
   */
  take(sheet: sheets_v4.Schema$Sheet): void {
    this.#sheet = sheet
    const { header, bands, rows } = this.#asked
    const wide = bands.some(({ from, to }) => to - from > 1)
    const keyColumn = this.#keyColumn
    const keys = new KeyColumn(this.#narrow === undefined)
    for (const block of sheet.data ?? []) {
      const left = block.startColumn ?? 0
      block.rowData?.forEach(({ values }, at) => {
        if (!values) return
        const row = (block.startRow ?? 0) + at
        const key = keyColumn === undefined ? undefined : values[keyColumn - left]
        const id = key === undefined ? null : keyOf(fromCellData(key))
        // Cells that only have a format are listed too, down to the end of the tab.
        if (id !== null) keys.set(row, id)
        if (wide || row < header || rows.has(row)) this.#known.put(row, left, values)
      })
    }
    if (keyColumn !== undefined) this.#takeKeys(keyColumn, keys)
    this.#known.learn(this.#asked)
  }

  /** What is known of the tab, once {@link needs} is empty. */
  view(): TabView {
    const found = this.#found()
    const layout = isComplete(found) ? found : placeMissing(found, this.#known.firstFree(found.end))
    const { rows: keyless, doubts } = this.#lostRows?.found ?? NOTHING_LOST
    return {
      mapping: this.mapping,
      sheetId: this.#memory.sheetId as number,
      title: this.#title,
      rowCount: this.#rowCount,
      columnCount: this.#columnCount,
      layout,
      newHeaders: missingHeaders(this.mapping, found),
      rows: this.#keys.rowsOf(this.#ids, layout.headerRow, new Set(keyless.values())),
      keyless,
      doubts,
      keys: this.#keys,
      cells: this.#known.cells,
      looks: this.#known.looks,
      sheet: this.#sheet ?? {},
    }
  }

  #firstRound(): Round {
    const { stored, rowCount, columnCount, positions } = this.#memory
    const columns = stored && spanOf(Object.values(stored.columns))
    const header = stored ? stored.headerRow + 1 : 0
    // A part that begins outside of the tab is refused, and the whole read with it.
    const fits = columns && columns.to <= (columnCount ?? columns.to) && header <= (rowCount ?? header)
    if (!fits) {
      // Never used, or not as it was: its size is known from its properties, where its key column is is not.
      if ((rowCount ?? 1) * (columnCount ?? 1) <= WHOLE_TAB_CELLS) return round({ bands: [ALL_COLUMNS] })
      return round({ header: Math.min(HEADER_SEARCH_ROWS, rowCount ?? 1) })
    }
    if (this.#layoutOnly) return round({ header })
    const key = stored.columns[this.mapping.target.key] ?? columns.from
    this.#keyColumn = key
    if (stored.rows * (columns.to - columns.from) <= WHOLE_TAB_CELLS)
      return round({ header, bands: [columns] })
    const rows = new Map<number, Span>()
    for (const id of this.#ids) {
      for (const row of positions.rowsOf(id)) {
        if (row >= header && row < (rowCount ?? 0)) rows.set(row, columns)
      }
    }
    return round({ header, bands: [{ from: key, to: key + 1 }], rows })
  }

  async #nextRound(): Promise<Round> {
    if (this.#narrow && !this.#fits(this.#narrow)) return this.#startOver()
    const everyHeader = Math.min(HEADER_SEARCH_ROWS, this.#rowCount)
    const found = this.#found()
    if (!isComplete(found)) {
      if (!this.#knows(everyHeader - 1, ALL_COLUMNS)) return round({ header: everyHeader })
      // Where a column is to be added, every row has to be free.
      const right = { from: found.end, to: Number.POSITIVE_INFINITY }
      if (found.end < this.#columnCount && !this.#known.knowsBand(right)) {
        return round({ bands: [right] })
      }
      if (found.key === -1) return round({})
    }
    if (this.#layoutOnly) return round({})
    if (!this.#narrow && !this.#knowsKeys(found.key))
      return round({ bands: [{ from: found.key, to: found.key + 1 }] })
    await this.#searchLost(found.headerRow)
    const columns = spanOf([found.key, ...found.columns, ...found.others.values()])
    const rows = this.#unknownRows(found, columns)
    return round({ rows: rows.size > 0 ? rows : await this.#unknownLost(found) })
  }

  #fits(narrow: NarrowRead): boolean {
    const lost = this.#lost.map(({ id }) => id)
    const isOnce = [...this.#keys.rowsOf(this.#ids, narrow.header - 1).values()].every(
      (places) => places.length === 1,
    )
    return isOnce && narrow.fits(this.#found(), this.#keys, lost, this.#gone)
  }

  /** What was read without the key column is not used: rows may be moved before that is read. */
  #startOver(): Round {
    this.#memory.rowCount = this.#rowCount
    this.#memory.columnCount = this.#columnCount
    this.#narrow = undefined
    this.#keys = new KeyColumn(true)
    this.#known.forgetRows()
    return this.#firstRound()
  }

  /** Rows of which more has to be known: those of the records, whole ones where there are several. */
  #unknownRows({ headerRow }: FoundLayout, columns: Span): Map<number, Span> {
    const wanted = new Map<number, Span>()
    const rows = this.#keys.rowsOf(this.#ids, headerRow)
    for (const places of rows.values()) {
      for (const row of places) wanted.set(row, places.length > 1 ? ALL_COLUMNS : columns)
    }
    for (const row of this.#lostRows?.rows ?? []) wanted.set(row, columns)
    for (const row of this.#wholeRows(this.#keys)) if (row < this.#rowCount) wanted.set(row, ALL_COLUMNS)
    return new Map([...wanted].filter(([row, span]) => !this.#knows(row, span)))
  }

  #knows(row: number, span: Span): boolean {
    return this.#known.knows(row, span, this.#columnCount)
  }

  #knowsKeys(column: number): boolean {
    const known = this.#known.knowsBand({ from: column, to: column + 1 })
    if (known && this.#keyColumn !== column) {
      this.#keys = new KeyColumn(true)
      for (const [row, cells] of this.#known.cells) {
        const id = keyOf(cells[column])
        if (id !== null) this.#keys.set(row, id)
      }
    }
    this.#keyColumn = column
    return known
  }

  #takeKeys(column: number, keys: KeyColumn): void {
    const { bands, rows } = this.#asked
    const here = { from: column, to: column + 1 }
    const isFirst = this.#narrow !== undefined && this.#known.header === 0
    if (isFirst || bands.some((known) => contains(known, here))) {
      this.#keys = keys
      return
    }
    if (!this.#narrow && !this.#known.knowsBand(here)) return
    for (const row of rows.keys()) {
      if (keys.at(row) !== this.#keys.at(row)) throw new RowsMoved()
    }
  }

  #found(): FoundLayout {
    const rows = Array.from(
      { length: Math.min(HEADER_SEARCH_ROWS, this.#rowCount) },
      (_, row) => this.#known.cells.get(row) ?? [],
    )
    const all = this.#knows(rows.length - 1, ALL_COLUMNS)
    // A header that is gone is trouble once it was looked for everywhere, and only in a tab that is not empty.
    const { isBlank } = this.#known
    return findLayout(this.mapping, rows, all && !isBlank ? this.#memory.stored : undefined, this.#title)
  }

  /** Looks for records that have no row, once the whole key column is known. */
  async #searchLost(headerRow: number): Promise<void> {
    if (this.#narrow || this.#lostRows) return
    const rows = this.#keys.rowsOf(this.#ids, headerRow)
    const lost = this.#lost.filter(({ id }) => !rows.has(id))
    if (lost.length === 0) return
    const tab = {
      mapping: this.mapping,
      keys: this.#keys,
      memory: this.#memory,
      headerRow,
      rowCount: this.#rowCount,
    }
    this.#lostRows = await LostRows.search(tab, lost, this.#others)
  }

  /** Rows that lost their key and get it back: all that stands in them tells, after the write, that it hit them. */
  async #unknownLost({ columns }: FoundLayout): Promise<Map<number, Span>> {
    if (!this.#lostRows) return new Map()
    const cellsAt = (row: number) => columns.map((column) => this.#known.cells.get(row)?.[column] ?? null)
    await this.#lostRows.match(cellsAt)
    const rows = [...this.#lostRows.found.rows.values()]
    return new Map(rows.filter((row) => !this.#knows(row, ALL_COLUMNS)).map((row) => [row, ALL_COLUMNS]))
  }

  get #title(): string {
    return this.#sheet?.properties?.title ?? this.#memory.title
  }

  get #rowCount(): number {
    return this.#sheet?.properties?.gridProperties?.rowCount ?? this.#memory.rowCount ?? 1
  }

  get #columnCount(): number {
    return this.#sheet?.properties?.gridProperties?.columnCount ?? this.#memory.columnCount ?? 1
  }
}
