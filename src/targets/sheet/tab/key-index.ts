import { isEmpty, type SheetCell } from '../cells/cell.ts'
import type { KeyColumn } from './key-column.ts'
import { keyOf } from './mapping.ts'

/** Rows below the last key in which something of ours may stand. */
const ROWS_BELOW = 20
/** Rows with a key, and without one, that are looked at, at most. */
const MAX_ROWS = 500

/** The rows of a tab by what they show in the key column. Knows nothing where only a part of the column was read. */
export class KeyIndex {
  readonly #rows = new Map<string, number[]>()
  /** Rows that show nothing, from the top. */
  readonly keyless: readonly number[]

  constructor(keys: KeyColumn) {
    const keyless: number[] = []
    if (keys.isWhole) {
      for (const [row, key] of keys.entries()) {
        const rows = this.#rows.get(key)
        if (rows) rows.push(row)
        else this.#rows.set(key, [row])
      }
      for (let row = 0; row < keys.endRow + ROWS_BELOW && keyless.length < MAX_ROWS; row++) {
        if (keys.at(row) === undefined) keyless.push(row)
      }
    }
    this.keyless = keyless
  }

  /** Rows that show something, from the top. */
  get first(): readonly number[] {
    return [...this.#rows.values()].flat().slice(0, MAX_ROWS)
  }

  has(key: string): boolean {
    return this.#rows.has(key)
  }

  /** The only row that shows this. */
  only(key: string | null | undefined): number | undefined {
    const rows = this.#rows.get(key ?? '') ?? []
    return rows.length === 1 ? rows[0] : undefined
  }

  /** Rows that show one of these cells: where one of them may have gone over the key. */
  showing(cells: Iterable<SheetCell>): number[] {
    const texts = new Set([...cells].flatMap((cell) => (isEmpty(cell) ? [] : (keyOf(cell) ?? []))))
    return [...texts].flatMap((text) => this.#rows.get(text) ?? [])
  }
}
