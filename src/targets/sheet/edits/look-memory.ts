import type { SheetCell } from '../cells/cell.ts'
import { ReformattedCells } from './reformatted-cells.ts'

/** A row as a look at the tab sees it. */
export interface SeenRow {
  readonly index: number
  /** What stands in the key column; null for nothing. */
  readonly key: string | null
  /** The key, where it can be a record's. */
  readonly id: string | null
  /** Cells of the writable columns by header. */
  readonly shown: ReadonlyMap<string, SheetCell>
}

/**
 * What a worker saw when it last looked at the tabs of a spreadsheet: rows that show the same need no second thought, and
 * no question to the database. It is a hint; a worker that has none asks about every row.
 */
export class LookMemory {
  readonly #tabs = new Map<string, Map<string, string>>()
  readonly #keys = new Map<string, ReadonlySet<string>>()
  readonly reformatted = new ReformattedCells()

  /** Every key that stood in the tab; undefined before the first look. */
  allKeys(target: string): ReadonlySet<string> | undefined {
    return this.#keys.get(target)
  }

  takeKeys(target: string, keys: ReadonlySet<string>): void {
    this.#keys.set(target, keys)
  }

  isKnown(target: string, id: string, text: string): boolean {
    return this.#tabs.get(target)?.get(id) === text
  }

  /** Takes the rows that were found in order, in place of those of the last look. */
  take(target: string, rows: ReadonlyMap<string, string>): void {
    this.#tabs.set(target, new Map(rows))
  }
}

/** What a row shows, as one text. */
export function textOf(shown: SeenRow['shown']): string {
  return JSON.stringify([...shown.values()])
}
