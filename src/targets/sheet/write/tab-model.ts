import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { WritebackError } from '../../../errors.ts'
import { fromCellData, type SheetCell } from '../cells/cell.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import { rowRange } from '../google/a1.ts'
import type { TabView } from '../read/tab-view.ts'
import { KeyColumn, repeated } from '../tab/key-column.ts'
import { isHeader, type Layout } from '../tab/layout.ts'
import { keyOf, type Mapping } from '../tab/mapping.ts'
import type { TabMemory } from '../tab/memory.ts'
import { type Expectation, expectationOf, type NewRow, type RowBefore, rangesToCheck } from './expectation.ts'
import { protectionOf, refuseMerges, tableOf } from './obstacles.ts'
import { type PlannedRequest, type PlanTab, planRows } from './plan.ts'
import { staleChoices } from './rules.ts'
import { planSetup, type Setup } from './setup.ts'
import type { Verification } from './verify.ts'

/** A tab as it is while a batch is written in several calls: what was read, plus what has been written since. */
export class TabModel {
  readonly mapping: Mapping
  readonly sheetId: number
  readonly title: string
  readonly layout: Layout
  readonly #memory: TabMemory
  readonly #table: PlanTab['table']
  readonly #view: TabView | undefined
  #isNew: boolean
  /** Protections that the tab had, and those that were added since. */
  #protections: readonly sheets_v4.Schema$ProtectedRange[]
  #newHeaders: ReadonlySet<string>
  #rowCount: number
  #columnCount: number
  readonly #keys: KeyColumn
  #endRow: number

  /** A tab that was read. @throws WritebackError `SHEET_LAYOUT` when it cannot be written as it is */
  static of(view: TabView, memory: TabMemory): TabModel {
    refuseMerges(view)
    return new TabModel(view.mapping, memory, view, view.title, view)
  }

  /** A tab that is to be made. */
  static toMake(mapping: Mapping, memory: TabMemory, sheetId: number): TabModel {
    const layout = {
      headerRow: 0,
      key: 0,
      columns: mapping.columns.map((_, index) => index + 1),
      others: new Map(),
    }
    const newHeaders = new Set([mapping.target.key, ...mapping.columns.map(({ header }) => header)])
    return new TabModel(
      mapping,
      memory,
      { sheetId, layout, newHeaders, rowCount: 0, columnCount: 0 },
      mapping.target.tab,
    )
  }

  private constructor(
    mapping: Mapping,
    memory: TabMemory,
    shape: Pick<TabView, 'sheetId' | 'layout' | 'newHeaders' | 'rowCount' | 'columnCount'>,
    title: string,
    view?: TabView,
  ) {
    this.mapping = mapping
    this.#memory = memory
    this.sheetId = shape.sheetId
    this.title = title
    this.layout = shape.layout
    this.#isNew = view === undefined
    this.#protections = view?.sheet.protectedRanges ?? []
    this.#newHeaders = shape.newHeaders
    this.#rowCount = shape.rowCount
    this.#columnCount = shape.columnCount
    this.#keys = view?.keys ?? new KeyColumn(true)
    this.#endRow = Math.max(this.#keys.endRow, shape.layout.headerRow + 1)
    this.#table = view && tableOf(view)
    this.#view = view
  }

  get isNew(): boolean {
    return this.#isNew
  }

  /** What has to be done before rows can be written. */
  setup(decisions: readonly RecordDecision[], dates: ReadonlySet<string>): Setup {
    const count = (kind: string) => decisions.filter(({ action }) => action.kind === kind).length
    return planSetup(
      {
        mapping: this.mapping,
        sheetId: this.sheetId,
        isNew: this.#isNew,
        title: this.title,
        rowCount: this.#rowCount,
        columnCount: this.#columnCount,
        layout: this.layout,
        newHeaders: this.#newHeaders,
        stored: this.#memory.stored,
        frozenRows: this.#view?.sheet.properties?.gridProperties?.frozenRowCount ?? 0,
        endRow: this.#endRow,
        isTight: this.#memory.isTight,
        protections: this.#protections,
        choices: this.#memory.choices,
      },
      { added: count('append'), removed: count('remove') },
      dates,
    )
  }

