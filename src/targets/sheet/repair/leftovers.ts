import { type CellValue, isEmpty, sameCell } from '../cells/cell.ts'
import type { TabView } from '../read/tab-view.ts'
import type { KeyColumn } from '../tab/key-column.ts'
import { KeyIndex } from '../tab/key-index.ts'
import type { WrittenRow } from '../write/expectation.ts'
import type { DamageLedger } from './ledger.ts'
import { NewRowSearch, placesOfNew } from './new-rows.ts'
import type { ShownRows } from './shown-rows.ts'
import type { Leftover } from './suspicion.ts'
import { isRekeyed } from './wrong-rows.ts'

/** Rows that have to be read whole to find damage, once the key column is known. */
export function rowsToInspect(damage: DamageLedger, keys: KeyColumn): number[] {
  if (damage.isEmpty) return []
  const { suspicion, leftovers } = damage
  const index = new KeyIndex(keys)
  const { written = [], shifted = [], overwrote = [] } = suspicion ?? {}
  // A new row whose key stands where it belongs is not taken out, and is read with its record.
  const open = leftovers.filter((one) => 'row' in one || !one.isUnclear || !index.has(one.id))
  return [
    ...[...written, ...shifted].flatMap((one) => [one.row, ...placesOfRecord(one, index)]),
    ...overwrote.map(({ row }) => row),
    ...(shifted.length > 0 ? index.first : []),
    ...written.filter(isRekeyed).flatMap((one) => placesOfRekeyed(one, index)),
    ...(written.length > 0 ? index.keyless : []),
    ...open.flatMap((one) => placesOf(one, index, leftovers.length)),
  ]
}

/** Rows in which a record's row may be whose key was written over, besides the one that was written. */
export function placesOfRecord({ key, decision: { action } }: WrittenRow, index: KeyIndex): number[] {
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

/** Rows in which something can be left over, the likeliest first. */
function placesOf(leftover: Leftover, index: KeyIndex, many: number): number[] {
  return 'row' in leftover ? [leftover.row, ...index.keyless] : placesOfNew(leftover, index, many)
}

/** The rows in which something is left over, if it is. Somebody may have moved rows, or columns, once more. */
export function placesOfLeftovers(
  damage: DamageLedger,
  view: TabView,
  index: KeyIndex,
  shown: ShownRows,
  over: readonly WrittenRow[],
): { one: Leftover; row: number | undefined }[] {
  const { leftovers } = damage
  const found = new Map<Leftover, number>()
  for (const one of leftovers) {
    if (!('row' in one)) continue
    const row = [one.row, damage.attemptedRow(one)].find(
      (at) => at !== undefined && isStray(view, one, at, true),
    )
    if (row !== undefined) found.set(one, row)
  }
  const taken = new Set(found.values())
  const news = new NewRowSearch(view, index, shown, leftovers.length, over)
  for (const one of leftovers) {
    const row = 'row' in one ? undefined : news.placeOf(one, taken)
    if (row === undefined) continue
    found.set(one, row)
    taken.add(row)
  }
  const rest = leftovers.filter((one): one is WrittenRow => 'row' in one && !found.has(one))
  for (const alike of Map.groupBy(rest, (one) => aimOf(one)).values()) {
    const [first] = alike
    const isPart = alike.some((one) => damage.attemptedRow(one) !== undefined)
    const rows = index.keyless.filter(
      (row) => !taken.has(row) && isStrayElsewhere(view, first as WrittenRow, row, isPart),
    )
    // More rows than were written: some are somebody's.
    if (rows.length > alike.length) continue
    for (const [at, row] of rows.entries()) {
      found.set(alike[at] as WrittenRow, row)
      taken.add(row)
    }
  }
  return leftovers.map((one) => ({ one, row: found.get(one) }))
}

/**
 * The row without a key that shows what was written for a record in a call of which nobody knows what it hit: the one
 * that was written, or another one, where that is more than a cell, and of ours all that it shows.
 */
export function placeOfStray(view: TabView, index: KeyIndex, one: WrittenRow): number | undefined {
  if (isStray(view, one, one.row)) return one.row
  const written = cellsByColumn(view.layout, one)
  const isAlone = (row: number) =>
    view.layout.columns.every((column) => written.has(column) || isEmpty(view.cells.get(row)?.[column]))
  if ([...written.values()].filter((cell) => !isEmpty(cell)).length < 2) return undefined
  const rows = index.keyless.filter((row) => isStrayElsewhere(view, one, row, false) && isAlone(row))
  return rows.length === 1 ? rows[0] : undefined
}

/** Whose cells a write was to change, and how. */
function aimOf({ key, decision: { action } }: WrittenRow): string {
  return JSON.stringify([key, action.kind === 'update' ? [...action.cells] : []])
}

/**
 * True for a row without a key that shows what was written for a record. Where the record has its row elsewhere, the
 * other cells of this one are somebody's; where it has none, any other cell means that this may be its row, which has
 * lost its key.
 * @param isPart whether some of it may have been taken out already
 */
function isStray({ keys, cells, layout }: TabView, one: WrittenRow, row: number, isPart = false): boolean {
  if (one.key === null || keys.at(row) !== undefined) return false
  const written = cellsByColumn(layout, one)
  const shown = cells.get(row) ?? []
  const isOurs = ([column, value]: [number, CellValue]) =>
    sameCell(shown[column], value) || (isPart && isEmpty(shown[column]))
  if ([...written.keys()].every((column) => isEmpty(shown[column])) || ![...written].every(isOurs))
    return false
  if (keys.includes(one.key)) return true
  // A row that is to become a record shows what was written because a person typed it.
  const isAlone = [...shown].every((cell, column) => isEmpty(cell) || written.has(column))
  return isAlone && one.decision.isEntry !== true
}

/**
 * The same for a row that was not the one that was written: its record has to have its row, and something to show. A part
 * of it tells only where nothing else of ours stands there, and more than a cell of it beside what people wrote.
 */
function isStrayElsewhere(view: TabView, one: WrittenRow, row: number, isPart: boolean): boolean {
  const written = cellsByColumn(view.layout, one)
  if (one.key === null || !view.keys.includes(one.key) || [...written.values()].every(isEmpty)) return false
  // What a person typed into a row that is to become a record may stand in a copy of it.
  if (one.decision.isEntry) return false
  if (isStray(view, one, row)) return true
  if (!isPart || !isStray(view, one, row, true)) return false
  const shown = [...(view.cells.get(row) ?? []).entries()].filter(([, cell]) => !isEmpty(cell))
  const others = shown.map(([column]) => column).filter((column) => !written.has(column))
  const isPeoples = others.every((column) => !view.layout.columns.includes(column))
  return others.length === 0 || (isPeoples && shown.length - others.length > 1)
}

/** What was written, by column of the tab. */
export function cellsByColumn({ columns }: TabView['layout'], { decision, columns: written }: WrittenRow) {
  const { action } = decision
  const cells = action.kind === 'update' ? action.cells : new Map<number, CellValue>()
  return new Map<number, CellValue>(written.map((index) => [columns[index] ?? -1, cells.get(index) ?? null]))
}
