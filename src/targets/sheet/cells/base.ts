import type * as merge from '../../merge/settled.ts'
import { type CellValue, isFormula, type SheetCell, sameCell } from './cell.ts'

/** A decision about one cell. */
export type Settled = merge.Settled<SheetCell, CellValue>

/** What is known of one cell: the value both sides agreed on, or a decision to let them differ. */
export type BaseCell = SheetCell | Settled

/** What is known of a record's cells, by header. As stored in `sync_record.base`. */
export type Base = Readonly<Record<string, BaseCell>>

export function isSettled(base: BaseCell | undefined): base is Settled {
  return typeof base === 'object' && base !== null && 'kept' in base
}

/** Whether two bases say the same, so that nothing has to be stored. */
export function sameBase(a: BaseCell | undefined, b: BaseCell | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  if (isSettled(a) || isSettled(b)) {
    return (
      isSettled(a) &&
      isSettled(b) &&
      sameCell(a.kept, b.kept) &&
      sameCell(a.over, b.over) &&
      sameCell(a.seen, b.seen) &&
      sameCell(a.from, b.from)
    )
  }
  return sameCell(a, b) && isFormula(a) === isFormula(b)
}

/**
 * What calls were about to write whose result was never stored, by header, the oldest first. As stored in
 * `sync_record.intended`.
 */
export type Intended = Readonly<Record<string, readonly CellValue[]>>

/** In place of a header: the call was about to remove the record's row. */
export const ROW_REMOVED = ''

/** Calls of one cell that may be open at a time. */
const MAX_INTENDED = 16

/** What calls were about to write into a column, the oldest first. */
export function intendedIn(intended: Intended, header: string): readonly CellValue[] {
  // A worker of an earlier version, which may run beside this one, stores one value without a list.
  const stored: readonly CellValue[] | CellValue | undefined = intended[header]
  return stored === undefined ? [] : [stored].flat()
}

/** Whether a cell shows what a call was about to write into the column. */
export function isIntended(intended: Intended, header: string, shown: SheetCell): boolean {
  return intendedIn(intended, header).some((value) => value !== null && sameCell(value, shown))
}

/** Takes note of what another call is about to write: the calls before it may have written, or write yet. */
export function intendedToo(
  before: Intended | null,
  cells: readonly (readonly [header: string, value: CellValue])[],
): Intended {
  const all: Record<string, readonly CellValue[]> = { ...before }
  for (const [header, value] of cells) {
    const others = intendedIn(all, header).filter((other) => !sameCell(other, value))
    all[header] = [...others, value].slice(-MAX_INTENDED)
  }
  return all
}

/**
 * The base after calls whose worker died before it could store one: a cell that shows what one of them was about to
 * write was written by it, and nobody edited it.
 * @param shown what the cell of a column shows now
 */
export function withIntended(
  base: Base,
  intended: Intended | null,
  shown: (header: string) => SheetCell | undefined,
): Base {
  if (intended === null) return base
  const done = Object.keys(intended).flatMap((header): [string, CellValue][] => {
    const known = base[header]
    const cell = shown(header)
    // A decision that the cell already shows stays a decision.
    if (cell === undefined || (isSettled(known) && sameCell(cell, known.kept))) return []
    return intendedIn(intended, header).flatMap((value) => (sameCell(cell, value) ? [[header, value]] : []))
  })
  return done.length === 0 ? base : { ...base, ...Object.fromEntries(done) }
}
