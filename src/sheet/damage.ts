import { type CellValue, isEmpty, type SheetCell, sameCell } from './cells/cell.ts'
import type { RecordDecision } from './decide-record.ts'
import type { KeyColumn } from './key-column.ts'
import { hasLostItsKey, misplaced, showsWritten } from './lost-key.ts'
import type { TabView } from './tab-reader.ts'
import { type Expectation, takesKeys, type Verification, type WrittenRow } from './verify.ts'
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

/** What a new row holds. */
export interface NewRow {
  /** By column of the tab. */
  readonly cells: readonly SheetCell[]
  /** Column of the tab of each column of the mapping. */
  readonly places: readonly number[]
}

/** A row that was appended while somebody may have moved columns: its key may stand in another column. */
export interface AppendedRow extends NewRow {
  readonly id: string
  /** The first row that it can be in. */
  readonly from: number
  /** True when nobody knows whether it was appended, and into which columns. */
  readonly isUnclear: boolean
}

/** New rows of which nobody knows whether they came, and into which columns. */
export function unclearRows(leftovers: readonly Leftover[]): AppendedRow[] {
  return leftovers.filter((one): one is AppendedRow => !('row' in one) && one.isUnclear)
}

/** Something of ours in a place where it does not belong, to be taken out again. */
export type Leftover = WrittenRow | AppendedRow

/** Rows around the expected ones among which misplaced rows are looked for. */
const ROWS_BEYOND = 20
/** Rows without a key among which those are looked for that somebody moved once more. */
const MAX_KEYLESS_ROWS = 500

/** Takes note of the records that the check of a write found written over, or perhaps removed. */
export function noteDamage(
  work: TargetWork,
  { damaged, removedWrong, rekeyed, strays }: Verification,
  expected: Expectation,
  keysBefore: ReadonlySet<string>,
): void {
  for (const [id, columns] of damaged) work.spoil(id, columns)
  if (!removedWrong && strays.length === 0) return
  const keys = removedWrong ? without(keysBefore, expected) : new Set<string>()
  suspectToo(work, { keys, written: [...strays, ...rekeyed] })
  work.leftovers = [...work.leftovers, ...strays]
}

/**
 * Somebody moved columns between read and write: every cell that was written may be in a wrong column. What belongs to
 * the library is written again; rows that were appended cannot be told by their key and are removed.
 */
export function noteMovedColumns(work: TargetWork, expected: Expectation, rows: readonly NewRow[]): void {
  const all = new Set(work.mapping.columns.keys())
  for (const { key } of expected.written) if (key !== null) work.spoil(key, all)
  // A new row whose key went into the right column stays; its other cells may not be right.
  for (const id of expected.appended.keys()) work.spoil(id, all)
  const shifted = expected.written.filter(({ key }) => key !== null)
  suspectToo(work, { keys: new Set(), written: [], shifted })
  work.leftovers = [...work.leftovers, ...appendedRows(expected, rows, false)]
}

/** Adds to what is suspected already. */
function suspectToo(work: TargetWork, { keys, written, shifted = [] }: Suspicion): void {
  const known = work.suspicion
  work.suspicion = {
    keys: known ? new Set([...known.keys, ...keys]) : keys,
    written: [...new Set([...(known?.written ?? []), ...written])],
    shifted: [...new Set([...(known?.shifted ?? []), ...shifted])],
  }
}

/** What was looked for may have come after all: it is looked for in the next read as well. */
export function lookAgain(work: TargetWork): void {
  if (!work.lookedFor) return
  const { suspicion, leftovers } = work.lookedFor
  work.lookedFor = undefined
  work.leftovers = [...new Set([...leftovers, ...work.leftovers])]
  if (suspicion) suspectToo(work, suspicion)
}

/** A write of which nobody knows what became: everything it was to do may have hit other rows, or other columns. */
export function suspect(
  work: TargetWork,
  expected: Expectation,
  keysBefore: ReadonlySet<string>,
  rows: readonly NewRow[],
): void {
  const keys = takesKeys(expected) ? without(keysBefore, expected) : new Set<string>()
  suspectToo(work, { keys, written: expected.written })
  work.leftovers = [...work.leftovers, ...appendedRows(expected, rows, true)]
}

function appendedRows(
  { appended, appendedFrom: from }: Expectation,
  rows: readonly NewRow[],
  isUnclear: boolean,
): AppendedRow[] {
  const nothing: NewRow = { cells: [], places: [] }
  return [...appended.keys()].map((id, at) => ({ id, from, ...(rows[at] ?? nothing), isUnclear }))
}

