import type { SheetCell } from '../cells/cell.ts'
import { type KeyColumn, repeated } from '../tab/key-column.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { TabMemory } from '../tab/memory.ts'
import { type FoundRows, type LostRecord, matchLost } from './keyless.ts'

/** Cells of rows among which those of lost records are looked for, at most: about 5 MB. */
const MAX_CELLS = 100_000

/** What the database says of keys, and of records that are not asked for. */
export interface OtherRecords {
  /** Of some keys, those that are no record's, so many at most. */
  strangers(keys: readonly string[], most: number): Promise<ReadonlySet<string>>
  /** Other records that showed the same as one of these when they were last written. */
  twins(records: readonly LostRecord[]): Promise<readonly LostRecord[]>
  /**
   * Of these records, those which cells tell from all others that were written: the ones that people do not write. Only
   * where what stands in the others was typed by people, if by anybody.
   */
  told?(records: readonly LostRecord[]): Promise<ReadonlySet<string>>
}

/** Where the search takes place. */
export interface SearchedTab {
  readonly mapping: Mapping
  /** Read whole. */
  readonly keys: KeyColumn
  /** What was known of the tab before the key column was read. */
  readonly memory: TabMemory
  readonly headerRow: number
  readonly rowCount: number
}

/**
 * The search for the rows of records that were written before and whose key is not in the tab any more: somebody emptied
 * it, or it turned into something else. Every row without a key, or with one that is no record's, may be one of them.
 */
export class LostRows {
  readonly #tab: SearchedTab
  readonly #lost: readonly LostRecord[]
  readonly #others: OtherRecords | undefined
  /** Rows to look at, those where the records last stood first. */
  readonly rows: readonly number[]
  readonly #repeated: ReadonlySet<string>
  #found: FoundRows | undefined

  static async search(
    tab: SearchedTab,
    lost: readonly LostRecord[],
    others: OtherRecords | undefined,
  ): Promise<LostRows> {
    const most = Math.floor(MAX_CELLS / (tab.mapping.columns.length + 1))
    const rows = new Set([...remembered(tab, lost), ...rowsWithKey(tab), ...rowsWithoutKey(tab)])
    const keys = new Set([...rows].flatMap((row) => tab.keys.at(row) ?? []))
    const strange = (await others?.strangers([...keys], most)) ?? new Set()
    return new LostRows(tab, lost, others, rows, strange, most)
  }

  private constructor(
    tab: SearchedTab,
    lost: readonly LostRecord[],
    others: OtherRecords | undefined,
    rows: ReadonlySet<number>,
    strange: ReadonlySet<string>,
    most: number,
  ) {
    this.#tab = tab
    this.#lost = lost
    this.#others = others
    this.#repeated = new Set(
      [...repeated([...tab.keys.entries()].map(([, key]) => key))].filter((key) => !strange.has(key)),
    )
    const isCandidate = (row: number) => {
      const key = tab.keys.at(row)
      return key === undefined || strange.has(key) || this.#repeated.has(key)
    }
    this.rows = [...rows].filter(isCandidate).slice(0, most)
  }

  /** What was found, once {@link match} is through. */
  get found(): FoundRows {
    return this.#found ?? { rows: new Map(), doubts: new Map() }
  }

  /**
   * Tells whose the rows are.
   * @param cellsAt a row's cells, in the order of the mapping's columns
   */
  async match(cellsAt: (row: number) => readonly SheetCell[]): Promise<void> {
    const { mapping, keys } = this.#tab
    const candidates = this.rows.map((row) => {
      const key = keys.at(row) ?? null
      return { row, key, cells: cellsAt(row), isRepeated: key !== null && this.#repeated.has(key) }
    })
    const ids = new Set(this.#lost.map(({ id }) => id))
    const known = keys.keys()
    const mayBeTold = matchLost(mapping, this.#lost, candidates, () => this.#others?.told !== undefined)
    const typed = this.#lost.filter(({ id }) => mayBeTold.byRest.has(id))
    const told = typed.length > 0 ? await this.#others?.told?.(typed) : undefined
    const isTold = (id: string) => told?.has(id) === true
    const alone = typed.length > 0 ? matchLost(mapping, this.#lost, candidates, isTold) : mayBeTold
    const byCells = this.#lost.filter(({ id }) => alone.byCells.has(id))
    const twins = byCells.length > 0 ? ((await this.#others?.twins(byCells)) ?? []) : []
    // One whose key stands in several rows has one of them, and nobody can tell which.
    const rivals = twins.filter(({ id }) => !ids.has(id) && (!known.has(id) || this.#repeated.has(id)))
    if (rivals.length === 0) {
      this.#found = alone
      return
    }
    // What looks like the row of two records is left alone, whichever of them is asked for.
    const { rows, doubts } = matchLost(mapping, [...this.#lost, ...rivals], candidates, isTold)
    const isOwn = ([id]: readonly [string, unknown]) => ids.has(id)
    this.#found = { rows: new Map([...rows].filter(isOwn)), doubts: new Map([...doubts].filter(isOwn)) }
  }
}

/** Rows in which the records stood when they were last seen. */
function remembered({ memory, headerRow, rowCount }: SearchedTab, lost: readonly LostRecord[]): number[] {
  return lost
    .flatMap(({ id }) => memory.positions.rowsOf(id))
    .filter((row) => row > headerRow && row < rowCount)
}

function rowsWithKey({ keys, headerRow }: SearchedTab): number[] {
  return [...keys.entries()].flatMap(([row]) => (row > headerRow ? [row] : []))
}

/**
 * Down to the end of the tab: somebody may have emptied the keys at the end, or all of them, and then the batch before this
 * one, which gave some of them back, knew no more of the others.
 */
function rowsWithoutKey({ keys, headerRow, rowCount }: SearchedTab): number[] {
  const rows: number[] = []
  for (let row = headerRow + 1; row < rowCount; row++) if (keys.at(row) === undefined) rows.push(row)
  return rows
}
