import { type CellValue, isEmpty, type SheetCell, sameCell } from '../cells/cell.ts'
import type { TabView } from '../read/tab-view.ts'
import { keyCell, keyOf } from '../tab/mapping.ts'
import type { WrittenRow } from '../write/expectation.ts'

/** Whether the columns of ours stand elsewhere than when a row was written. */
function areColumnsMoved({ layout }: TabView, places: readonly number[]): boolean {
  return layout.columns.some((column, index) => column !== places[index])
}

/**
 * True for a record's own row whose key was written over by another of its cells, because somebody had moved columns:
 * it shows what was written and what it showed before, in any order, but for one cell each that was written over.
 * Columns stand elsewhere now, or the row had lost its key before; else a row that looks like it is another record's.
 * @param row the one that was written, or where it may be now
 */
export function isKeyOverwritten(view: TabView, one: WrittenRow, row: number): boolean {
  const { key, before, decision } = one
  const { action } = decision
  if (key === null || action.kind !== 'update') return false
  if (!areColumnsMoved(view, before.places) && !action.withKey) return false
  const there = view.keys.at(row)
  const cells = [...action.cells.values()]
  const mayShow = [...cells, ...(action.withKey ? [before.key ?? null] : [])]
  if (there !== undefined && !mayShow.some((cell) => !isEmpty(cell) && keyOf(cell) === there)) return false
  const shows = (written: readonly CellValue[]) => {
    const rest = takenFrom(view.cells.get(row) ?? [], written)
    const known = before.cells.filter((cell) => !isEmpty(cell))
    // One of the cells went over the key, unless that was lost already.
    const gone = written.length - (action.withKey ? 0 : 1)
    return rest !== undefined && known.filter((cell) => take(rest, cell)).length >= known.length - gone
  }
  // The key of a row that had lost it before was written as well, if the write arrived.
  return shows(cells) || (action.withKey && shows([...cells, keyCell(view.mapping, key)]))
}

/** What was written to a row, in the columns that stand now where it was written. */
export function asItStands({ layout }: TabView, one: WrittenRow): WrittenRow[] {
  const { before, decision, columns: planned } = one
  const { action } = decision
  const written = new Map<number, CellValue>(
    planned.map((index) => [
      before.places[index] ?? -1,
      (action.kind === 'update' ? action.cells.get(index) : null) ?? null,
    ]),
  )
  const cells = new Map<number, CellValue>(
    layout.columns.flatMap((column, index): [number, CellValue][] => {
      const value = written.get(column)
      return value === undefined ? [] : [[index, value]]
    }),
  )
  const columns = [...cells.keys()]
  if (columns.length === 0) return []
  if (action.kind === 'update')
    return [{ ...one, columns, decision: { ...decision, action: { ...action, cells } } }]
  return action.kind === 'empty'
    ? [{ ...one, columns, decision: { ...decision, action: { ...action, columns } } }]
    : []
}

/** Whether a row shows these cells, by column of the tab. */
export function showsCells(
  { cells }: TabView,
  row: number,
  wanted: Iterable<readonly [column: number, cell: SheetCell]>,
): boolean {
  const shown = cells.get(row)
  return [...wanted].every(([column, cell]) => sameCell(shown?.[column] ?? null, cell))
}

/** What a call was to write to a row. */
export interface Aim {
  readonly row: number
  /** Column of the tab of each column of the mapping, as the call was planned. */
  readonly places: readonly number[]
  /** By column of the mapping. */
  readonly cells: ReadonlyMap<number, SheetCell>
  /** What stood there before, in the order of the mapping's columns; undefined for a new row. */
  readonly before: readonly SheetCell[] | undefined
}

/**
 * Columns (of the mapping) of a row that show what was written for another column, because somebody had moved columns
 * before a write arrived of which nobody knows more. In a new row also those to which nothing came.
 */
export function misplaced(view: TabView, { row, places, cells, before }: Aim): Set<number> {
  if (!areColumnsMoved(view, places)) return new Set()
  const shown = view.cells.get(row) ?? []
  const isHit = (column: number, index: number) => {
    const cell = shown[column] ?? null
    if (sameCell(cell, cells.get(index) ?? null)) return false
    if (before === undefined && isEmpty(cell)) return true
    if (before !== undefined && sameCell(cell, before[index] ?? null)) return false
    return [...cells].some(([other, value]) => other !== index && sameCell(cell, value))
  }
  return new Set(view.layout.columns.flatMap((column, index) => (isHit(column, index) ? [index] : [])))
}

/** Whether a row shows everything that was written to it, in any columns, or nothing where it was emptied. */
export function showsWritten(view: TabView, { row, decision: { action } }: WrittenRow): boolean {
  const shown = view.cells.get(row) ?? []
  if (action.kind === 'empty') {
    return action.columns.every((index) => isEmpty(shown[view.layout.columns[index] ?? -1]))
  }
  return takenFrom(shown, action.kind === 'update' ? [...action.cells.values()] : []) !== undefined
}

/** What is left of a row without cells that were written; undefined when it does not show one of these. */
function takenFrom(row: readonly SheetCell[], written: readonly CellValue[]): SheetCell[] | undefined {
  const rest = row.filter((cell) => !isEmpty(cell))
  return written.every((cell) => isEmpty(cell) || take(rest, cell)) ? rest : undefined
}

function take(rest: SheetCell[], cell: SheetCell): boolean {
  const at = rest.findIndex((other) => sameCell(other, cell))
  if (at !== -1) rest.splice(at, 1)
  return at !== -1
}
