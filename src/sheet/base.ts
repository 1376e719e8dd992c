import { type CellValue, isFormula, type SheetCell, sameCell } from './cells/cell.ts'

/**
 * A decision that a person, or a merge, made about one cell: the sheet keeps a value that differs from the
 * database's, until either side changes again.
 */
export interface Settled {
  /** What the cell shall show. */
  readonly kept: SheetCell
  /** The database's value at the time of the decision. */
  readonly over: CellValue
  /** What the cell showed at the time of the decision. */
  readonly seen: SheetCell
  /** What a later edit of the cell, or change in the database, is compared with. */
  readonly from: SheetCell
}

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
