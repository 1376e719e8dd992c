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
export type CellDecision = merge.ValueDecision<SheetCell, CellValue>

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

const WORDS: Words = { place: 'sheet', changed: 'edited', part: 'column' }

/** Decides one cell, see {@link merge.decideValue}. */
export function decideCell({
  header,
  wanted,
  sheet,
  base,
  strategy,
  codec,
  zone,
  times,
}: CellCase): CellDecision {
  if (base === undefined) return sameCell(sheet, wanted) ? { base: wanted } : { write: wanted, base: wanted }
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

/** The cell of a merged value, or undefined when no cell takes it. */
function encoded(codec: Codec, value: unknown, zone: Zone): CellValue | undefined {
  try {
    return fitting(codec.encode(value, zone))
  } catch {
    return undefined
  }
}
