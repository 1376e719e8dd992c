import type { Sql } from '../../../database/sql.ts'
import { type Intended, intendedIn, isIntended, isSettled, withIntended } from '../cells/base.ts'
import { type SheetCell, sameCell } from '../cells/cell.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import type { StoredRecord } from '../store/store.ts'
import { maySheetWin } from '../tab/mapping.ts'
import type { SpreadsheetMemory } from '../tab/spreadsheet-memory.ts'
import type { BatchContext } from './context.ts'
import type { TargetDecisions } from './decide-target.ts'
import type { TargetWork } from './work.ts'

/**
 * A call whose answer nobody has seen (it was lost, or its worker died, or lost the lane) may have hit rows that somebody
 * had just moved, and put the value of one record into the row of another. What a call was about to write is stored before it, so such a value is known: it is
 * nobody's edit, and is written over with what the database has.
 *
 * A person who typed just that value into that column, while the outcome of such a call was open, is written over as well.
 *
 * @returns true when some were found: everything is to be decided again
 */
export async function dropStrays(
  context: BatchContext,
  sql: Sql,
  lane: SpreadsheetMemory,
  decided: readonly TargetDecisions[],
): Promise<boolean> {
  let found = 0
  for (const decisions of decided) {
    found += await amongEdits(context, sql, decisions)
    if (lane.isToBeSearched(decisions.work.memory)) found += await inTheTab(context, sql, decisions)
  }
  if (found > 0)
    context.log.info({ cells: found }, 'values of a call that was lost stand in rows of other records')
  return found > 0
}

/** Among what looks as if people had typed it, in the rows of the records in hand. */
async function amongEdits(
  { store }: BatchContext,
  sql: Sql,
  { work, noops, writes }: TargetDecisions,
): Promise<number> {
  const edited = [...noops, ...writes].filter((one) => !one.isCleanup && typedIn(one).length > 0)
  if (edited.length === 0) return 0
  const open = await store.openIntents(sql, work.target.name)
  return edited
    .map((decision) => {
      const strays = strayColumns(decision, [...open, ...(work.memory.lost ?? [])])
      return mark(work, decision.id, (header) => strays.has(header))
    })
    .reduce((sum, count) => sum + count, 0)
}

/**
 * In every row, once: the record that such a call was about may be written again, which takes away what is stored of the
 * call, before anybody asks for the record whose row it hit.
 */
async function inTheTab({ store }: BatchContext, sql: Sql, { work, view }: TargetDecisions): Promise<number> {
  const { memory, mapping, target } = work
  const { lost = new Map<string, Intended>() } = memory
  memory.lost = new Map()
  if (view === undefined) return 0
  const contested = mapping.columns.flatMap((column, index) =>
    maySheetWin(column) ? [{ header: column.header, at: view.layout.columns[index] as number }] : [],
  )
  const written = new Map(contested.map(({ header }) => [header, recordsByValue(lost, header)]))
  const suspects = new Map<string, Map<string, SheetCell>>()
  for (const [row, id] of view.keys.entries()) {
    const shown = contested.flatMap(({ header, at }): [string, SheetCell][] => {
      const cell = view.cells.get(row)?.[at] ?? null
      const records = written.get(header)?.get(textOf(cell))
      return records === undefined || (records.size === 1 && records.has(id)) ? [] : [[header, cell]]
    })
    if (row > view.layout.headerRow && shown.length > 0) suspects.set(id, new Map(shown))
  }

  if (suspects.size === 0) return 0
  const stored = await store.loadRecords(sql, target.name, [...suspects.keys()])
  return [...suspects]
    .map(([id, cells]) => {
      const known = stored.get(id)
      return known ? mark(work, id, (header) => isForeign(known, header, cells.get(header))) : 0
    })
    .reduce((sum, count) => sum + count, 0)
}

/** The records into which a value was about to be written, by its text. */
function recordsByValue(lost: ReadonlyMap<string, Intended>, header: string): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>()
  for (const [id, intended] of lost) {
    for (const value of intendedIn(intended, header)) {
      if (value !== null) all.set(textOf(value), (all.get(textOf(value)) ?? new Set()).add(id))
    }
  }
  return all
}

/** The same for cells that show the same: a sheet keeps 15 digits, and one kind of line end. */
function textOf(cell: SheetCell): string {
  if (typeof cell === 'number') return cell.toPrecision(15)
  return JSON.stringify(typeof cell === 'string' ? cell.replace(/\r\n?/g, '\n') : cell)
}

/** Whether a cell shows neither what was agreed on, nor what a call was about to write into this record. */
function isForeign({ base, intended }: StoredRecord, header: string, shown: SheetCell | undefined): boolean {
  const known = withIntended(base, intended, () => shown)[header]
  if (shown === undefined || known === undefined) return false
  return !sameCell(isSettled(known) ? known.kept : known, shown)
}

function mark(work: TargetWork, id: string, isStray: (header: string) => boolean): number {
  const columns = work.mapping.columns.flatMap(({ header }, index) => (isStray(header) ? [index] : []))
  if (columns.length > 0) work.markOverwritten(id, new Set(columns))
  return columns.length
}

function strayColumns(
  decision: RecordDecision,
  intents: readonly (readonly [id: string, intended: Intended])[],
): ReadonlySet<string> {
  const isStray = (header: string, shown: SheetCell) =>
    intents.some(([other, intended]) => other !== decision.id && isIntended(intended, header, shown))
  return new Set(typedIn(decision).flatMap(({ header, shown }) => (isStray(header, shown) ? [header] : [])))
}

/** Cells that are taken for people's: edits, and what differs where a sheet's value may stand. */
function typedIn({ edits = [], conflicts }: RecordDecision) {
  return [...edits, ...conflicts.map(({ header, sheet }) => ({ header, shown: sheet }))]
}
