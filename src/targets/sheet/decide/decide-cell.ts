import type { ConflictStrategy } from '../../../config/conflict.ts'
import * as merge from '../../merge/decide-value.ts'
import type { ChangeTimes, Words } from '../../merge/values.ts'
import { type BaseCell, isSettled } from '../cells/base.ts'
import { type CellValue, isFormula, type SheetCell, sameCell } from '../cells/cell.ts'
import type { Codec } from '../cells/codec.ts'
import { fitting } from '../cells/codec.ts'
import type { Zone } from '../cells/zone.ts'

/** A cell that a person edited, as it is stored and listed. */
export type ConflictNote = merge.ConflictNote<SheetCell, CellValue>

/** What happens to one cell. */
export interface CellDecision extends merge.ValueDecision<SheetCell, CellValue> {
  /** What a person typed into a writable column, and what both sides had agreed on before. */
  readonly edit?: {
    readonly base: SheetCell
    readonly shown: SheetCell
    /** True for a cell that was dealt with before, and is no news: the database's value is. */
    readonly isOld: boolean
  }
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
  /** Whether an edit goes to the database, where its strategy decides. @defaultValue false */
  readonly isWritable?: boolean
  /** The codec that reads the three values for the strategy. */
  readonly codec: () => Codec
  readonly zone: Zone
  readonly times: () => ChangeTimes
}

/** How reasons speak of a sheet. */
export const WORDS: Words = { place: 'sheet', changed: 'edited', part: 'column' }

/** Decides one cell, see {@link merge.decideValue}. */
export function decideCell({
  header,
  wanted,
  sheet,
  base,
  strategy,
  isWritable,
  codec,
  zone,
  times,
}: CellCase): CellDecision {
  if (base === undefined) return sameCell(sheet, wanted) ? { base: wanted } : { write: wanted, base: wanted }
  if (isWritable) return decideWritable(wanted, sheet, base)
  return merge.decideValue<SheetCell, CellValue>({
    ...{ header, wanted, shown: sheet, base, strategy, times },
    rules: {
      same: sameCell,
      isSettled,
      isWritable: (cell): cell is CellValue => !isFormula(cell),
      read: (cell) => codec().decode(cell, zone),
      fit: (value) => encoded(codec(), value, zone),
      words: WORDS,
    },
  })
}

/**
 * A cell that differs from its base was edited: it is left alone, and goes to the database, where everything else is
 * decided with the record in hand. One that was refused stays as it is until it, or the database's value, changes.
 */
function decideWritable(wanted: CellValue, shown: SheetCell, base: BaseCell): CellDecision {
  if (sameCell(shown, wanted)) return { base: wanted }
  const agreed = isSettled(base) ? base.from : base
  if (isSettled(base) && sameCell(wanted, base.over) && sameCell(shown, base.kept)) return { base }
  if (sameCell(shown, agreed)) return { write: wanted, base: wanted }
  return { base, edit: { base: agreed, shown, isOld: isSettled(base) && sameCell(shown, base.kept) } }
}

/** The cell of a merged value, or undefined when no cell takes it. */
function encoded(codec: Codec, value: unknown, zone: Zone): CellValue | undefined {
  try {
    return fitting(codec.encode(value, zone))
  } catch {
    return undefined
  }
}
