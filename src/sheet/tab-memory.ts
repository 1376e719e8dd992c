import type { CellFormat } from './cells/format.ts'
import type { RememberedLayout } from './layout.ts'
import { Positions } from './positions.ts'

/** What is stored of a tab between processes, in `sync_target.layout`. */
export interface StoredLayout extends RememberedLayout {
  /** Formats that columns have been given, by header. A column is formatted once. */
  readonly formats: Readonly<Record<string, CellFormat | null>>
  /** Rows that had a key, about. */
  readonly rows: number
}

/** What a lane remembers of a target's tab. Everything here is a hint: what is read decides. */
export class TabMemory {
  /** The tab's own id; undefined until it was found or made. */
  sheetId: number | undefined
  /** Its title when it was last seen. */
  title: string
  stored: StoredLayout | undefined
  /** True when the tab that was known is gone and another, or none yet, takes its place: no row of it was seen. */
  isReplaced = false
  /** What the database has, as text, to store only what changed. */
  saved = ''
  rowCount: number | undefined
  columnCount: number | undefined
  /** Rows by record, as last seen. */
  readonly positions = new Positions()

  constructor(title: string, sheetId?: number, stored?: StoredLayout) {
    this.title = title
    this.sheetId = sheetId
    this.stored = stored
  }

  /** Forgets where things were, after a read that did not fit. What was formatted stays known. */
  forgetPlaces(): void {
    this.rowCount = undefined
    this.columnCount = undefined
    this.positions.clear()
  }
}
