import { isEmpty, type SheetCell, textOfCell } from '../cells/cell.ts'
import type { TabView } from '../read/tab-view.ts'
import type { KeyIndex } from '../tab/key-index.ts'
import type { WrittenRow } from '../write/expectation.ts'
import { filled, type ShownRows, textOfRow } from './shown-rows.ts'
import type { AppendedRow } from './suspicion.ts'

/** Rows after the expected one in which a new row is looked for. */
const ROWS_BEYOND = 20

/**
 * Rows in which a new row can be, the likeliest first.
 * @param many new rows that are looked for
 */
export function placesOfNew(leftover: AppendedRow, index: KeyIndex, many: number): number[] {
  const near = Array.from({ length: many + ROWS_BEYOND }, (_, at) => leftover.from + at)
  return [...near, ...index.showing(leftover.cells), ...index.keyless]
}

/** Looks for new rows: each stands as it was written, or after another row was written over it. */
export class NewRowSearch {
  readonly #view: TabView
  readonly #index: KeyIndex
  readonly #shown: ShownRows
  readonly #many: number
  readonly #overRows: readonly number[]
  /** What rows show beside what was written over them, by the columns that were written: see {@link #add}. */
  readonly #rests = new Map<
    string,
    { readonly columns: readonly number[]; readonly rows: Map<string, number[]> }
  >()

  /**
   * @param many new rows that are looked for
   * @param over rows that were written: one of them may have gone over a new row
   */
  constructor(view: TabView, index: KeyIndex, shown: ShownRows, many: number, over: readonly WrittenRow[]) {
    this.#view = view
    this.#index = index
    this.#shown = shown
    this.#many = many
    this.#overRows = over.map(({ row }) => row)
    if (many === 0) return
    const aims = new Map(over.flatMap((one) => cellsOver(one) ?? []).map((aim) => [JSON.stringify(aim), aim]))
    for (const aim of aims.values()) this.#add(aim)
  }

  /** @param taken rows in which something else was found @returns undefined when it is nowhere */
  placeOf(leftover: AppendedRow, taken: ReadonlySet<number>): number | undefined {
    const found = this.#showing(leftover).filter(
      (row) => !taken.has(row) && this.#view.keys.at(row) !== leftover.id,
    )
    if (found.length === 0) return undefined
    const { from, cells } = leftover
    const near = found.filter((row) => row >= from && row < from + this.#many + ROWS_BEYOND)
    if (near.length > 0) return Math.min(...near)
    const rows = new Set(found)
    return [...this.#index.showing(cells), ...this.#index.keyless, ...this.#overRows].find((row) =>
      rows.has(row),
    )
  }

  #showing({ cells }: AppendedRow): number[] {
    const over = [...this.#rests.values()].flatMap(({ columns, rows }) => {
      const rest = cells.map((cell, column) => (columns.includes(column) ? null : cell))
      // Where nothing else of it is left, nothing tells.
      return rest.every(isEmpty) ? [] : (rows.get(textOfRow(rest)) ?? [])
    })
    return [...this.#shown.withText(textOfRow(cells)), ...over]
  }

  /** Takes note of the rows that show what was written over something, by what else they show. */
  #add(aim: readonly (readonly [column: number, cell: SheetCell])[]): void {
    const columns = aim.map(([column]) => column)
    const written = filled(aim.map(([, cell]) => cell))
    const known = this.#rests.get(columns.join()) ?? { columns, rows: new Map<string, number[]>() }
    this.#rests.set(columns.join(), known)
    for (const row of this.#rowsShowing(written)) {
      const rest = without(this.#view.cells.get(row) ?? [], written)
      if (rest === undefined) continue
      const text = textOfRow(rest)
      known.rows.set(text, [...(known.rows.get(text) ?? []), row])
    }
  }

  /** Rows that may show all of these cells: those that show the one that fewest do. */
  #rowsShowing(written: readonly SheetCell[]): Iterable<number> {
    const [fewest] = written.map((cell) => this.#shown.showing(cell)).sort((a, b) => a.length - b.length)
    return fewest ?? this.#view.cells.keys()
  }
}

/** What a row was to get, by column of the tab; undefined where its key was written. */
function cellsOver({
  before: { places },
  columns,
  decision: { action },
}: WrittenRow): [(readonly [column: number, cell: SheetCell])[]] | undefined {
  if (action.kind !== 'update' || action.withKey) return undefined
  const cells = columns.flatMap((index) => {
    const column = places[index]
    return column === undefined || column < 0 ? [] : [[column, action.cells.get(index) ?? null] as const]
  })
  return [cells.sort(([a], [b]) => a - b)]
}

/** What is left of a row without some cells; undefined where it does not show them all. */
function without(cells: readonly SheetCell[], written: readonly SheetCell[]): SheetCell[] | undefined {
  const rest = filled(cells)
  for (const cell of written) {
    const at = rest.findIndex((other) => textOfCell(other) === textOfCell(cell))
    if (at === -1) return undefined
    rest.splice(at, 1)
  }
  return rest
}
