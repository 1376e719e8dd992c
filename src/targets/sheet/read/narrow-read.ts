import { type Area, band, runs, type Span, spanOf, top } from '../google/area.ts'
import type { KeyColumn } from '../tab/key-column.ts'
import { type FoundLayout, isComplete } from '../tab/layout.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { TabMemory } from '../tab/memory.ts'

/**
 * Reads of a long tab only what a batch is about: the header, the rows where its records were last seen, and the end of
 * the key column. The key column is only left out while the rows agree: each record's row has to show its key, the last
 * row has to be the last one still, and what is not known to have a row must not have had one. Rows that were
 * inserted, deleted, sorted, moved or added below do not fit, and then the column is read as ever.
 *
 * One thing is not seen: a row that a person pastes over another one. The record whose row it was does not fit when its
 * turn comes; that of the pasted row stands twice until the column is read whole, see `TabMemory.takeRows`.
 */
export class NarrowRead {
  readonly #memory: TabMemory
  readonly #header: number
  readonly #key: number
  readonly #columns: Span
  readonly #expected: ReadonlyMap<string, number>

  private constructor(
    memory: TabMemory,
    header: number,
    key: number,
    columns: Span,
    expected: ReadonlyMap<string, number>,
  ) {
    this.#memory = memory
    this.#header = header
    this.#key = key
    this.#columns = columns
    this.#expected = expected
  }

  /** @returns undefined where the tab, as it is remembered, or a copied row asks for more */
  static of(mapping: Mapping, memory: TabMemory, ids: Iterable<string>): NarrowRead | undefined {
    const { stored, positions, rowCount, columnCount } = memory
    if (!stored) return undefined
    const header = stored.headerRow + 1
    const columns = spanOf(Object.values(stored.columns))
    const key = stored.columns[mapping.target.key]
    const fits = positions.length <= (rowCount ?? 0) && columns.to <= (columnCount ?? 0)
    if (key === undefined || positions.length <= header || !fits) return undefined
    const expected = new Map<string, number>()
    for (const id of ids) {
      const [row, ...others] = positions.rowsOf(id)
      if (others.length > 0 || (row !== undefined && row < header)) return undefined
      if (row !== undefined) expected.set(id, row)
    }
    return new NarrowRead(memory, header, key, columns, expected)
  }

  /** Column of the key. */
  get key(): number {
    return this.#key
  }

  /** Rows at the top that are read whole. */
  get header(): number {
    return this.#header
  }

  /** The rows of records, with the columns that are read of them. */
  get rows(): Map<number, Span> {
    return new Map([...this.#expected.values()].map((row) => [row, this.#columns]))
  }

  get areas(): Area[] {
    const end = {
      startRowIndex: this.#memory.positions.length - 1,
      ...band({ from: this.#key, to: this.#key + 1 }),
    }
    return [top(this.#header), ...runs(this.rows), end]
  }

  /**
   * Whether what was read can be relied on.
   * @param written records that were written before
   * @param gone records that are not in the database: their rows are to be removed, which asks for the rows around them
   */
  fits(found: FoundLayout, keys: KeyColumn, written: Iterable<string>, gone: Iterable<string>): boolean {
    const { positions } = this.#memory
    if (!isComplete(found) || found.key !== this.#key || found.headerRow !== this.#header - 1) return false
    const last = positions.length - 1
    const lastKey = keys.at(last)
    if (lastKey === undefined || !positions.has(last, lastKey) || keys.endRow !== positions.length)
      return false
    for (const [id, row] of this.#expected) if (keys.at(row) !== id) return false
    for (const id of written) if (!this.#expected.has(id)) return false
    for (const id of gone) if (this.#expected.has(id)) return false
    return true
  }
}
