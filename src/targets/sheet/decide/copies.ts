import { type Base, isSettled } from '../cells/base.ts'
import { type CellValue, isEmpty, sameCell } from '../cells/cell.ts'
import type { TabView } from '../read/tab-view.ts'
import type { RecordDecision, RowAction } from './decide-record.ts'

/** The rows that have a record's key. */
export interface OwnRow {
  /** The record's own row. */
  readonly own: number
  readonly copies: readonly Copy[]
}

/** Another row with its key. */
interface Copy {
  readonly row: number
  /** Whether it shows exactly the same in every column. */
  readonly isSame: boolean
  /** Whether it shows nothing else. */
  readonly isPart: boolean
  /** Whether it shows what the library wrote and nothing else, while people say that another row is the record's. */
  readonly isReplaced: boolean
}

/**
 * Of several rows with a record's key, chooses the one that shows most of what was last written or is to be, the upper
 * of equal ones: the others are copies that a person made.
 * @param isDoubted whether it got a row although another one may be its own: then that one is, if a person has typed its key
 * there
 * @returns undefined when no row has the key
 */
export function chooseRow(
  view: TabView,
  id: string,
  base: Base | undefined,
  wanted: readonly CellValue[] | undefined,
  isDoubted = false,
): OwnRow | undefined {
  const rows = view.rows.get(id) ?? []
  const [first] = rows
  if (first === undefined) return undefined
  if (rows.length === 1) return { own: first, copies: [] }
  const scores = rows.map((row) => ({ row, score: scoreOf(view, row, base, wanted) }))
  const isWritten = ({ row, score }: { row: number; score: number }) =>
    isDoubted && score === view.mapping.columns.length && showsNothingElse(view, row)
  const typed = scores.filter((one) => !isWritten(one))
  const best = (typed.length > 0 ? typed : scores).reduce((a, b) => (b.score > a.score ? b : a))
  const copies = scores
    .filter(({ row }) => row !== best.row)
    .map((one) => ({
      row: one.row,
      isSame: isSameRow(view, one.row, best.row),
      isPart: isSameRow(view, one.row, best.row, true),
      isReplaced: isWritten(one) && typed.length > 0,
    }))
  return { own: best.row, copies }
}

/** Whether nothing stands in columns that are not the library's. */
function showsNothingElse({ cells, layout }: TabView, row: number): boolean {
  const own = new Set([layout.key, ...layout.columns])
  return (cells.get(row) ?? []).every((cell, column) => isEmpty(cell) || own.has(column))
}

/**
 * What happens to copies of a row: an exact one is removed; one that differs is a person's work, it loses the key and
 * stays.
 * @param areNew whether a row without a key becomes a record: then whoever copies a row wants another one
 * @param cameBack whether the record's row was gone and was written anew: then somebody has undone what removed it
 */
export function decideCopies(
  id: string,
  { copies }: OwnRow,
  { areNew, cameBack }: { readonly areNew: boolean; readonly cameBack: boolean },
): RecordDecision[] {
  return copies.map(({ row, isSame, isPart, isReplaced }) =>
    cleanup(
      id,
      isReplaced || (isPart && cameBack) || (isSame && !areNew)
        ? { kind: 'remove', row }
        : { kind: 'empty', row, columns: [], withKey: true },
    ),
  )
}

/** A decision that takes something out of a row that is not the record's own: it says nothing about the record. */
export function cleanup(id: string, action: RowAction): RecordDecision {
  return {
    id,
    action,
    change: 'written',
    base: undefined,
    missing: false,
    conflicts: [],
    agreed: [],
    isCleanup: true,
  }
}

function scoreOf(
  view: TabView,
  row: number,
  base: Base | undefined,
  wanted: readonly CellValue[] | undefined,
): number {
  const cells = view.cells.get(row) ?? []
  return view.mapping.columns.filter(({ header }, index) => {
    const known = base?.[header]
    const cell = cells[view.layout.columns[index] ?? -1]
    // What was written may not be stored yet.
    if (wanted && sameCell(cell, wanted[index] ?? null)) return true
    return known !== undefined && sameCell(cell, isSettled(known) ? known.seen : known)
  }).length
}

/** @param inPart whether the first may lack cells of the second */
function isSameRow(view: TabView, a: number, b: number, inPart = false): boolean {
  const one = view.cells.get(a) ?? []
  const other = view.cells.get(b) ?? []
  for (let column = 0; column < Math.max(one.length, other.length); column++) {
    if (isEmpty(one[column]) && (inPart || isEmpty(other[column]))) continue
    if (!sameCell(one[column], other[column])) return false
  }
  return true
}
