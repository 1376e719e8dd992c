import type { Rect } from './rect.ts'

/** Something that somebody did, for "who changed what". */
export interface HistoryEntry {
  /** The spreadsheet's version after it. */
  readonly version: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** A person's name, or whose token it was. */
  readonly who: string
  /** In words: `wrote A2:F9`. */
  readonly what: string
  /** Cells whose contents it changed, as they were placed then. */
  readonly cells: readonly { readonly sheetId: number; readonly rect: Rect }[]
}

const KEPT = 500

/** The latest changes of a spreadsheet, and who made them. */
export class History {
  #entries: HistoryEntry[] = []

  add(entry: HistoryEntry): void {
    this.#entries.push(entry)
    if (this.#entries.length > 2 * KEPT) this.#entries = this.#entries.slice(-KEPT)
  }

  /** Newest first, at most 500. */
  latest(): readonly HistoryEntry[] {
    return this.#entries.slice(-KEPT).reverse()
  }
}
