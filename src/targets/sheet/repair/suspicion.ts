import { cleanup } from '../decide/copies.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import type { NewRow, RowBefore, WrittenRow } from '../write/expectation.ts'

/**
 * What a write may have damaged, to be looked for in what is read next: somebody may have moved rows between what was
 * read and what was written.
 */
export interface Suspicion {
  /** Keys that stood in the tab before, without those of rows that were to be removed. */
  readonly keys: ReadonlySet<string>
  /** What the rows of these keys showed, as far as they had been read. */
  readonly seen?: ReadonlyMap<string, RowBefore> | undefined
  /** Rows that were written; a record that stands in one that was meant for another may have been written over. */
  readonly written: readonly WrittenRow[]
  readonly shifted?: readonly ShiftedRow[]
  /** Rows that showed another key when they had been written: it may be a new row that is to be taken out again. */
  readonly overwrote?: readonly WrittenRow[]
}

/** A row that was written while somebody moved columns. */
export interface ShiftedRow extends WrittenRow {
  /** Columns (of the mapping) that were to be written, or stood where one of these was. */
  readonly hit: ReadonlySet<number>
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

/**
 * The decision that takes something of ours out of a row again.
 * @param withKey whether the row's key is ours as well
 */
export function removal(leftover: Leftover, row: number, withKey = false): RecordDecision {
  if (!('row' in leftover)) return cleanup(leftover.id, { kind: 'remove', row })
  return cleanup(leftover.decision.id, { kind: 'empty', row, columns: leftover.columns, withKey })
}