  /** True when what people may choose in a column is not what its drop-down has. */
  get hasStaleChoices(): boolean {
    return staleChoices(this.#memory.stored, this.#memory.choices).length > 0
  }

  /** Columns whose new rows get a checkbox, and the row where the first of these comes to stand. */
  #boxes(): PlanTab['boxes'] {
    const { boxed } = this.#memory.stored ?? {}
    const isNew = (header: string) => this.#isNew || this.#newHeaders.has(header)
    const columns = [...this.mapping.boxes].flatMap((at) => {
      const header = this.mapping.columns[at]?.header ?? ''
      return this.mapping.target.edits?.help && (isNew(header) || boxed?.includes(header))
        ? [this.layout.columns[at] as number]
        : []
    })
    // Rows of a table object stand at its end, wherever that is.
    return { columns, endRow: this.#table ? undefined : this.#endRow }
  }

  /** Every key that stands in the tab, as far as it was read. */
  knownKeys(): ReadonlySet<string> {
    return this.#keys.keys()
  }

  /**
   * What the rows of keys that stand in one row each showed when they were read, as far as they were read: also of records
   * that are not in hand, as a call may hit any of them.
   */
  seenRows(): ReadonlyMap<string, RowBefore> {
    if (this.#view === undefined) return new Map()
    // Not by the keys: they are kept up to date with what is written.
    const { cells, layout } = this.#view
    const rows = [...cells].flatMap(([row, shown]) => {
      const key = row > layout.headerRow ? keyOf(shown[layout.key]) : null
      return key === null ? [] : [[row, key] as const]
    })
    const several = repeated(rows.map(([, key]) => key))
    return new Map(rows.flatMap(([row, key]) => (several.has(key) ? [] : [[key, this.#before(row, key)]])))
  }

  plan(decisions: readonly RecordDecision[]): PlannedRequest[] {
    const { mapping, sheetId, layout } = this
    return planRows({ mapping, sheetId, layout, table: this.#table, boxes: this.#boxes() }, decisions)
  }

  expectation(decisions: readonly RecordDecision[]): Expectation {
    const before = (row: number) => this.#before(row, this.#keys.at(row))
    return expectationOf(decisions, this.#keys, this.#endRow, before)
  }

  /** A protected range that stands in the way of a batch that was refused, as an error that names it. */
  protection(decisions: readonly RecordDecision[]): WritebackError | undefined {
    return this.#view && protectionOf(this.#view, decisions)
  }

  /** True when the header row shows every column where it was when the batch was planned. */
  hasColumnsInPlace(header: readonly SheetCell[]): boolean {
    const { key, columns } = this.layout
    const shows = (column: number, text: string) => isHeader(header[column], text)
    return (
      shows(key, this.mapping.target.key) &&
      this.mapping.columns.every((one, at) => shows(columns[at] ?? -1, one.header))
    )
  }

  newRows(decisions: readonly RecordDecision[]): NewRow[] {
    const requests = this.plan(decisions.filter(({ action }) => action.kind === 'append'))
    const from = this.#table?.startColumn ?? 0
    const places = this.layout.columns
    return requests.flatMap(({ request }) =>
      (request.appendCells?.rows ?? []).map(({ values }) => ({
        cells: [...Array<SheetCell>(from).fill(null), ...(values ?? []).map(fromCellData)],
        places,
      })),
    )
  }

  /** Ranges that show whether a batch did what it should; none for a tab that did not exist: nobody was in it. */
  ranges(expected: Expectation): string[] {
    if (this.#isNew) return []
    const { headerRow } = this.layout
    return [
      rowRange(this.title, headerRow, headerRow + 1),
      ...rangesToCheck(expected, this.title, this.layout.key),
    ]
  }

  /**
   * Takes note of a batch that has been applied.
   * @param verification where new rows are, or undefined when nothing was checked
   */
  applied(decisions: readonly RecordDecision[], setup: Setup, verification: Verification | undefined): void {
    const removed = decisions
      .flatMap(({ action }) => (action.kind === 'remove' ? [action.row] : []))
      .sort((a, b) => a - b)
    const { positions } = this.#memory
    if (removed.length > 0) {
      this.#keys.remove(removed)
      this.#endRow -= removed.length
      positions.remove(removed)
    }
    let next = this.#endRow
    for (const { id, action } of decisions) {
      if (action.kind === 'update' && action.withKey) this.#put(action.row, id)
      if (action.kind === 'append') this.#put(verification?.appendedAt.get(id) ?? next++, id)
    }
    this.#isNew = false
    this.#newHeaders = new Set()
    for (const { appendDimension, addSheet, addProtectedRange } of setup.requests) {
      const added = addProtectedRange?.protectedRange
      if (added) this.#protections = [...this.#protections, added]
      if (appendDimension?.dimension === 'ROWS') this.#rowCount += appendDimension.length ?? 0
      if (appendDimension?.dimension === 'COLUMNS') this.#columnCount += appendDimension.length ?? 0
      if (addSheet) {
        this.#rowCount = addSheet.properties?.gridProperties?.rowCount ?? 0
        this.#columnCount = addSheet.properties?.gridProperties?.columnCount ?? 0
      }
    }
    this.#rowCount = Math.max(this.#rowCount - removed.length, this.#endRow)
    this.#memory.sheetId = this.sheetId
    this.#memory.title = this.title
    this.#memory.stored = setup.stored
    this.#memory.rowCount = this.#rowCount
    this.#memory.columnCount = this.#columnCount
  }

  #before(row: number, key: string | undefined): RowBefore {
    const places = this.layout.columns
    const all = this.#view?.cells.get(row) ?? []
    return { key, places, cells: places.map((column) => all[column] ?? null), all }
  }

  #put(row: number, id: string): void {
    this.#keys.set(row, id)
    this.#endRow = Math.max(this.#endRow, row + 1)
    this.#memory.positions.set(row, id)
    if (!this.#keys.isWhole) this.#memory.positions.touch(row)
  }
}
