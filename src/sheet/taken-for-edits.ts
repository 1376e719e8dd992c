import { isEmpty, sameCell } from './cells/cell.ts'
import type { ListedConflict } from './store.ts'
import type { WrittenRow } from './verify.ts'
import type { TargetWork } from './work.ts'

/**
 * Another worker that went on takes what a lost call wrote over a record for an edit, where people's values may stand.
 * @param listed conflicts that were listed since the call was planned
 * @returns columns (of the mapping) by record: those of which all that was listed is what one call was to write elsewhere
 */
export function takenForEdits(
  { suspicion, mapping }: TargetWork,
  listed: readonly ListedConflict[],
): Map<string, ReadonlySet<number>> {
  const written = [...(suspicion?.written ?? []), ...(suspicion?.shifted ?? [])]
  const indexOf = new Map(mapping.columns.map(({ header }, index) => [header, index]))
  const found = new Map<string, ReadonlySet<number>>()
  for (const [id, conflicts] of Map.groupBy(listed, (one) => one.id)) {
    const cells = conflicts.map(({ header, sheet }) => ({ index: indexOf.get(header) ?? -1, sheet }))
    // People empty cells as well.
    if (cells.every(({ sheet }) => isEmpty(sheet))) continue
    const isBy = ({ key, decision: { action } }: WrittenRow) =>
      key !== id &&
      action.kind === 'update' &&
      cells.every(({ index, sheet }) => action.cells.has(index) && sameCell(sheet, action.cells.get(index)))
    if (written.some(isBy)) found.set(id, new Set(cells.map(({ index }) => index)))
  }
  return found
}
