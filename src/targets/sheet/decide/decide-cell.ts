import type { ConflictStrategy } from '../../../config/conflict.ts'
import { type BaseCell, isSettled } from '../cells/base.ts'
import { type CellValue, isFormula, type SheetCell, sameCell } from '../cells/cell.ts'
import type { Codec } from '../cells/codec.ts'
import { fitting } from '../cells/codec.ts'
import type { Zone } from '../cells/zone.ts'
import { type ChangeTimes, decideConflict, type Verdict } from './merge.ts'

/** Whose value a conflict left standing. */
export type Winner = 'database' | 'sheet' | 'merged' | 'none'

/** A cell that a person edited, as it is stored and listed. */
export interface ConflictNote {
  readonly header: string
  readonly base: SheetCell
  readonly database: CellValue
  readonly sheet: SheetCell
  readonly winner: Winner
  readonly reason: string
  /** True while the cell differs from the database. */
  readonly open: boolean
}

/** What happens to one cell. */
export interface CellDecision {
  /** What to write; undefined to leave the cell alone. */
  readonly write?: CellValue
  readonly base: BaseCell
  readonly conflict?: ConflictNote
}

/** What decides about one cell. */
export interface CellCase {
  readonly header: string
  /** What the database says. */
  readonly wanted: CellValue
  readonly sheet: SheetCell
  /** Undefined when the cell was never written, so that nothing is known of edits. */
  readonly base: BaseCell | undefined
  readonly strategy: ConflictStrategy
  /** The codec that reads the three values for the strategy. */
  readonly codec: () => Codec
  readonly zone: Zone
  readonly times: () => ChangeTimes
}

/**
 * Decides one cell. A cell that still shows the base was not edited and takes the database's value; one that
 * already shows the database's value is in order; any other was edited by a person, and the strategy decides.
 */
export function decideCell(given: CellCase): CellDecision {
  const { wanted, sheet, base } = given
  if (isSettled(base)) {
    if (sameCell(wanted, base.over)) {
      if (sameCell(sheet, base.kept)) return { base }
      // A formula can be left where it is, not written.
      if (sameCell(sheet, base.seen) && !isFormula(base.kept)) {
        return { write: base.kept, base: { ...base, seen: base.kept } }
      }
    }
    // The database moved on, or the cell was edited again.
    return decideAgainst(given, base.from)
  }
  if (base === undefined) return sameCell(sheet, wanted) ? { base: wanted } : { write: wanted, base: wanted }
  return decideAgainst(given, base)
}

function decideAgainst(given: CellCase, base: SheetCell): CellDecision {
  const { wanted, sheet, strategy, codec, zone, times } = given
  if (sameCell(sheet, wanted)) return { base: wanted }
  if (sameCell(sheet, base)) return { write: wanted, base: wanted }
  const coder = codec()
  const read = (cell: SheetCell) => coder.decode(cell, zone)
  const values = { base: read(base), database: read(wanted), sheet: read(sheet) }
  return apply(given, base, decideConflict(strategy, values, times))
}

function apply(given: CellCase, base: SheetCell, verdict: Verdict): CellDecision {
  const { wanted, sheet } = given
  const note = (winner: Winner, open: boolean, reason = verdict.reason): ConflictNote => ({
    header: given.header,
    base,
    database: wanted,
    sheet,
    winner,
    reason,
    open,
  })
  switch (verdict.take) {
    case 'database':
      return { write: wanted, base: wanted, conflict: note('database', false) }
    case 'sheet':
      return { base, conflict: note('sheet', true) }
    case 'nobody':
      return { base, conflict: note('none', true) }
    case 'value': {
      const value = encoded(given, verdict.value)
      if (value === undefined) {
        return {
          base,
          conflict: note(
            'none',
            true,
            `${verdict.reason}, but no cell takes the result; waits for a decision`,
          ),
        }
      }
      if (sameCell(value, wanted)) return { write: wanted, base: wanted, conflict: note('merged', false) }
      // From here the sheet differs from the database by what people did, and by nothing else.
      const settled: BaseCell = { kept: value, over: wanted, seen: value, from: wanted }
      return {
        ...(!sameCell(value, sheet) && { write: value }),
        base: settled,
        conflict: note('merged', true),
      }
    }
  }
}

/** The cell of a merged value, or undefined when no cell takes it. */
function encoded({ codec, zone }: CellCase, value: unknown): CellValue | undefined {
  try {
    return fitting(codec().encode(value, zone))
  } catch {
    return undefined
  }
}
