import type { RecordDecision } from '../decide/decide-record.ts'
import type { TabView } from '../read/tab-view.ts'
import type { TargetWork } from './work.ts'

/** A tab as it was read, with the records that are brought up to date in it. */
interface DecidedTab {
  readonly work: TargetWork
  /** Undefined for one that is to be made. */
  readonly view: TabView | undefined
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
