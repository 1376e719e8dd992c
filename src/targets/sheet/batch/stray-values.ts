import type { Sql } from '../../../database/sql.ts'
import type { CallSignals } from '../../../lane/signals.ts'
import { type Intended, intendedIn, isIntended, isSettled, withIntended } from '../cells/base.ts'
import { type SheetCell, sameCell } from '../cells/cell.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import { readColumns } from '../edits/look.ts'
import type { TabView } from '../read/tab-view.ts'
import type { StoredRecord } from '../store/store.ts'
import { type MappedColumn, type Mapping, maySheetWin } from '../tab/mapping.ts'
import type { SpreadsheetMemory } from '../tab/spreadsheet-memory.ts'
import type { BatchContext } from './context.ts'
import type { TargetDecisions } from './decide-target.ts'
import type { TargetWork } from './work.ts'

/** The spreadsheet that is searched. */
interface SearchedPlace {
  readonly id: string
  readonly lane: SpreadsheetMemory
  readonly signals: CallSignals
}

/**
 * A call whose answer nobody has seen (it was lost, or its worker died, or lost the lane) may have hit rows that somebody
 * had just moved, and put the value of one record into the row of another. What a call was about to write is stored before
 * it, so such a value is known: it is nobody's edit, and is written over with what the database has.
 *
 * A person who typed just that value into that column, while such a call was on its way, is written over as well, if the call
 * has arrived and not in its own row.
 *
 * @returns true when some were found: everything is to be decided again
 */
export async function dropStrays(
  context: BatchContext,
  sql: Sql,
  place: SearchedPlace,
  decided: readonly TargetDecisions[],
): Promise<boolean> {
  let found = 0
  for (const decisions of decided) {
    seeOwnRows(decisions)
    found += amongEdits(decisions)
    if (decisions.work.awaitsSearch && !place.lane.fence.hasPendingCall)
      found += await inTheTab(context, sql, place, decisions)
  }
  if (found > 0)
    context.log.info({ cells: found }, 'values of a call that was lost stand in rows of other records')
  return found > 0
}

/** Records whose own rows show what was to be written there: their calls have not gone elsewhere. */
function seeOwnRows({ work: { mapping, memory }, view }: TargetDecisions): void {
  if (view === undefined || memory.lostCalls.isEmpty) return
  const columns = new Map(
    mapping.columns.map(({ header }, index) => [header, view.layout.columns[index] as number]),
  )
  for (const [id] of memory.lostCalls.all) {
    for (const row of view.rows.get(id) ?? [])
      memory.lostCalls.see(id, (header) => view.cells.get(row)?.[columns.get(header) ?? -1] ?? null)
  }
}

/** Among what looks as if people had typed it, in the rows of the records in hand. */
function amongEdits({ work, noops, writes }: TargetDecisions): number {
  const { lostCalls } = work.memory
  if (lostCalls.isEmpty) return 0
  return [...noops, ...writes]
    .filter((one) => !one.isCleanup && typedIn(one).length > 0)
    .map((decision) => {
      return mark(work, decision.id, strayCells(decision, lostCalls.all))
    })
    .reduce((sum, count) => sum + count, 0)
}

/**
 * In every row, once: the record that such a call was about may be written again, which takes away what is stored of the
 * call, before anybody asks for the record whose row it hit.
 */
async function inTheTab(
  context: BatchContext,
  sql: Sql,
  { id: spreadsheetId, signals }: SearchedPlace,
  { work, view }: TargetDecisions,
): Promise<number> {
  const { memory, mapping, target } = work
  const { lostCalls } = memory
  work.beginSearch()
  const rows = view ? await rowsOf(context, spreadsheetId, mapping, view, signals) : []
  // Somebody has moved the columns in between: the next round knows where they are.
  if (rows === undefined) return 0
  for (const { id, shown } of rows) if (id !== null) lostCalls.see(id, (header) => shown.get(header))
  const lost = lostCalls.all
  lostCalls.searched()
  const headers = mapping.columns.flatMap((column) => (maySheetWin(column) ? [column.header] : []))
  const written = new Map(headers.map((header) => [header, recordsByValue(lost, header)]))
  const isSuspect = (id: string, header: string, cell: SheetCell) => {
    const records = written.get(header)?.get(textOf(cell))
    return records !== undefined && !(records.size === 1 && records.has(id))
  }
  const suspects = rows.flatMap(({ id, shown }) => {
    if (id === null) return []
    const cells = new Map([...shown].filter(([header, cell]) => isSuspect(id, header, cell)))
    return cells.size === 0 ? [] : [{ id, cells }]
  })
  if (suspects.length === 0) return 0
  const stored = await context.store.loadRecords(
    sql,
    target.name,
    suspects.map(({ id }) => id),
  )
  return suspects
    .map(({ id, cells }) => {
      const known = stored.get(id)
      return known
        ? mark(
            work,
            id,
            [...cells].filter(([header, cell]) => isForeign(known, header, cell)),
          )
        : 0
    })
    .reduce((sum, count) => sum + count, 0)
}

/** What all rows show in the columns in which a person's value may stand, and nothing else of them: a tab may be long. */
async function rowsOf(
  context: BatchContext,
  spreadsheetId: string,
  mapping: Mapping,
  { sheetId, layout, newHeaders }: TabView,
  signals: CallSignals,
) {
  const columns = Object.fromEntries([
    [mapping.target.key, layout.key],
    ...mapping.columns.map(({ header }, index) => [header, layout.columns[index] as number] as const),
  ])
  const tab = { mapping, sheetId, layout: { headerRow: layout.headerRow, columns } }
  // A column that is yet to be made shows nothing.
  const wants = (column: MappedColumn) => maySheetWin(column) && !newHeaders.has(column.header)
  return await readColumns(context, spreadsheetId, tab, wants, signals)
}

/** The records into which a value was about to be written, by its text. */
function recordsByValue(
  lost: readonly (readonly [id: string, intended: Intended])[],
  header: string,
): Map<string, Set<string>> {
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

function mark(
  work: TargetWork,
  id: string,
  strays: Iterable<readonly [header: string, cell: SheetCell]>,
): number {
  const shown = new Map(strays)
  const cells = new Map(
    work.mapping.columns.flatMap(({ header }, index): [number, SheetCell][] => {
      const cell = shown.get(header)
      return cell === undefined ? [] : [[index, cell]]
    }),
  )
  if (cells.size > 0) work.markStrays(id, cells)
  return cells.size
}

function strayCells(
  decision: RecordDecision,
  intents: readonly (readonly [id: string, intended: Intended])[],
): [header: string, cell: SheetCell][] {
  const isStray = (header: string, shown: SheetCell) =>
    intents.some(([other, intended]) => other !== decision.id && isIntended(intended, header, shown))
  return typedIn(decision).flatMap(({ header, shown }) => (isStray(header, shown) ? [[header, shown]] : []))
}

/** Cells that are taken for people's: edits, and what differs where a sheet's value may stand. */
function typedIn({ edits = [], conflicts }: RecordDecision) {
  return [...edits, ...conflicts.map(({ header, sheet }) => ({ header, shown: sheet }))]
}
