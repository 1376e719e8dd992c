import { isEmpty, type SheetCell, sameCell } from '../cells/cell.ts'
import type { ListedConflict } from '../store/conflicts.ts'
import type { WrittenRow } from '../write/expectation.ts'
import type { RecordsInHand } from './ledger.ts'

interface Listed {
  /** Of the mapping. */
  readonly index: number | undefined
  readonly sheet: SheetCell
}

/**
 * Conflicts that another worker recorded because it mistook the values of a lost call of ours for people's edits.
 * @param listed conflicts that were listed since the call was planned
 * @returns columns (of the mapping) by record, where all that was listed of it is what one row was to get elsewhere: in
 * these columns of another record, or in other columns of its own, for people move columns as well as rows
 */
export function falseConflicts(
  { damage: { suspicion }, mapping }: Pick<RecordsInHand, 'damage' | 'mapping'>,
  listed: readonly ListedConflict[],
): Map<string, ReadonlySet<number>> {
  const written = [...(suspicion?.written ?? []), ...(suspicion?.shifted ?? [])]
  const indexOf = new Map(mapping.columns.map(({ header }, index) => [header, index]))
  const found = new Map<string, ReadonlySet<number>>()
  for (const [id, conflicts] of Map.groupBy(listed, (one) => one.id)) {
    const cells: Listed[] = conflicts.map(({ header, sheet }) => ({ index: indexOf.get(header), sheet }))
    // People empty cells as well.
    if (cells.every(({ sheet }) => isEmpty(sheet))) continue
    const isBy = ({ key, decision: { action } }: WrittenRow) => {
      if (action.kind !== 'update') return false
      const isOurs = (cell: Listed) =>
        [...action.cells].some(
          ([index, value]) => (index === cell.index) === (key !== id) && sameCell(cell.sheet, value),
        )
      return cells.every(isOurs)
    }
    if (written.some(isBy)) found.set(id, new Set(cells.flatMap(({ index }) => index ?? [])))
  }
  return found
}
