import type { TargetWork } from '../batch/work.ts'
import { type CellValue, isEmpty, type SheetCell, sameCell } from '../cells/cell.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import type { TabView } from '../read/tab-reader.ts'
import type { KeyColumn } from '../tab/key-column.ts'
import { KeyIndex } from '../tab/key-index.ts'
import { maySheetWin } from '../tab/mapping.ts'
import type { WrittenRow } from '../write/verify.ts'
import { type AppendedRow, type Leftover, lookAgain, type ShiftedRow, unclearRows } from './damage.ts'
import { cellsByColumn, placeOfStray, placesOf, placesOfLeftovers, textOfCell } from './leftovers.ts'
import { asItStands, hasLostItsKey, misplaced, showsCells, showsWritten } from './overwritten-key.ts'
import { giveBackRows, isRekeyed, type ReadRecords, type WrongRow, wrongRows } from './reassign-rows.ts'
import { removal } from './removal.ts'

/** Rows that have to be read whole to find damage, once the key column is known. */
export function rowsToInspect({ suspicion, leftovers }: TargetWork, keys: KeyColumn): number[] {
  if (!suspicion && leftovers.length === 0) return []
  const index = new KeyIndex(keys)
  const { written = [], shifted = [], over = [] } = suspicion ?? {}
  // A new row whose key stands where it belongs is not taken out, and is read with its record.
  const open = leftovers.filter((one) => 'row' in one || !one.isUnclear || !index.has(one.id))
  return [
    ...[...written, ...shifted].flatMap((one) => [one.row, ...placesOfRecord(one, index)]),
    ...over.map(({ row }) => row),
    ...(shifted.length > 0 ? index.first : []),
    ...written.filter(isRekeyed).flatMap((one) => placesOfRekeyed(one, index)),
    ...(written.length > 0 ? index.keyless : []),
    ...open.flatMap((one) => placesOf(one, index, leftovers.length)),
  ]
}

/** Rows in which a record's row may be whose key was written over, besides the one that was written. */
function placesOfRecord({ key, decision: { action } }: WrittenRow, index: KeyIndex): number[] {
  if (key === null || action.kind !== 'update') return []
  const cells = [...action.cells.values()]
  // Where it has got another row, one that shows nothing in place of its key costs nobody anything.
  return [...index.showing(cells), ...(!index.has(key) && cells.some(isEmpty) ? index.keyless : [])]
}

/** The row that got a key, and those in which the row may be that was meant. */
function placesOfRekeyed({ key, before }: WrittenRow, index: KeyIndex): number[] {
  const own = before.key === undefined ? index.keyless : index.showing([before.key])
  return [index.only(key), ...own].filter((row) => row !== undefined)
}

/**
 * Looks for damage in what has been read. Records that were written over or removed are to be repaired.
 * @returns what takes out again what is left over: cells of ours that were meant for another row, rows with a key that
 * stands in another column
 */
export function findDamage(work: TargetWork, view: TabView, read: ReadRecords): RecordDecision[] {
  const { suspicion, leftovers } = work
  work.suspicion = undefined
  work.lookedFor = suspicion || leftovers.length > 0 ? { suspicion, leftovers } : undefined
  if (!work.lookedFor) return []
  const index = new KeyIndex(view.keys)
  const { written = [], shifted = [], over = [], keys = [] } = suspicion ?? {}
  const missing = [...keys].filter((id) => !index.has(id) && work.repair(id))
  for (const id of missing) work.add(id, true).mustExist = true
  const wrong = wrongRows(work, view, index, { written, shifted, over }, missing, read)
  if (wrong.length > 0 && postpones(work, wrong, missing, read)) return []
  for (const one of unclearRows(leftovers)) lookAtNew(work, view, one)
  lookAtShifted(work, view, index, shifted)
  const moved = shifted.flatMap((one) => asItStands(view, one))
  // Whose rows these are shows what is to become of them.
  const claimed = new Set(wrong.flatMap(({ row, own }) => [row, own]))
  const found = [
    ...placesOfLeftovers(work, view, index, leftovers, [...written, ...over]),
    ...[...written, ...moved]
      .filter((one) => !leftovers.includes(one))
      .map((one) => ({ one, row: placeOfStray(view, index, one) })),
  ].map(({ one, row }) => ({ one, row: claimed.has(row) ? undefined : row }))
  // While something is taken out, all is looked for once more: of two rows without a key nothing tells that they changed
  // places, and what went over something else may hide it. So where its record is about to get a row again.
  const isAny = wrong.length > 0 || found.some(({ row }) => row !== undefined)
  const isOpen = (one: Leftover) =>
    'row' in one && one.key !== null && !index.has(one.key) && work.todo.has(one.key)
  const isKept = (one: Leftover) => (isAny && leftovers.includes(one)) || isOpen(one)
  work.leftovers = found.flatMap(({ one, row }) => (row !== undefined || isKept(one) ? [one] : []))
  for (const { one, row } of found) if (row !== undefined) work.attempted.set(one, row)
  const removals = found.flatMap(({ one, row }) => (row === undefined ? [] : [removal(one, row)]))
  const takenOut = new Set([...found.map(({ row }) => row), ...claimed])
  for (const one of [...written, ...shifted])
    removals.push(...lookAtWritten(work, view, index, one, takenOut))
  for (const one of written) if (!takenOut.has(one.row)) lookAtOther(work, view, one)
  for (const one of [...(work.isResumed ? written : []), ...moved]) lookAtOthers(work, view, one)
  return [...removals, ...giveBackRows(work, view, wrong, missing, read, suspicion?.seen)]
}

