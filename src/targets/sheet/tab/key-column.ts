/** What was read of a tab's key column: all of it, or the rows that a batch asked for. Rows count from 0. */
export class KeyColumn {
  /** False when only some rows were read: a key that is not here may stand in another row. */
  readonly isWhole: boolean
  #all: (string | undefined)[] = []
  /** Instead of {@link #all} for a part: its rows may be far apart. */
  readonly #some = new Map<number, string>()
  #endOfSome = 0
  /** Every key, once it was asked for. */
  #keys: ReadonlySet<string> | undefined

  constructor(isWhole: boolean) {
    this.isWhole = isWhole
  }

  /** The row after the last key that was read. */
  get endRow(): number {
    return this.isWhole ? this.#all.length : this.#endOfSome
  }

  /** @returns undefined where there is no key, or the row was not read */
  at(row: number): string | undefined {
    return this.isWhole ? this.#all[row] : this.#some.get(row)
  }

  set(row: number, key: string): void {
    this.#keys = undefined
    if (this.isWhole) this.#all[row] = key
    else {
      this.#some.set(row, key)
      this.#endOfSome = Math.max(this.#endOfSome, row + 1)
    }
  }

  /** Takes note of removed rows: what stood below moves up. Only of a whole column. */
  remove(rows: readonly number[]): void {
    if (rows.length === 0) return
    if (!this.isWhole) throw new Error('rows are removed from a key column that was read whole')
    this.#keys = undefined
    const gone = new Set(rows)
    // Holes would be skipped without the copy.
    this.#all = [...this.#all].filter((_, row) => !gone.has(row))
  }

  /** Rows with their keys; those of a whole column from the top. */
  *entries(): Generator<readonly [row: number, key: string]> {
    if (!this.isWhole) yield* this.#some
    for (let row = 0; row < this.#all.length; row++) {
      const key = this.#all[row]
      if (key !== undefined) yield [row, key]
    }
  }

  /**
   * Rows of these keys, from the top.
   * @param headerRow what stands there, or above, is no key
   * @param without rows that are left out: their key turned into that of another record
   */
  rowsOf(
    keys: ReadonlySet<string>,
    headerRow: number,
    without: ReadonlySet<number> = new Set(),
  ): Map<string, number[]> {
    const rows = new Map<string, number[]>()
    for (const [row, key] of this.entries()) {
      if (row <= headerRow || !keys.has(key) || without.has(row)) continue
      const places = rows.get(key)
      if (places) places.push(row)
      else rows.set(key, [row])
    }
    return rows
  }

  includes(key: string): boolean {
    return this.keys().has(key)
  }

  /** Every key that was read. */
  keys(): ReadonlySet<string> {
    this.#keys ??= new Set(this.isWhole ? this.#all.filter((key) => key !== undefined) : this.#some.values())
    return this.#keys
  }
}

/** Keys that stand in several rows: somebody copied a row, or typed or dragged a key over that of another record. */
export function repeated(keys: Iterable<string>): Set<string> {
  const once = new Set<string>()
  const several = new Set<string>()
  for (const key of keys) {
    if (once.has(key)) several.add(key)
    else once.add(key)
  }
  return several
}
