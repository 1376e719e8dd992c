import type { Sql } from '../../../database/sql.ts'
import type { OpenEdit } from '../../../inbound/inbox.ts'
import type { CallSignals } from '../../../lane/signals.ts'
import { intendedIn, isSettled, ROW_REMOVED, withIntended } from '../cells/base.ts'
import { type SheetCell, sameCell, textOfCell } from '../cells/cell.ts'
import type { Entry } from '../cells/same-entry.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import { readColumns } from '../edits/look.ts'
import type { TabView } from '../read/tab-view.ts'
import type { StoredRecord } from '../store/store.ts'
import { columnsByHeader } from '../tab/layout.ts'
import type { LostCalls } from '../tab/lost-calls.ts'
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
 * it, so such a value is known: it is nobody's edit, and is written over with what the database has. Where somebody has
 * moved columns since, it may stand in any of them.
 *
 * Likewise the row of another record may be gone in place of one that such a call was to remove: where people's removals
 * delete records, it comes back.
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
    seeColumns(decisions)
    seeOwnRows(decisions)
    found += amongEdits(decisions)
    if (decisions.work.awaitsSearch && !place.lane.fence.hasPendingCall)
      found += await inTheTab(context, sql, place, decisions)
  }
  if (found > 0)
    context.log.info({ cells: found }, 'values of a call that was lost stand in rows of other records')
  return found > 0
}

/** Columns that stand elsewhere than they did when such a call may have been planned. */
function seeColumns({ work: { mapping, memory }, view }: TargetDecisions): void {
  if (view === undefined || memory.lostCalls.isEmpty) return
  const before = memory.stored?.columns ?? {}
  const now = Object.entries(columnsByHeader(mapping, view.layout))
  if (now.some(([header, column]) => before[header] !== column)) memory.lostCalls.moved()
}

/** Records whose own rows show what was to be written there: their calls have not gone elsewhere. */
function seeOwnRows({ work: { mapping, memory }, view }: TargetDecisions): void {
  if (view === undefined || memory.lostCalls.isEmpty) return
  const columns = columnsByHeader(mapping, view.layout)
  for (const [id] of memory.lostCalls.all) {
    for (const row of view.rows.get(id) ?? [])
      memory.lostCalls.see(id, (header) => view.cells.get(row)?.[columns[header] ?? -1] ?? null)
  }
}

/** Among what looks as if people had typed it, in the rows of the records in hand. */
function amongEdits({ work, edits, noops, writes }: TargetDecisions): number {
  const { lostCalls } = work.memory
  if (lostCalls.isEmpty) return 0
  const isAnothers = valuesOfOthers(lostCalls)
  return total([...noops, ...writes], (decision) => {
    if (decision.isCleanup) return 0
    const typed = [...typedIn(decision), ...typedSince(edits.get(decision.id), decision.entry)].filter(
      ([header, cell]) => isAnothers(decision.id, header, cell),
    )
    return mark(work, decision.id, new Map(typed))
  })
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
  const isAnothers = valuesOfOthers(lostCalls)
  const ids = rows.flatMap(({ id }) => id ?? [])
  // Nobody can tell any more which of the rows that are gone a person has removed: all of them come back.
  const missing = view && lostCalls.mayHaveRemoved ? await context.store.others(sql, target.name, ids) : []
  for (const id of missing) work.add(id, true).mustExist = true
  lostCalls.searched()
  const suspects = rows.flatMap(({ id, shown }) => {
    if (id === null) return []
    const cells = [...shown].filter(([header, cell]) => isAnothers(id, header, cell))
    return cells.length === 0 ? [] : [{ id, cells }]
  })
  if (suspects.length === 0) return missing.length
  const suspected = suspects.map(({ id }) => id)
  const stored = await context.store.loadRecords(sql, target.name, suspected)
  const entries = await context.inbox.open(
    sql,
    target.name,
    suspected.filter((id) => !stored.has(id)),
  )
  const strays = total(suspects, ({ id, cells }) => {
    const known = stored.get(id)
    const foreign = known
      ? cells.filter(([header, cell]) => isForeign(known, header, cell))
      : typedSince(entries.get(id), Object.fromEntries(cells))
    return mark(work, id, new Map(foreign))
  })
  return strays + missing.length
}