/**
 * Where rows are to be given back, what is known of the records concerned has to be read first: until then nobody gets
 * another row, nothing is taken out, and all of it is looked for once more.
 * @returns true when it has not been read
 */
function postpones(
  work: TargetWork,
  wrong: readonly WrongRow[],
  missing: readonly string[],
  { ids }: ReadRecords,
): boolean {
  const concerned = [...wrong.flatMap(({ key }) => key ?? []), ...missing]
  if (concerned.every((id) => ids.includes(id))) return false
  for (const id of concerned) work.repair(id)
  for (const id of work.todo.keys()) work.postponed.add(id)
  lookAgain(work)
  return true
}

/** A new row of which nobody knows whether it came, and into which columns. */
function lookAtNew(work: TargetWork, view: TabView, { id, cells, places }: AppendedRow): void {
  const [row] = view.rows.get(id) ?? []
  if (row === undefined) return
  const written = new Map(places.map((column, index) => [index, cells[column] ?? null]))
  const wrong = misplaced(view, { row, places, cells: written, before: undefined })
  if (wrong.size > 0) work.spoil(id, wrong)
}

/** Where rows were moved besides columns, what was meant for one record may show in the row of another. */
function lookAtShifted(
  work: TargetWork,
  view: TabView,
  index: KeyIndex,
  shifted: readonly ShiftedRow[],
): void {
  const written = new Set(
    shifted.flatMap(({ decision: { action } }) =>
      action.kind === 'update' ? [...action.cells.values()].map(textOfCell) : [textOfCell(null)],
    ),
  )
  for (const { key, before } of shifted) {
    const row = key === null ? undefined : index.only(key)
    if (key === null || row === undefined) continue
    const shown = view.cells.get(row) ?? []
    const isHit = (cell: SheetCell | undefined, at: number) =>
      !sameCell(cell, before.cells[at]) && written.has(textOfCell(cell))
    const hit = view.layout.columns.flatMap((column, at) => (isHit(shown[column], at) ? [at] : []))
    if (hit.length > 0) work.spoil(key, new Set(hit))
  }
}

/**
 * A row that was written, in which its record may stand still, whole or not.
 * @returns what takes out again what was written where the record has got another row since
 */
function lookAtWritten(
  work: TargetWork,
  view: TabView,
  index: KeyIndex,
  one: WrittenRow | ShiftedRow,
  takenOut: ReadonlySet<number | undefined>,
): RecordDecision[] {
  const { row, key, before, decision } = one
  if (key === null) return []
  if (view.keys.at(row) === key) {
    const cells = decision.action.kind === 'update' ? decision.action.cells : new Map<number, CellValue>()
    const wrong = misplaced(view, { row, places: before.places, cells, before: before.cells })
    if (wrong.size > 0) work.spoil(key, wrong)
  }
  const all = [...work.mapping.columns.keys()]
  const own = ownRow(view, index, one, takenOut)
  if (own === undefined) return []
  if (index.has(key))
    return view.keys.at(own) === undefined ? [] : [removal({ ...one, columns: all }, own, true)]
  work.unkeyed.set(key, own)
  work.spoil(key, 'hit' in one ? one.hit : new Set(all))
  return []
}

/** The row of a record whose key was written over. Somebody may have moved rows since. */
function ownRow(
  view: TabView,
  index: KeyIndex,
  one: WrittenRow,
  takenOut: ReadonlySet<number | undefined>,
): number | undefined {
  const isOwn = (row: number) => !takenOut.has(row) && hasLostItsKey(view, one, row)
  if (isOwn(one.row)) return one.row
  const [row, ...others] = placesOfRecord(one, index).filter(isOwn)
  return others.length === 0 ? row : undefined
}

/**
 * Rows in which other records stand, and which show what was written: the one that was written, or where it is by now, if
 * that was more than a cell. Where the record's own row shows it, it hit no other, unless another worker went on.
 */
function lookAtOthers(work: TargetWork, view: TabView, one: WrittenRow): void {
  const cells = cellsByColumn(view.layout, one)
  const shows = (row: number) => showsCells(view, row, cells)
  if (!work.isResumed && one.key !== null && view.rows.get(one.key)?.some(shows)) return
  const isMuch = [...cells.values()].filter((cell) => !isEmpty(cell)).length > 1
  for (const row of view.cells.keys()) {
    const there = view.keys.at(row)
    if (there === undefined || there === one.key || (row !== one.row && !isMuch)) continue
    if (shows(row)) work.spoil(there, new Set(one.columns))
  }
}

/**
 * A row that was written, and in which another record stands that shows what was written. Another worker that went on
 * may have put that right but for columns in which it took it for an edit.
 */
function lookAtOther(work: TargetWork, view: TabView, one: WrittenRow): void {
  const there = view.keys.at(one.row)
  if (there === undefined || there === one.key || hasLostItsKey(view, one, one.row)) return
  if (showsWritten(view, one)) {
    work.spoil(there, new Set(one.columns))
    return
  }
  const columns = one.columns.filter((index) => maySheetWin(work.mapping.columns[index]))
  const cells = [...cellsByColumn(view.layout, { ...one, columns })]
  if (cells.some(([, cell]) => !isEmpty(cell)) && showsCells(view, one.row, cells))
    work.spoil(there, new Set(columns))
}
