import type { Sql } from '../../../database/sql.ts'
import type { CallSignals } from '../../../lane/signals.ts'
import { isEmpty, isFormula, type SheetCell, sameCell } from '../cells/cell.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import { withTypedDates } from '../edits/typed-dates.ts'
import type { SpreadsheetMemory } from '../tab/spreadsheet-memory.ts'
import type { BatchContext } from './context.ts'
import type { TargetDecisions } from './decide-target.ts'
import { ownCells } from './own-cells.ts'
import type { TargetWork } from './work.ts'

/** The spreadsheet in which edits were seen. */
interface EditedPlace {
  readonly id: string
  readonly lane: SpreadsheetMemory
  readonly signals: CallSignals
}

/**
 * Puts what people typed into the inbox, and queues its jobs. Not while something is to be repaired: what looks like an
 * edit may be a value of ours in a wrong place then.
 */
export async function takeEdits(
  context: BatchContext,
  sql: Sql,
  { id, lane, signals }: EditedPlace,
  work: TargetWork,
): Promise<void> {
  const { inbox, log } = context
  if (!work.isClean) return
  const found = work.takeEdits(lane.zone.name)
  if (found === undefined) return
  const edits = await withTypedDates(context, id, work, found.edits, signals)
  const told = edits.flatMap((edit) => edit ?? [])
  const { records } = await inbox.take(sql, work.target.name, { ...found, edits: told })
  if (records > 0) log.info({ target: work.target.name, records }, 'people edited records')
}

/**
 * Ends edits that wait for their job, of cells that the library writes now or wrote by mistake. Were one of them applied,
 * what the library writes there would look like the next edit: of a person, who typed nothing.
 *
 * @returns false when one has been applied, or refused, since it was read: everything is to be read again
 */
export async function endEdits(
  { inbox, log }: BatchContext,
  sql: Sql,
  decisions: TargetDecisions,
): Promise<boolean> {
  const { noops, writes, edits, work } = decisions
  const cells = [...noops, ...writes].flatMap((decision) => {
    const { id, action, isCleanup } = decision
    const open = isCleanup ? undefined : edits.get(id)
    if (open === undefined) return []
    const own = ownCells(decisions, decision)
    const isOver = (column: string, kind: string) =>
      kind === 'remove' ? action.kind === 'append' : own.has(column)
    return [...open].flatMap(([column, { kind, state }]) =>
      state !== 'refused' && isOver(column, kind) ? [{ id, column }] : [],
    )
  })
  if (cells.length === 0) return true
  const ended = await inbox.end(sql, work.target.name, cells)
  if (ended > 0) log.info({ target: work.target.name, edits: ended }, 'edits were written over')
  return ended === cells.length
}

/** Rows of records that were never written which are told of, at most: more are a tab that is taken over with its rows. */
const MOST_UNWRITTEN = 20

/**
 * Lists as lost what is about to be written over, although nobody knows what the cell showed before, and no record has:
 * somebody typed it where rows had just been moved, before that was put right, or into a new row whose worker died before it
 * had noted what it had written there.
 */
export async function listLost(
  { inbox, log }: BatchContext,
  sql: Sql,
  { work, view, stored, writes }: TargetDecisions,
): Promise<void> {
  const { target, mapping } = work
  if (target.edits === undefined || view === undefined) return
  const isUnwritten = ({ id, action, isEntry }: RecordDecision) =>
    action.kind === 'update' && !isEntry && !stored.has(id)
  const areFew = writes.filter(isUnwritten).length <= MOST_UNWRITTEN
  const cells = writes.flatMap((decision) => {
    const { id, action } = decision
    const todo = work.todo.get(id)
    const base = stored.get(id)?.base ?? (areFew && isUnwritten(decision) ? {} : undefined)
    if (action.kind !== 'update' || todo === undefined) return []
    return [...action.cells.keys()].flatMap((index) => {
      const column = mapping.columns[index]
      const isUnknown = base !== undefined && column !== undefined && base[column.header] === undefined
      if (!isUnknown && !todo.overwritten.has(index)) return []
      const shown: SheetCell = view.cells.get(action.row)?.[view.layout.columns[index] ?? -1] ?? null
      const isTyped = column?.isWritable && !isEmpty(shown) && !isFormula(shown)
      const isOurs = sameCell(shown, action.cells.get(index)) || sameCell(shown, todo.strays.get(index))
      return isTyped && !isOurs ? [{ id, column: column.header, shown }] : []
    })
  })
  const lost = await inbox.lose(sql, target.name, cells)
  if (lost > 0) log.info({ target: target.name, edits: lost }, 'a repair wrote over what people had typed')
}