/** What all rows show in the columns in which a person's value may stand, and nothing else of them: a tab may be long. */
async function rowsOf(
  context: BatchContext,
  spreadsheetId: string,
  mapping: Mapping,
  { sheetId, layout, newHeaders }: TabView,
  signals: CallSignals,
) {
  const columns = columnsByHeader(mapping, layout)
  const tab = { mapping, sheetId, layout: { headerRow: layout.headerRow, columns } }
  // A column that is yet to be made shows nothing.
  const wants = (column: MappedColumn) => maySheetWin(column) && !newHeaders.has(column.header)
  return await readColumns(context, spreadsheetId, tab, wants, signals)
}

/**
 * Whether a cell of a record shows what was about to be written into that column of another record, or, where columns were
 * moved, into any other cell.
 */
function valuesOfOthers({
  all,
  haveColumnsMoved,
}: LostCalls): (id: string, header: string, cell: SheetCell) => boolean {
  const places = new Map<string, Set<string>>()
  const keyOf = (header: string, cell: SheetCell) =>
    JSON.stringify([haveColumnsMoved ? null : header, textOfCell(cell)])
  const placeOf = (id: string, header: string) => JSON.stringify([id, header])
  for (const [id, intended] of all) {
    for (const header of Object.keys(intended)) {
      for (const value of intendedIn(intended, header)) {
        if (value === null || header === ROW_REMOVED) continue
        const key = keyOf(header, value)
        places.set(key, (places.get(key) ?? new Set()).add(placeOf(id, header)))
      }
    }
  }
  return (id, header, cell) => {
    const of = places.get(keyOf(header, cell))
    return of !== undefined && !(of.size === 1 && of.has(placeOf(id, header)))
  }
}

/** Whether a cell shows neither what was agreed on, nor what a call was about to write into this record. */
function isForeign({ base, intended }: StoredRecord, header: string, shown: SheetCell): boolean {
  const known = withIntended(base, intended, () => shown)[header]
  return known !== undefined && !sameCell(isSettled(known) ? known.kept : known, shown)
}

/** @param strays cells by header @returns how many */
function mark(work: TargetWork, id: string, strays: ReadonlyMap<string, SheetCell>): number {
  const cells = new Map(
    work.mapping.columns.flatMap(({ header }, index): [number, SheetCell][] => {
      const cell = strays.get(header)
      return cell === undefined ? [] : [[index, cell]]
    }),
  )
  if (cells.size > 0) work.markStrays(id, cells)
  return cells.size
}

/**
 * What a row that is to become a record shows in place of what was noted of it.
 * @param shown some of its cells, by header; undefined where it is none
 */
function typedSince(
  edits: ReadonlyMap<string, OpenEdit> | undefined,
  shown: Entry | undefined,
): (readonly [header: string, cell: SheetCell])[] {
  const entry = edits?.get('')
  if (entry?.kind !== 'create') return []
  const noted = (entry.shown ?? {}) as Entry
  return Object.entries(shown ?? {}).filter(([header, cell]) => !sameCell(cell, noted[header] ?? null))
}

/** Cells that are taken for people's, by header: edits, and what differs where a sheet's value may stand. */
function typedIn({ edits = [], conflicts }: RecordDecision): (readonly [header: string, cell: SheetCell])[] {
  return [
    ...edits.map(({ header, shown }) => [header, shown] as const),
    ...conflicts.map(({ header, sheet }) => [header, sheet] as const),
  ]
}

function total<One>(all: readonly One[], count: (one: One) => number): number {
  return all.reduce((sum, one) => sum + count(one), 0)
}