/** Rows that have to be read whole to find damage, once the key column is known. */
export function rowsToInspect({ suspicion, leftovers }: TargetWork, keys: KeyColumn): number[] {
  const written = [...(suspicion?.written ?? []), ...(suspicion?.shifted ?? [])]
  const rekeyed = (suspicion?.written ?? []).filter(isRekeyed)
  // A row whose key stands where it belongs is not taken out, and is read with its record.
  const present = leftovers.length > 0 ? keys.keys() : new Set()
  const open = leftovers.filter((one) => 'row' in one || !one.isUnclear || !present.has(one.id))
  return [
    ...written.map(({ row }) => row),
    ...rekeyed.flatMap(({ key, before }) => [rowWith(keys, key), rowWith(keys, before.key)]),
    ...open.flatMap((one) => placesOf(one, keys, leftovers.length)),
  ].filter((row) => row !== undefined)
}

/** A row whose key was written, because it had lost it. */
function isRekeyed({ decision: { action } }: WrittenRow): boolean {
  return action.kind === 'update' && action.withKey
}

/** The only row that shows this in its key cell. */
function rowWith(keys: KeyColumn, key: string | null | undefined): number | undefined {
  if (key === null || key === undefined) return undefined
  const rows = [...keys.entries()].filter(([, one]) => one === key)
  return rows.length === 1 ? rows[0]?.[0] : undefined
}

/** Rows in which something can be left over, the likeliest first. */
function placesOf(leftover: Leftover, keys: KeyColumn, many: number): number[] {
  if ('row' in leftover) return [leftover.row, ...keylessRows(keys)]
  return Array.from({ length: many + ROWS_BEYOND }, (_, at) => leftover.from + at)
}

/** Rows without a key; none where only a part of the column was read. */
function keylessRows(keys: KeyColumn): number[] {
  if (!keys.isWhole) return []
  const rows: number[] = []
  for (let row = 0; row < keys.endRow + ROWS_BEYOND && rows.length < MAX_KEYLESS_ROWS; row++) {
    if (keys.at(row) === undefined) rows.push(row)
  }
  return rows
}

/**
 * Looks for damage in what has been read. Records that were written over or removed are to be repaired.
 * @param ids the records that have been read from the database
 * @returns what takes out again what is left over: cells of ours that were meant for another row, rows with a key that
 * stands in another column
 */
export function findDamage(work: TargetWork, view: TabView, ids: readonly string[]): RecordDecision[] {
  const { suspicion, leftovers } = work
  work.lookedFor = suspicion || leftovers.length > 0 ? { suspicion, leftovers } : undefined
  work.suspicion = undefined
  for (const one of unclearRows(leftovers)) lookAtNew(work, view, one)
  const { written = [], shifted = [], keys = [] } = suspicion ?? {}
  const found = [
    ...leftovers.map((one) => ({ one, row: rowOf(view, one, leftovers.length) })),
    ...written
      .filter((one) => !leftovers.includes(one))
      .map((one) => ({ one, row: isStray(view, one, one.row) ? one.row : undefined })),
  ]
  const removals = found.flatMap(({ one, row }) => (row === undefined ? [] : [removal(one, row)]))
  work.leftovers = removals.flatMap(({ leftover }) => leftover ?? [])
  const takenOut = new Set(found.map(({ row }) => row))
  const present = suspicion ? view.keys.keys() : new Set<string>()
  for (const one of [...written, ...shifted]) {
    if (!takenOut.has(one.row)) removals.push(...lookAtWritten(work, view, one, present))
  }
  for (const one of written) if (!takenOut.has(one.row)) lookAtOther(work, view, one)
  const missing = [...keys].filter((id) => !present.has(id) && work.repair(id))
  for (const id of missing) work.add(id, true).mustExist = true
  for (const one of written)
    if (isRekeyed(one)) removals.push(...lookAtRekeyed(work, view, one, missing, ids))
  return removals
}

/**
 * A row that got the key of a record that had lost it. Where the text that had gone over the key still stands in a row,
 * that one is the record's: somebody had moved rows, and the row that got the key is that of a record that is missing
 * now. Both are given back once both records have been read.
 * @returns what takes the record out again of a row of which nobody knows whose it is
 */
