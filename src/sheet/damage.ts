import { type CellValue, isEmpty, type SheetCell, sameCell } from './cells/cell.ts'
import type { RecordDecision } from './decide-record.ts'
import type { KeyColumn } from './key-column.ts'
import { hasLostItsKey, misplaced, showsWritten } from './lost-key.ts'
import type { TabView } from './tab-reader.ts'
import type { Expectation, Verification, WrittenRow } from './verify.ts'
import type { TargetWork } from './work.ts'

/**
 * What a write may have damaged, to be looked for in what is read next: somebody may have moved rows between what was
 * read and what was written.
 */
export interface Suspicion {
  /** Keys that stood in the tab before, without those of rows that were to be removed. */
  readonly keys: ReadonlySet<string>
  /** Rows that were written; a record that stands in one that was meant for another may have been written over. */
  readonly written: readonly WrittenRow[]
  /** Rows that were written while somebody moved columns. */
  readonly shifted?: readonly WrittenRow[]
}

/** A row that was appended while somebody may have moved columns: its key may stand in another column. */
export interface AppendedRow {
  readonly id: string
  /** The first row that it can be in. */
  readonly from: number
  readonly cells: readonly SheetCell[]
  /** True when nobody knows whether it was appended, and into which columns. */
  readonly isUnclear: boolean
}

/** Something of ours in a place where it does not belong, to be taken out again. */
export type Leftover = WrittenRow | AppendedRow

/** Rows around the expected ones among which misplaced rows are looked for. */
const ROWS_BEYOND = 20

/** Takes note of the records that the check of a write found written over, or perhaps removed. */
export function noteDamage(
  work: TargetWork,
  { damaged, removedWrong, strays }: Verification,
  expected: Expectation,
  keysBefore: ReadonlySet<string>,
): void {
  for (const [id, columns] of damaged) work.spoil(id, columns)
  if (!removedWrong && strays.length === 0) return
  work.suspicion = { keys: removedWrong ? without(keysBefore, expected) : new Set(), written: strays }
}

/**
 * Somebody moved columns between read and write: every cell that was written may be in a wrong column. What belongs to
 * the library is written again; rows that were appended cannot be told by their key and are removed.
 */
export function noteMovedColumns(
  work: TargetWork,
  expected: Expectation,
  rows: readonly (readonly SheetCell[])[],
): void {
  const all = new Set(work.mapping.columns.keys())
  for (const { key } of expected.written) if (key !== null) work.spoil(key, all)
  // A new row whose key went into the right column stays; its other cells may not be right.
  for (const id of expected.appended.keys()) work.spoil(id, all)
  const shifted = expected.written.filter(({ key }) => key !== null)
  work.suspicion = { keys: new Set(), written: [], shifted }
  work.leftovers = [...work.leftovers, ...appendedRows(expected, rows, false)]
}

/** A write of which nobody knows what became: everything it was to do may have hit other rows, or other columns. */
export function suspect(
  work: TargetWork,
  expected: Expectation,
  keysBefore: ReadonlySet<string>,
  rows: readonly (readonly SheetCell[])[],
): void {
  const keys = expected.removed.length > 0 ? without(keysBefore, expected) : new Set<string>()
  work.suspicion = { keys, written: [...(work.suspicion?.written ?? []), ...expected.written] }
  work.leftovers = [...work.leftovers, ...appendedRows(expected, rows, true)]
}

function appendedRows(
  { appended, appendedFrom: from }: Expectation,
  rows: readonly (readonly SheetCell[])[],
  isUnclear: boolean,
): AppendedRow[] {
  return [...appended.keys()].map((id, at) => ({ id, from, cells: rows[at] ?? [], isUnclear }))
}

/** Rows that have to be read whole to find damage, once the key column is known. */
export function rowsToInspect({ suspicion, leftovers }: TargetWork, keys: KeyColumn): number[] {
  const written = [...(suspicion?.written ?? []), ...(suspicion?.shifted ?? [])]
  // A row whose key stands where it belongs went into the right columns.
  const present = leftovers.length > 0 ? keys.keys() : new Set()
  const open = leftovers.filter((one) => 'row' in one || !one.isUnclear || !present.has(one.id))
  return [...written.map(({ row }) => row), ...open.flatMap((one) => placesOf(one, leftovers.length))]
}

/** Rows in which something can be left over. */
function placesOf(leftover: Leftover, many: number): number[] {
  if ('row' in leftover) return [leftover.row]
  return Array.from({ length: many + ROWS_BEYOND }, (_, at) => leftover.from + at)
}

/**
 * Looks for damage in what has been read. Records that were written over or removed are to be repaired.
 * @returns what takes out again what is left over: cells of ours that were meant for another row, rows with a key that
 * stands in another column
 */
