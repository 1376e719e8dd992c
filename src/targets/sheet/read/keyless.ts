import { type Base, isSettled } from '../cells/base.ts'
import { isEmpty, type SheetCell, sameCell } from '../cells/cell.ts'
import { keyForm } from '../tab/key-form.ts'
import { isBlankRow, type Mapping } from '../tab/mapping.ts'

/** A record that was written before and whose key is not in the sheet. */
export interface LostRecord {
  readonly id: string
  readonly base: Base
  /** What cells showed that a person had edited and that were left so, by header. */
  readonly open?: ReadonlyMap<string, SheetCell>
}

/** A row that may be a lost record's, with its cells in the order of the mapping's columns. */
export interface CandidateRow {
  readonly row: number
  /** What stands in place of its key: null for nothing, else the key of no record. */
  readonly key: string | null
  readonly cells: readonly SheetCell[]
  /** True where the key is that of a record which stands in another row as well. */
  readonly isRepeated?: boolean
}

/** Rows that look like a record's row, and of which nobody can tell whether one of them is. */
export interface Doubt {
  readonly rows: number
  /** What the first of them shows in place of the key. */
  readonly key: string | null
}

/** The rows of lost records, as far as they can be told, and those that may be theirs. By record id. */
export interface FoundRows {
  readonly rows: ReadonlyMap<string, number>
  readonly doubts: ReadonlyMap<string, Doubt>
}

export const NOTHING_LOST: FoundRows = { rows: new Map(), doubts: new Map() }

/** So many comparisons of a record with a row are made to find the rows that show a part of what a record showed. */
const MAX_COMPARED = 2_000_000

interface Wanted {
  readonly id: string
  readonly form: string
  readonly cells: readonly SheetCell[]
}

interface Candidate extends CandidateRow {
  readonly form: string | null
}

/**
 * Finds the rows whose key somebody emptied, or turned into something else. A row is a record's
 * - that shows what is left of the record's key (see {@link keyForm}), and at least half of what the record showed when
 *   it was last written, or
 * - that shows exactly that, under no key, one that is no record's, or one that stands in another row as well, or
 * - that has no key and shows at least half of that, all that stood where people do not type, and something else only
 *   where somebody typed: a cell that is empty may have been emptied by a repair.
 *
 * Rows that fit several records, and records that fit several rows, are left alone, as are those that fit in part: nobody
 * can tell.
 *
 * @param isTold whether what stands where people do not type tells a record from all others, and what stands elsewhere was
 * typed by people, if by anybody
 * @returns with `byCells` the records of which nothing but the cells tells, with `byRest` those of which a part of them does
 */
export function matchLost(
  mapping: Mapping,
  lost: readonly LostRecord[],
  candidates: readonly CandidateRow[],
  isTold: (id: string) => boolean = () => false,
): FoundRows & { readonly byCells: ReadonlySet<string>; readonly byRest: ReadonlySet<string> } {
  const wanted: Wanted[] = lost.map((one) => ({
    id: one.id,
    form: keyForm(one.id),
    cells: lastShown(mapping, one.base, one.open),
  }))
  const rows = candidates
    .filter(({ key, cells }) => key !== null || !isBlankRow(mapping, cells))
    .map((one): Candidate => ({ ...one, form: one.key === null ? null : keyForm(one.key) }))
  const search = new Search(wanted, rows)
  search.byKey()
  const byKey = new Set(search.found.keys())
  search.byCells()
  const byCells = new Set([...search.found.keys()].filter((id) => !byKey.has(id)))
  const byRest = search.byRest(fixedColumns(mapping), isTold)
  return { rows: search.found, byCells, byRest, doubts: search.doubts() }
}

class Search {
  readonly found = new Map<string, number>()
  readonly #wanted: readonly Wanted[]
  readonly #rows: readonly Candidate[]
  readonly #taken = new Set<Candidate>()

  constructor(wanted: readonly Wanted[], rows: readonly Candidate[]) {
    this.#wanted = wanted
    this.#rows = rows
  }

