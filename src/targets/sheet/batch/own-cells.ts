import { type Intended, intendedToo, ROW_REMOVED } from '../cells/base.ts'
import type { CellValue } from '../cells/cell.ts'
import { type RecordDecision, rowDeletedPolicy } from '../decide/decide-record.ts'
import type { TabView } from '../read/tab-view.ts'
import type { StoredRecord } from '../store/store.ts'
import { maySheetWin } from '../tab/mapping.ts'
import type { TargetWork } from './work.ts'

/** A tab as it was read, with the records that are brought up to date in it. */
interface DecidedTab {
  readonly work: TargetWork
  /** Undefined for one that is to be made. */
  readonly view: TabView | undefined
}

interface StoredSide {
  readonly stored: ReadonlyMap<string, StoredRecord>
}

/** Whether what was known of a tab's cells says nothing about it: it was made again. */
export function isFresh({ work, view }: DecidedTab): boolean {
  return view === undefined || work.memory.isReplaced
}

/**
 * Headers of the cells of a record's row that show what the library writes now, or wrote by mistake: an edit of them that
 * waits does not stand there any more.
 */
export function ownCells(tab: DecidedTab, { id, action }: RecordDecision): ReadonlySet<string> {
  const { work, view } = tab
  const headers = work.mapping.columns.map(({ header }) => header)
  if (isFresh(tab) || action.kind === 'append') return new Set(headers)
  const written = action.kind === 'update' ? [...action.cells.keys()] : []
  const overwritten = work.todo.get(id)?.overwritten ?? []
  const columns = [...written, ...overwritten].flatMap((index) => headers[index] ?? [])
  return new Set([...columns, ...(view?.newHeaders ?? [])])
}

/**
 * What a call with these decisions writes over known records of a tab in which a person's value may stand: in any column, as
 * people may move them; and which rows it removes, where rows that people remove do not come back.
 */
export function intendedBy(
  { work, stored }: Pick<DecidedTab, 'work'> & StoredSide,
  decisions: readonly RecordDecision[],
) {
  const all = new Map<string, Intended>()
  const { columns } = work.mapping
  const maySheetWinAny = columns.some(maySheetWin)
  const areRemovalsKept = rowDeletedPolicy(work.mapping) !== 'restore'
  for (const { id, action, isCleanup } of decisions) {
    const known = stored.get(id)
    if (isCleanup || !known) continue
    // It may hit another row than it is meant for, which a person would seem to have removed.
    if (action.kind === 'remove' && areRemovalsKept)
      all.set(id, intendedToo(known.intended, [[ROW_REMOVED, true]]))
    if (!maySheetWinAny || (action.kind !== 'update' && action.kind !== 'append')) continue
    const cells = action.cells
    const written = columns.flatMap(({ header }, index): [string, CellValue][] => {
      const cell = cells instanceof Map ? cells.get(index) : (cells as readonly CellValue[])[index]
      return cell === undefined ? [] : [[header, cell]]
    })
    if (written.length > 0) all.set(id, intendedToo(known.intended, written))
  }
  return all
}