export function findDamage(work: TargetWork, view: TabView): RecordDecision[] {
  const { suspicion } = work
  const suspected = suspicion?.written ?? []
  const shifted = suspicion?.shifted ?? []
  work.suspicion = undefined
  const found = [...work.leftovers, ...suspected].map((one) => ({
    one,
    row: rowOf(view, one, work.leftovers.length),
  }))
  const removals = found.flatMap(({ one, row }) => (row === undefined ? [] : [removal(one, row)]))
  work.leftovers = removals.flatMap(({ leftover }) => leftover ?? [])
  if (suspicion === undefined) return removals
  const present = view.keys.keys()
  const takenOut = new Set(found.map(({ row }) => row))
  const all = [...work.mapping.columns.keys()]
  for (const one of [...suspected, ...shifted]) {
    const { row, key, columns } = one
    const there = view.keys.at(row)
    if (key === null || takenOut.has(row)) continue
    if (there === key) {
      const columns = misplaced(view, one)
      if (columns.size > 0) work.spoil(key, columns)
    } else if (hasLostItsKey(view, one)) {
      if (!present.has(key)) {
        work.unkeyed.set(key, row)
        work.spoil(key, new Set(all))
      } else if (there !== undefined) {
        // The record has got another row since.
        removals.push(removal({ ...one, columns: all }, row))
      }
    } else if (there !== undefined && suspected.includes(one) && showsWritten(view, one)) {
      work.spoil(there, new Set(columns))
    }
  }
  for (const id of suspicion.keys) {
    const todo = present.has(id) ? undefined : work.repair(id)
    if (todo) todo.mustExist = true
  }
  return removals
}

/** What may be damaged still when a batch ends, for the next one; without the rows that may have been removed. */
export function damageLeft({ suspicion }: TargetWork, most: number): Suspicion | undefined {
  if (suspicion === undefined) return undefined
  const { written, shifted = [] } = suspicion
  return { keys: new Set(), written: written.slice(0, most), shifted: shifted.slice(0, most) }
}

/** Takes over what may be damaged since an earlier batch: the records whose rows were written are looked at. */
export function takeOver(work: TargetWork, suspicion: Suspicion | undefined): void {
  work.suspicion = suspicion
  const all = new Set(work.mapping.columns.keys())
  for (const { key } of suspicion?.written ?? []) if (key !== null) work.repair(key)
  for (const { key } of suspicion?.shifted ?? []) if (key !== null) work.spoil(key, all)
}

/** The row in which something is left over, if it is. */
function rowOf(view: TabView, leftover: Leftover, many: number): number | undefined {
  if ('row' in leftover) return isStray(view, leftover) ? leftover.row : undefined
  // Somebody may move columns once more.
  const cells = textOf(leftover.cells)
  return placesOf(leftover, many).find(
    (row) => view.keys.at(row) !== leftover.id && textOf(view.cells.get(row) ?? []) === cells,
  )
}

/** The cells of a row that are not empty, in any order. */
function textOf(cells: readonly SheetCell[]): string {
  return JSON.stringify(
    cells
      .filter((cell) => !isEmpty(cell))
      .map((cell) => JSON.stringify(cell))
      .sort(),
  )
}

/**
 * True for a row without a key that shows what was written for a record. Where the record has its row elsewhere, the
 * other cells of this one are somebody's; where it has none, any other cell means that this may be its row, which has
 * lost its key.
 */
function isStray({ keys, cells, layout }: TabView, { row, key, decision: { action } }: WrittenRow): boolean {
  if (key === null || keys.at(row) !== undefined) return false
  const written = new Map(
    action.kind === 'update' ? [...action.cells].map(([index, value]) => [layout.columns[index], value]) : [],
  )
  const shown = cells.get(row) ?? []
  const isOurs = ([column, value]: [number | undefined, CellValue]) => sameCell(shown[column ?? -1], value)
  if (shown.every(isEmpty) || ![...written].every(isOurs)) return false
  return keys.includes(key) || [...shown].every((cell, column) => isEmpty(cell) || written.has(column))
}

function removal(leftover: Leftover, row: number): RecordDecision {
  return {
    id: 'row' in leftover ? leftover.decision.id : leftover.id,
    action: 'row' in leftover ? { kind: 'unkey', row, columns: leftover.columns } : { kind: 'remove', row },
    change: 'written',
    base: undefined,
    missing: false,
    conflicts: [],
    agreed: [],
    isCopy: true,
    leftover,
  }
}

function without(keys: ReadonlySet<string>, { removed }: Expectation): Set<string> {
  const intended = new Set(removed.filter(({ isCopy }) => !isCopy).map(({ id }) => id))
  return new Set([...keys].filter((key) => !intended.has(key)))
}