  /** Rows that show what is left of a key. */
  byKey(): void {
    const rowsByForm = Map.groupBy(this.#rows, ({ form }) => form)
    for (const [form, wanted] of Map.groupBy(this.#wanted, (one) => one.form)) {
      const rows = rowsByForm.get(form) ?? []
      this.#pair(wanted, rows)
      const [one, ...others] = this.#lacking(wanted)
      const [row, ...otherRows] = this.#free(rows).filter(({ isRepeated }) => !isRepeated)
      if (!one || !row || others.length > 0 || otherRows.length > 0) continue
      if (shareOf(one.cells, row.cells) >= 0.5) this.#take(one, row)
    }
  }

  /** Rows that show what a record showed, and whose key tells nothing. */
  byCells(): void {
    const forms = new Set(this.#wanted.map(({ form }) => form))
    const rows = this.#free(this.#rows).filter(
      ({ form, cells, isRepeated }) =>
        (isRepeated || form === null || !forms.has(form)) && !cells.every(isEmpty),
    )
    this.#pair(this.#lacking(this.#wanted), rows)
  }

  /**
   * Rows without a key in which somebody typed as well.
   * @param fixed columns (of the mapping) that people do not write
   * @returns the records whose rows these are
   */
  byRest(fixed: readonly number[], isTold: (id: string) => boolean): Set<string> {
    const textOfFixed = ({ cells }: { cells: readonly SheetCell[] }) =>
      textOf(fixed.map((at) => cells[at] ?? null))
    const lacking = this.#lacking(this.#wanted).filter(
      ({ id, cells }) => fixed.some((at) => !isEmpty(cells[at])) && isTold(id),
    )
    const rows = Map.groupBy(
      lacking.length === 0 ? [] : this.#free(this.#rows).filter(({ key }) => key === null),
      textOfFixed,
    )
    const found = new Set<string>()
    for (const [text, [one, ...others]] of Map.groupBy(lacking, textOfFixed)) {
      const [row, ...otherRows] = rows.get(text) ?? []
      if (!one || !row || others.length > 0 || otherRows.length > 0) continue
      if (shareOf(one.cells, row.cells) < 0.5 || !showsAll(one, row)) continue
      this.#take(one, row)
      found.add(one.id)
    }
    return found
  }

  doubts(): Map<string, Doubt> {
    const lacking = this.#lacking(this.#wanted)
    const rows = this.#free(this.#rows)
    const doubts = new Map<string, Doubt>()
    if (lacking.length * rows.length > MAX_COMPARED) return doubts
    for (const one of lacking) {
      const hasForm = (row: Candidate) => row.form === one.form && !row.isRepeated
      const alike = rows.filter((row) => hasForm(row) || shareOf(one.cells, row.cells) > 0.5)
      const [first] = alike
      if (first) doubts.set(one.id, { rows: alike.length, key: first.key })
    }
    return doubts
  }

  /** Takes each row that shows exactly what one of the records showed, where no other row and no other record fits. */
  #pair(wanted: readonly Wanted[], rows: readonly Candidate[]): void {
    if (rows.length === 0) return
    const rowsByText = Map.groupBy(rows, ({ cells }) => textOf(cells))
    for (const [text, [one, ...others]] of Map.groupBy(wanted, ({ cells }) => textOf(cells))) {
      const [row, ...otherRows] = rowsByText.get(text) ?? []
      if (!one || !row || others.length > 0 || otherRows.length > 0) continue
      if (one.cells.every((cell, index) => sameCell(cell, row.cells[index]))) this.#take(one, row)
    }
  }

  #take({ id }: Wanted, row: Candidate): void {
    this.found.set(id, row.row)
    this.#taken.add(row)
  }

  #lacking(wanted: readonly Wanted[]): Wanted[] {
    return wanted.filter(({ id }) => !this.found.has(id))
  }

  #free(rows: readonly Candidate[]): Candidate[] {
    return rows.filter((row) => !this.#taken.has(row))
  }
}

/** Columns (of the mapping) that people do not write. */
export function fixedColumns({ columns }: Mapping): number[] {
  return columns.flatMap(({ isWritable }, at) => (isWritable ? [] : [at]))
}

/** What a record's row showed when it was last written, in the order of the mapping's columns. */
export function lastShown(mapping: Mapping, base: Base, open?: ReadonlyMap<string, SheetCell>): SheetCell[] {
  return mapping.columns.map(({ header }) => {
    const cell = base[header]
    if (isSettled(cell)) return cell.seen
    return open?.has(header) ? (open.get(header) ?? null) : (cell ?? null)
  })
}

/** How much of what both show is the same, from 0 to 1; 1 where both show nothing. */
export function shareOf(wanted: readonly SheetCell[], cells: readonly SheetCell[]): number {
  const shown = wanted.flatMap((cell, index) =>
    isEmpty(cell) && isEmpty(cells[index]) ? [] : [sameCell(cell, cells[index])],
  )
  return shown.length === 0 ? 1 : shown.filter((isSame) => isSame).length / shown.length
}

/** Whether something stands wherever the record showed something. */
function showsAll({ cells: wanted }: Wanted, { cells }: CandidateRow): boolean {
  return wanted.every((cell, index) => isEmpty(cell) || !isEmpty(cells[index]))
}

function textOf(cells: readonly SheetCell[]): string {
  return JSON.stringify(
    cells.map((cell) =>
      isEmpty(cell) ? null : typeof cell === 'string' ? cell.replace(/\r\n?/g, '\n') : cell,
    ),
  )
}
