import { type CellValue, isEmpty, type SheetCell, sameCell, textOfCell } from '../cells/cell.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import type { TabView } from '../read/tab-view.ts'
import { KeyIndex } from '../tab/key-index.ts'
import { maySheetWin } from '../tab/mapping.ts'
import type { WrittenRow } from '../write/expectation.ts'
import { Findings } from './findings.ts'
import type { RecordsInHand } from './ledger.ts'
import { cellsByColumn, placeOfStray, placesOfLeftovers, placesOfRecord } from './leftovers.ts'
import { asItStands, isKeyOverwritten, misplaced, showsCells, showsWritten } from './overwritten-key.ts'
import { reassignRows } from './reassign-rows.ts'
import { ShownRows } from './shown-rows.ts'
import { type AppendedRow, type Leftover, removal, type ShiftedRow, unclearRows } from './suspicion.ts'
import { type ReadRecords, type WrongRow, wrongRows } from './wrong-rows.ts'

/** Looks for damage in what has been read. Records that were written over or removed are to be repaired. */
export function findDamage(records: RecordsInHand, view: TabView, read: ReadRecords): Findings {
  const { damage, mapping } = records
  const { suspicion, leftovers } = damage
  const found = new Findings(mapping)
  if (damage.isEmpty) return found
  const index = new KeyIndex(view.keys)
  const { written = [], shifted = [], overwrote = [], keys = [] } = suspicion ?? {}
  const missing = [...keys].filter((id) => !index.has(id) && found.repair(id))
  for (const id of missing) found.removedByMistake.add(id)
  const wrong = wrongRows(mapping, view, index, { written, shifted, overwrote }, missing, read)
  if (wrong.length > 0 && needsMore(found, wrong, missing, read)) return found
  for (const one of unclearRows(leftovers)) lookAtNew(found, view, one)
  lookAtShifted(found, view, index, shifted)
  const shown = new ShownRows(view)
  const moved = shifted.flatMap((one) => asItStands(view, one))
  // Whose rows these are shows what is to become of them.
  const claimed = new Set(wrong.flatMap(({ row, own }) => [row, own]))
  const places = [
    ...placesOfLeftovers(damage, view, index, shown, [...written, ...overwrote]),
    ...[...written, ...moved]
      .filter((one) => !leftovers.includes(one))
      .map((one) => ({ one, row: placeOfStray(view, index, one) })),
  ].map(({ one, row }) => ({ one, row: claimed.has(row) ? undefined : row }))
  // While something is taken out, all is looked for once more: of two rows without a key nothing tells that they changed
  // places, and what went over something else may hide it. So where its record is about to get a row again.
  const isAny = wrong.length > 0 || places.some(({ row }) => row !== undefined)
  const isPending = (id: string) => records.isPending(id) || found.repairs.has(id)
  const isOpen = (one: Leftover) =>
    'row' in one && one.key !== null && !index.has(one.key) && isPending(one.key)
  const isKept = (one: Leftover) => (isAny && leftovers.includes(one)) || isOpen(one)
  found.leftovers = places.flatMap(({ one, row }) => (row !== undefined || isKept(one) ? [one] : []))
  for (const { one, row } of places) if (row !== undefined) found.attempts.set(one, row)
  const removals = places.flatMap(({ one, row }) => (row === undefined ? [] : [removal(one, row)]))
  const takenOut = new Set([...places.map(({ row }) => row), ...claimed])
  for (const one of [...written, ...shifted])
    removals.push(...lookAtWritten(found, view, index, one, takenOut))
  for (const one of written) if (!takenOut.has(one.row)) lookAtOther(found, view, one)
  for (const one of [...(damage.isResumed ? written : []), ...moved])
    lookAtOthers(found, view, shown, one, damage.isResumed)
  removals.push(...reassignRows(found, view, wrong, missing, read, damage))
  found.removals = removals
  return found
}

/**
 * Where rows are to be given back, what is known of the records concerned has to be read first: until then nobody gets
 * another row, nothing is taken out, and all of it is looked for once more.
 * @returns true when it has not been read
 */