function lookAtRekeyed(
  work: TargetWork,
  view: TabView,
  one: WrittenRow,
  missing: readonly string[],
  read: readonly string[],
): RecordDecision[] {
  const { key, before } = one
  const own = rowWith(view.keys, before.key)
  const wrong = rowWith(view.keys, key)
  const [other, ...others] = missing.filter((id) => !work.unkeyed.has(id))
  if (key === null || own === undefined || wrong === undefined || other === undefined) return []
  const all = new Set(work.mapping.columns.keys())
  work.spoil(key, all)
  if (!read.includes(key) || !read.includes(other)) {
    work.postponed.add(key)
    suspectToo(work, { keys: new Set(missing), written: [one] })
    return []
  }
  work.unkeyed.set(key, own)
  if (others.length > 0) return [removal({ ...one, columns: [...all] }, wrong, true)]
  work.unkeyed.set(other, wrong)
  work.spoil(other, all)
  return []
}

/** A new row of which nobody knows whether it came, and into which columns. */
function lookAtNew(work: TargetWork, view: TabView, { id, cells, places }: AppendedRow): void {
  const [row] = view.rows.get(id) ?? []
  if (row === undefined) return
  const written = new Map(places.map((column, index) => [index, cells[column] ?? null]))
  const wrong = misplaced(view, { row, places, cells: written, before: undefined })
  if (wrong.size > 0) work.spoil(id, wrong)
}

/**
 * A row that was written, in which its record may stand still, whole or not.
 * @returns what takes out again what was written where the record has got another row since
 */
function lookAtWritten(
  work: TargetWork,
  view: TabView,
  one: WrittenRow,
  present: ReadonlySet<string>,
): RecordDecision[] {
  const { row, key, before, decision } = one
  const there = view.keys.at(row)
  if (key === null) return []
  if (there === key) {
    const cells = decision.action.kind === 'update' ? decision.action.cells : new Map<number, CellValue>()
    const wrong = misplaced(view, { row, places: before.places, cells, before: before.cells })
    if (wrong.size > 0) work.spoil(key, wrong)
    return []
  }
  if (!hasLostItsKey(view, one)) return []
  const all = [...work.mapping.columns.keys()]
  if (present.has(key)) return there === undefined ? [] : [removal({ ...one, columns: all }, row, true)]
  work.unkeyed.set(key, row)
  work.spoil(key, new Set(all))
  return []
}

/** A row that was written, and in which another record stands that shows what was written. */
function lookAtOther(work: TargetWork, view: TabView, one: WrittenRow): void {
  const there = view.keys.at(one.row)
  if (there === undefined || there === one.key || hasLostItsKey(view, one)) return
  if (showsWritten(view, one)) work.spoil(there, new Set(one.columns))
}

/** The row in which something is left over, if it is. Somebody may have moved rows, or columns, once more. */
function rowOf(view: TabView, leftover: Leftover, many: number): number | undefined {
  const places = placesOf(leftover, view.keys, many)
  if ('row' in leftover) {
    if (isStray(view, leftover, leftover.row)) return leftover.row
    const [row, ...others] = places.filter((place) => isStrayElsewhere(view, leftover, place))
    return others.length === 0 ? row : undefined
  }
  const cells = textOf(leftover.cells)
  return places.find(
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
function isStray({ keys, cells, layout }: TabView, one: WrittenRow, row: number): boolean {
  if (one.key === null || keys.at(row) !== undefined) return false
  const written = cellsByColumn(layout, one)
  const shown = cells.get(row) ?? []
  const isOurs = ([column, value]: [number, CellValue]) => sameCell(shown[column], value)
  if (shown.every(isEmpty) || ![...written].every(isOurs)) return false
  return keys.includes(one.key) || [...shown].every((cell, column) => isEmpty(cell) || written.has(column))
}

/** The same for a row that was not the one that was written: its record has to have its row, and something to show. */
function isStrayElsewhere(view: TabView, one: WrittenRow, row: number): boolean {
  const written = cellsByColumn(view.layout, one)
  if (one.key === null || !view.keys.includes(one.key) || [...written.values()].every(isEmpty)) return false
  return isStray(view, one, row)
}

function cellsByColumn({ columns }: TabView['layout'], { decision: { action } }: WrittenRow) {
  const cells = action.kind === 'update' ? [...action.cells] : []
  return new Map(cells.map(([index, value]) => [columns[index] ?? -1, value]))
}

function removal(leftover: Leftover, row: number, withKey = false): RecordDecision {
  return {
    id: 'row' in leftover ? leftover.decision.id : leftover.id,
    action:
      'row' in leftover
        ? { kind: 'empty', row, columns: leftover.columns, withKey }
        : { kind: 'remove', row },
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
