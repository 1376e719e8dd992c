import { randomInt } from 'node:crypto'
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { invalid } from './errors.ts'
import { Grid } from './grid.ts'
import type { Group } from './groups.ts'
import { History } from './history.ts'
import { LIMITS } from './limits.ts'
import { MetadataStore } from './metadata.ts'
import { PlaceLog } from './place-log.ts'
import type { Rect, TabRange } from './rect.ts'
import { type ReferenceShift, shiftReferences } from './reference-shifts.ts'
import { UndoLog } from './undo.ts'

/** Something the API keeps with a range of a tab: a protection, a filter, a table. `body` is its JSON without the range. */
export interface RangeObject<T> {
  readonly range: Rect
  readonly body: T
}

/** What a tab is, apart from its cells. Replaced as a whole, so that going back is putting the old one back. */
export interface TabMeta {
  readonly title: string
  readonly hidden: boolean
  readonly rightToLeft: boolean
  readonly hideGridlines: boolean
  readonly frozenRowCount: number
  readonly frozenColumnCount: number
  readonly rowGroupControlAfter: boolean
  readonly columnGroupControlAfter: boolean
  readonly tabColor: sheets_v4.Schema$ColorStyle | undefined
  readonly rowGroups: readonly Group[]
  readonly columnGroups: readonly Group[]
  readonly merges: readonly Rect[]
  readonly basicFilter: RangeObject<sheets_v4.Schema$BasicFilter> | undefined
  readonly protectedRanges: readonly RangeObject<sheets_v4.Schema$ProtectedRange>[]
  readonly tables: readonly RangeObject<sheets_v4.Schema$Table>[]
}

/** A tab. `sheetId` stays for its life, also when it is renamed or moved. */
export interface Tab {
  readonly sheetId: number
  readonly grid: Grid
  readonly meta: TabMeta
}

/** A named range; its tab is in the range. */
export interface NamedRange {
  readonly id: string
  readonly name: string
  readonly range: TabRange
}

/** What a new tab starts with. */
const NEW_TAB: TabMeta = {
  title: '',
  hidden: false,
  rightToLeft: false,
  hideGridlines: false,
  frozenRowCount: 0,
  frozenColumnCount: 0,
  rowGroupControlAfter: false,
  columnGroupControlAfter: false,
  tabColor: undefined,
  rowGroups: [],
  columnGroups: [],
  merges: [],
  basicFilter: undefined,
  protectedRanges: [],
  tables: [],
}

/** What changed in a transaction, for those who watch. */
export interface Change {
  readonly version: number
}

/** A spreadsheet: its tabs in order, names, metadata. All changes happen inside {@link Spreadsheet.transact}. */
export class Spreadsheet {
  readonly id: string
  readonly undo = new UndoLog()
  readonly metadata = new MetadataStore(this.undo)
  /** Where rows and columns went. */
  readonly places = new PlaceLog()
  /** Who changed what. */
  readonly history = new History()
  #shifts: ReferenceShift[] = []
  /** All that moved in this transaction. */
  #moved: ReferenceShift[] = []
  readonly #listeners = new Set<(change: Change) => void>()
  #properties: sheets_v4.Schema$SpreadsheetProperties
  #tabs: readonly Tab[] = []
  #namedRanges: readonly NamedRange[] = []
  #version = 0

  /** @param id the spreadsheet's id, as in its URL */
  constructor(id: string, properties: sheets_v4.Schema$SpreadsheetProperties) {
    this.id = id
    this.#properties = properties
  }

  get properties(): sheets_v4.Schema$SpreadsheetProperties {
    return this.#properties
  }

  set properties(value: sheets_v4.Schema$SpreadsheetProperties) {
    const before = this.#properties
    this.undo.record(() => {
      this.#properties = before
    })
    this.#properties = value
  }

  get tabs(): readonly Tab[] {
    return this.#tabs
  }

  set tabs(value: readonly Tab[]) {
    const before = this.#tabs
    this.undo.record(() => {
      this.#tabs = before
    })
    this.#tabs = value
  }

  get namedRanges(): readonly NamedRange[] {
    return this.#namedRanges
  }

  set namedRanges(value: readonly NamedRange[]) {
    const before = this.#namedRanges
    this.undo.record(() => {
      this.#namedRanges = before
    })
    this.#namedRanges = value
  }

  /** Grows with each transaction that changed something. */
  get version(): number {
    return this.#version
  }

  /** Runs `work`; if it throws, the spreadsheet is as it was before. */
  transact<T>(work: () => T): T {
    this.undo.begin()
    this.#shifts = []
    this.#moved = []
    let result: T
    try {
      result = work()
      this.settleReferences()
    } catch (error) {
      this.#shifts = []
      this.undo.rollback()
      throw error
    }
    if (this.undo.dirty) {
      this.#version++
      this.undo.commit()
      this.places.add(this.#version, this.#moved)
      for (const tab of this.#tabs) tab.grid.trim()
      for (const listener of this.#listeners) listener({ version: this.#version })
    }
    return result
  }

  /** Notes that rows, columns or a tab have moved, for the references of formulas. */
  referencesMove(shift: ReferenceShift): void {
    this.#shifts.push(shift)
    this.#moved.push(shift)
  }

  /**
   * Rewrites the references of formulas after what has moved since the last time. Put off because a batch may
   * delete a thousand rows one by one; due before a formula is written or read.
   */
  settleReferences(): void {
    if (this.#shifts.length === 0) return
    const shifts = this.#shifts
    this.#shifts = []
    shiftReferences(this.#tabs, shifts)
  }

  /** Calls `listener` after each transaction that changed something. @returns stops that */
  watch(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * @param what a request is after: some name the cells of a tab, some the tab
   * @throws ApiError 400 when there is no tab with this id
   */
  tab(sheetId: number, what: 'grid' | 'sheet' = 'grid'): Tab {
    const tab = this.#tabs.find((candidate) => candidate.sheetId === sheetId)
    if (!tab) throw invalid(`No ${what} with id: ${sheetId}`)
    return tab
  }

  /** Changes what a tab is. @returns the tab as it is now */
  changeTab(tab: Tab, change: Partial<TabMeta>): Tab {
    const next: Tab = { ...tab, meta: { ...this.tab(tab.sheetId).meta, ...change } }
    this.tabs = this.#tabs.map((each) => (each.sheetId === tab.sheetId ? next : each))
    return next
  }

  /** A tab that is not in the spreadsheet yet. */
  makeTab(sheetId: number, meta: Partial<TabMeta>, rowCount: number, columnCount: number): Tab {
    return { sheetId, grid: new Grid(this.undo, rowCount, columnCount), meta: { ...NEW_TAB, ...meta } }
  }

  /** A number below 2^31 that `taken` does not know yet. */
  freeId(taken: (id: number) => boolean): number {
    for (;;) {
      const id = randomInt(1, 2 ** 31 - 1)
      if (!taken(id)) return id
    }
  }

  /**
   * @param added cells that are about to be added to the spreadsheet
   * @throws ApiError 400 above 10,000,000 cells, in the API's words (airbytehq/airbyte#41977)
   */
  assertRoom(added: number): void {
    if (added <= 0) return
    const cells = this.#tabs.reduce((sum, { grid }) => sum + grid.rowCount * grid.columnCount, 0)
    if (cells + added > LIMITS.cellsPerSpreadsheet) {
      throw invalid(
        `This action would increase the number of cells in the workbook above the limit of ${LIMITS.cellsPerSpreadsheet} cells.`,
      )
    }
  }
}
