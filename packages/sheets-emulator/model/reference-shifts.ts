import { isFormula } from './cell.ts'
import type { Grid } from './grid.ts'
import type { Dimension } from './rect.ts'
import { type Corner, changeReferences, type Reference } from './references.ts'

/** Something that moved, as the references of formulas have to follow it. `title` is the tab's at that moment. */
export type ReferenceShift = { readonly sheetId: number; readonly title: string } & (
  | {
      readonly kind: 'lines'
      readonly dimension: Dimension
      /** Where a row or column is afterwards. */
      readonly move: (index: number) => number
      /** Rows or columns `[start, end)` that are deleted. */
      readonly cut: readonly [number, number] | undefined
    }
  | { readonly kind: 'rename'; readonly to: string }
  | { readonly kind: 'gone' }
)

/** A tab, as far as its formulas are concerned. */
interface FormulaTab {
  readonly sheetId: number
  readonly grid: Grid
}

/** Rewrites the references of all formulas after `moves`, in their order. */
export function shiftReferences(tabs: readonly FormulaTab[], moves: readonly ReferenceShift[]): void {
  const shifts = moves.map((shift) => ({ ...shift, title: shift.title.toLowerCase() }))
  for (const tab of tabs) {
    if (!tab.grid.mayHaveFormulas) continue
    tab.grid.forEachRow(0, tab.grid.usedRows, ({ cells }, row) => {
      for (let column = 0; column < cells.length; column++) {
        const cell = cells[column]
        if (!isFormula(cell)) continue
        const formula = changeReferences(cell.formula, (reference) => follow(reference, tab, shifts))
        if (formula !== cell.formula) tab.grid.put(row, column, { ...cell, formula })
      }
    })
  }
}

/** @param shifts with their titles in lower case: a formula may write a title in any case */
function follow(start: Reference, own: FormulaTab, shifts: readonly ReferenceShift[]): Reference | 'gone' {
  let reference = start
  let title = start.title?.toLowerCase()
  for (const shift of shifts) {
    const meant = title === undefined ? own.sheetId === shift.sheetId : title === shift.title
    if (!meant) continue
    if (shift.kind === 'gone') return 'gone'
    if (shift.kind === 'rename') {
      if (reference.title !== undefined) reference = { ...reference, title: shift.to }
      if (title !== undefined) title = shift.to.toLowerCase()
      continue
    }
    const { dimension, move, cut } = shift
    const key = dimension === 'ROWS' ? 'row' : 'column'
    const [a, b] = [reference.from[key], reference.to?.[key]]
    // A range that is open in this dimension, such as A:A for rows, has nothing to move.
    if (a === undefined || (reference.to && b === undefined)) continue
    const first = cut && a >= cut[0] && a < cut[1] ? (reference.to ? cut[0] : -1) : move(a)
    const last = b === undefined ? undefined : cut && b >= cut[0] && b < cut[1] ? cut[0] - 1 : move(b)
    if (first < 0 || (cut && last !== undefined && last < first)) return 'gone'
    // A move can turn the corners of a range round.
    const [from, to] = last !== undefined && last < first ? [last, first] : [first, last]
    const at = (corner: Corner, index: number): Corner => ({ ...corner, [key]: index })
    reference = {
      ...reference,
      from: at(reference.from, from),
      to: reference.to && to !== undefined ? at(reference.to, to) : undefined,
    }
  }
  return reference
}
