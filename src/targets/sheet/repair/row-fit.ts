import { isEmpty, sameCell } from '../cells/cell.ts'
import type { TabView } from '../read/tab-view.ts'
import { type Mapping, maySheetWin } from '../tab/mapping.ts'
import type { RowBefore, WrittenRow } from '../write/expectation.ts'

/** What a row showed. */
export type KnownRow = Pick<RowBefore, 'cells'> & Partial<RowBefore>

/**
 * Whether the cells that a write left alone are these; undefined where there are none to tell.
 * @param withPeoples whether those of people's columns count, where these are known and stand where they did
 */
export function doesFit(
  view: TabView,
  row: number,
  one: WrittenRow,
  known: KnownRow,
  withPeoples = false,
): boolean | undefined {
  const left = [...leftAlone(view, row, one, known), ...(withPeoples ? peoplesCells(view, row, known) : [])]
  if (left.every(({ found, wanted }) => isEmpty(found) && isEmpty(wanted))) return undefined
  return left.every(({ found, wanted }) => sameCell(found, wanted))
}

/**
 * Whether at least half of them are these, and the others such in which an edit may stand that no base knows of. Where
 * people add rows, more than half: a new row has ticks and names in common with others.
 */
export function doesFitButForEdits(
  { columns, target }: Mapping,
  view: TabView,
  row: number,
  one: WrittenRow,
  known: KnownRow,
): boolean {
  const areAdded = target.edits?.newRows === 'create'
  const left = leftAlone(view, row, one, known).filter(
    (cell) => !isEmpty(cell.found) || !isEmpty(cell.wanted),
  )
  const same = left.filter(({ found, wanted }) => sameCell(found, wanted))
  const others = left.filter((cell) => !same.includes(cell))
  return (
    same.length > 0 &&
    same.length >= others.length + (areAdded ? 1 : 0) &&
    others.every(({ index }) => maySheetWin(columns[index]))
  )
}

function leftAlone(view: TabView, row: number, { columns }: WrittenRow, { cells }: KnownRow) {
  const here = view.cells.get(row) ?? []
  return view.layout.columns.flatMap((column, index) =>
    columns.includes(index) ? [] : [{ index, found: here[column] ?? null, wanted: cells[index] ?? null }],
  )
}

function peoplesCells({ cells, layout }: TabView, row: number, { all, places }: KnownRow) {
  if (!all || layout.columns.some((column, index) => column !== places?.[index])) return []
  const here = cells.get(row) ?? []
  const ours = new Set([layout.key, ...layout.columns])
  return Array.from({ length: Math.max(all.length, here.length) }, (_, column) => column)
    .filter((column) => !ours.has(column))
    .map((column) => ({ found: here[column] ?? null, wanted: all[column] ?? null }))
}
