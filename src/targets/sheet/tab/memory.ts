import type { CellFormat } from '../cells/format.ts'
import { CameBack } from './came-back.ts'
import type { Choices } from './choices.ts'
import type { KeyColumn } from './key-column.ts'
import type { RememberedLayout } from './layout.ts'
import { LostCalls } from './lost-calls.ts'
import { Positions } from './positions.ts'

/** What is stored of a tab between processes, in `sync_target.layout`. */
export interface StoredLayout extends RememberedLayout {
  /** Formats that columns have been given, by header. A column is formatted once. */
  readonly formats: Readonly<Record<string, CellFormat | null>>
  /** Headers of columns whose cells were given a rule about what they take. */
  readonly ruled?: readonly string[]
  /** Headers of columns whose rows get a checkbox when they are added. */
  readonly boxed?: readonly string[]
  /** What the drop-downs of foreign keys list, as a fingerprint, by header; null for one that lists nothing. */
  readonly choices?: Readonly<Record<string, string | null>>
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
  /** True when the spreadsheet had no room for rows in large steps. */
  isTight = false
  rowCount: number | undefined
  columnCount: number | undefined
  readonly lostCalls = new LostCalls()
  readonly cameBack = new CameBack()
  /** What people may choose in columns of foreign keys, as it was last read; undefined before. */
  choices: Choices | undefined
  choicesAt = Number.NEGATIVE_INFINITY
  #positions = new Positions()
  /** When the key column was last read whole, as `performance.now()` has it. */
  #wholeAt = Number.NEGATIVE_INFINITY

  constructor(title: string, sheetId?: number, stored?: StoredLayout) {
    this.title = title
    this.sheetId = sheetId
    this.stored = stored
  }

  /** Rows by record, as last seen. */
  get positions(): Positions {
    return this.#positions
  }

  /** Whether the key column was read whole within so many milliseconds, and nothing since was as it should not be. */
  knowsRows(within: number): boolean {
    return performance.now() - this.#wholeAt < within
  }

  /** Something did not come out as expected: the key column is to be read whole before it is relied on again. */
  doubtRows(): void {
    this.#wholeAt = Number.NEGATIVE_INFINITY
  }

  /**
   * Takes a key column that was read whole.
   * @returns records that stand in several rows and were dealt with since the column was last read whole
   */
  takeRows(keys: KeyColumn): string[] {
    const now = Positions.of(keys)
    const copied = now.copied(keys, this.#positions)
    this.#positions = now
    this.#wholeAt = performance.now()
    return copied
  }

  /** Forgets where things were, after a read that did not fit. What was formatted stays known. */
  forgetPlaces(): void {
    this.rowCount = undefined
    this.columnCount = undefined
    this.#positions.forget()
    this.doubtRows()
  }
}