function needsMore(
  found: Findings,
  wrong: readonly WrongRow[],
  missing: readonly string[],
  { ids }: ReadRecords,
): boolean {
  const concerned = [...wrong.flatMap(({ key }) => key ?? []), ...missing]
  if (concerned.every((id) => ids.includes(id))) return false
  for (const id of concerned) found.repair(id)
  found.isDeferred = true
  return true
}

/** A new row of which nobody knows whether it came, and into which columns. */
function lookAtNew(found: Findings, view: TabView, { id, cells, places }: AppendedRow): void {
  const [row] = view.rows.get(id) ?? []
  if (row === undefined) return
  const written = new Map(places.map((column, index) => [index, cells[column] ?? null]))
  const wrong = misplaced(view, { row, places, cells: written, before: undefined })
  if (wrong.size > 0) found.markOverwritten(id, wrong)
}

/** Where rows were moved besides columns, what was meant for one record may show in the row of another. */
function lookAtShifted(
  found: Findings,
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
    if (hit.length > 0) found.markOverwritten(key, new Set(hit))
  }
}

/**
 * A row that was written, in which its record may stand still, whole or not.
 * @returns what takes out again what was written where the record has got another row since
 */
function lookAtWritten(
  found: Findings,
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
    if (wrong.size > 0) found.markOverwritten(key, wrong)
  }
  const all = [...view.mapping.columns.keys()]
  const own = ownRow(view, index, one, takenOut)
  if (own === undefined) return []
  if (index.has(key))
    return view.keys.at(own) === undefined ? [] : [removal({ ...one, columns: all }, own, true)]
  found.rowsToRekey.set(key, own)
  found.markOverwritten(key, 'hit' in one ? one.hit : new Set(decision.isEntry ? one.columns : all))
  return []
}

/** The row of a record whose key was written over. Somebody may have moved rows since. */
function ownRow(
  view: TabView,
  index: KeyIndex,
  one: WrittenRow,
  takenOut: ReadonlySet<number | undefined>,
): number | undefined {
  const isOwn = (row: number) => !takenOut.has(row) && isKeyOverwritten(view, one, row)
  if (isOwn(one.row)) return one.row
  const [row, ...others] = placesOfRecord(one, index).filter(isOwn)
  return others.length === 0 ? row : undefined
}

/**
 * Rows in which other records stand, and which show what was written: the one that was written, or where it is by now, if
 * that was more than a cell. Where the record's own row shows it, it hit no other, unless another worker went on.
 */
function lookAtOthers(
  found: Findings,
  view: TabView,
  rows: ShownRows,
  one: WrittenRow,
  isResumed: boolean,
): void {
  const cells = cellsByColumn(view.layout, one)
  const shows = (row: number) => showsCells(view, row, cells)
  if (!isResumed && one.key !== null && view.rows.get(one.key)?.some(shows)) return
  const [some, ...more] = [...cells.values()].filter((cell) => !isEmpty(cell))
  for (const row of some === undefined || more.length === 0 ? [one.row] : rows.showing(some)) {
    const there = view.keys.at(row)
    if (there === undefined || there === one.key) continue
    if (shows(row)) found.markOverwritten(there, new Set(one.columns))
  }
}

/**
 * A row that was written, and in which another record stands that shows what was written. Another worker that went on
 * may have put that right but for columns in which it took it for an edit.
 */
function lookAtOther(found: Findings, view: TabView, one: WrittenRow): void {
  const there = view.keys.at(one.row)
  if (there === undefined || there === one.key || isKeyOverwritten(view, one, one.row)) return
  if (showsWritten(view, one)) {
    found.markOverwritten(there, new Set(one.columns))
    return
  }
  const columns = one.columns.filter((index) => maySheetWin(view.mapping.columns[index]))
  const cells = [...cellsByColumn(view.layout, { ...one, columns })]
  if (cells.some(([, cell]) => !isEmpty(cell)) && showsCells(view, one.row, cells))
    found.markOverwritten(there, new Set(columns))
}
