import type { Sql } from '../../../database/sql.ts'
import { isWritebackError, messageOf, WritebackError } from '../../../errors.ts'
import { type Base, type Intended, intendedToo, withIntended } from '../cells/base.ts'
import type { CellValue, SheetCell } from '../cells/cell.ts'
import type { Zone } from '../cells/zone.ts'
import { chooseRow, decideCopies } from '../decide/copies.ts'
import type { ConflictNote } from '../decide/decide-cell.ts'
import { decideRecord, type RecordDecision, type SheetRow } from '../decide/decide-record.ts'
import type { Doubt } from '../read/keyless.ts'
import type { TabView } from '../read/tab-reader.ts'
import { findDamage } from '../repair/find-damage.ts'
import type { ReadRecords } from '../repair/reassign-rows.ts'
import type { RecordChanges, SheetStore, StoredRecord } from '../store/store.ts'
import { encodeRow, type Mapping, maySheetWin } from '../tab/mapping.ts'
import { TabModel } from '../write/tab-model.ts'
import type { DatabaseSide, Gathered } from './gather.ts'
import type { TargetWork, Todo } from './work.ts'

/** What was decided about the records of one target. */
export interface TargetDecisions {
  readonly work: TargetWork
  readonly model: TabModel
  readonly stored: ReadonlyMap<string, StoredRecord>
  /** Records that are gone by the word of Prisma Client alone. */
  readonly unconfirmed: ReadonlySet<string>
  /** Decisions that write nothing to the sheet. */
  readonly quiet: readonly RecordDecision[]
  /** Decisions that do. */
  readonly loud: readonly RecordDecision[]
  /** Headers of computed columns that show dates. */
  readonly dates: ReadonlySet<string>
}

/**
 * Decides every record of a target that is to be brought up to date. A record that no cell takes is settled here.
 * @throws WritebackError `SHEET_LAYOUT` when the tab cannot be used as it is
 */
export function decideTarget(
  { work, ids, answer }: Pick<Gathered, 'work' | 'ids' | 'answer'>,
  zone: Zone,
  { records, failed, unconfirmed = new Set(), stored }: DatabaseSide,
): TargetDecisions {
  if (answer.kind === 'trouble') throw answer.error
  const { mapping, memory } = work
  work.mustLook = false
  const view = answer.kind === 'view' ? answer.view : undefined
  const model =
    answer.kind === 'view'
      ? TabModel.of(answer.view, memory)
      : TabModel.toMake(mapping, memory, answer.sheetId)
  const isFresh = view === undefined || memory.isReplaced
  const strays = view ? takeView(work, view, { ids, stored }) : []
  if (!view) work.forgetDamage()
  const dates = new Set<string>()
  const quiet: RecordDecision[] = []
  const loud = [...strays]
  for (const id of ids) {
    const todo = work.todo.get(id)
    if (!todo || work.postponed.has(id)) continue
    const failure = failed.get(id)
    if (failure) {
      // What only looks like an id may be a key of people's.
      if (todo.repair && !stored.has(id)) work.leave(id)
      else settlePoison(work, id, failure)
      continue
    }
    const record = records.get(id)
    let wanted: CellValue[] | undefined
    try {
      wanted = record && encodeRow(mapping, record, zone, dates)
    } catch (error) {
      settlePoison(work, id, error)
      continue
    }
    const known = stored.get(id)
    if (todo.repair && !record && !known) {
      work.leave(id)
      continue
    }
    // A row that shows the key of a record which has another one is not its row.
    const unkeyed = work.unkeyed.get(id)
    const rows = view && unkeyed === undefined ? chooseRow(view, id, known?.base, wanted) : undefined
    const row = view && rowOf(view, unkeyed ?? rows?.own ?? view.keyless.get(id), rows !== undefined)
    let decided: RecordDecision
    try {
      decided = decideRecord(mapping, zone, {
        id,
        record,
        wanted,
        row,
        // What stood in a tab that is gone says nothing about the one that takes its place.
        base: isFresh ? undefined : known && withoutSpoiled(mapping, baseOf(mapping, known, row), todo),
        mustExist: todo.mustExist,
      })
    } catch (error) {
      // A column's function may answer once and throw the next time.
      settlePoison(work, id, error)
      continue
    }
    // While damage of ours is repaired, a row that shows a part of a record is no person's.
    const doubt = row || work.lookedFor ? undefined : view?.doubts.get(id)
    const decision = doubt ? withDoubt(mapping, decided, doubt) : decided
    const copies = rows ? decideCopies(id, rows) : []
    if (decision.action.kind === 'none' && copies.length === 0) quiet.push(decision)
    else loud.push(decision, ...copies)
  }
  work.unkeyed.clear()
  work.postponed.clear()
  return { work, model, stored, unconfirmed, quiet, loud, dates }
}

/** Stores and settles what needs no call. */
export async function settleQuiet(store: SheetStore, sql: Sql, decisions: TargetDecisions): Promise<void> {
  const { quiet, work } = decisions
  if (quiet.length === 0) return
  await store.saveRecords(sql, work.target.name, changesOf(decisions, quiet))
  for (const { id, change } of quiet) work.settle(id, { status: 'done', change })
}

/** What decisions change of the stored records. */
export function changesOf({ stored }: TargetDecisions, decisions: readonly RecordDecision[]): RecordChanges {
  const bases = new Map<string, Base>()
  const forgotten: string[] = []
  const missing: string[] = []
  for (const { id, base, missing: isMissing, isCopy } of decisions) {
    if (isCopy) continue
    const known = stored.get(id)
    if (base === null) forgotten.push(id)
    else if (base !== undefined) bases.set(id, base)
    else if (isMissing && known && !known.missing) missing.push(id)
    // The row is back.
    else if (!isMissing && known?.missing) bases.set(id, known.base)
  }
  return {
    bases,
    forgotten,
    missing,
    conflicts: decisions.flatMap(({ id, conflicts }) => conflicts.map((note) => ({ id, note }))),
    settled: decisions.flatMap(({ id, agreed }) =>
      agreed.filter((header) => stored.get(id)?.open.has(header)).map((header) => ({ id, header })),
    ),
  }
}

/** Lists that a row may be the record's whose key somebody changed: it is left alone, and a person has to look. */
function withDoubt({ target }: Mapping, decision: RecordDecision, { rows, key }: Doubt): RecordDecision {
  const which = rows === 1 ? 'a row whose key was changed' : `one of ${rows} rows whose key was changed`
  const note: ConflictNote = {
    header: target.key,
    base: decision.id,
    database: decision.id,
    sheet: key,
    winner: 'none',
    reason: `${which} may be the record's, and is left alone; if it is, delete the row that has the record's key and type the key there, else take what the sheet has`,
    open: true,
  }
  return { ...decision, conflicts: [...decision.conflicts, note] }
}

/** Remembers where things are. */
function takeView(work: TargetWork, view: TabView, read: ReadRecords): RecordDecision[] {
  const { memory } = work
  memory.title = view.title
  memory.rowCount = view.rowCount
  memory.columnCount = view.columnCount
  if (!view.keys.isWhole) {
    for (const row of [...view.rows.values()].flat()) memory.positions.touch(row)
  } else if (view.keys.endRow > 0) {
    // A copy that was not seen when its record was dealt with.
    for (const id of memory.takeRows(view.keys)) work.repair(id)
  }
  return findDamage(work, view, read)
}

function rowOf(view: TabView, index: number | undefined, hasKey: boolean): SheetRow | undefined {
  if (index === undefined) return undefined
  const cells = view.cells.get(index) ?? []
  const at = (column: number): SheetCell => cells[column] ?? null
  return {
    index,
    hasKey,
    cells: view.layout.columns.map((column, position) =>
      view.newHeaders.has(view.mapping.columns[position]?.header ?? '') ? undefined : at(column),
    ),
    edited: new Map([...view.layout.others].map(([header, column]) => [header, at(column)])),
  }
}

function baseOf(mapping: Mapping, { base, intended }: StoredRecord, row: SheetRow | undefined): Base {
  const at = new Map(mapping.columns.map(({ header }, index) => [header, row?.cells[index]]))
  return withIntended(base, intended, (header) => at.get(header))
}

/** What a call with these decisions writes over known records, in columns where a person's value may stand. */
export function intendedBy({ work, stored }: TargetDecisions, decisions: readonly RecordDecision[]) {
  const all = new Map<string, Intended>()
  const contested = work.mapping.columns.flatMap((column, index) =>
    maySheetWin(column) ? [{ header: column.header, index }] : [],
  )
  if (contested.length === 0) return all
  for (const { id, action, isCopy } of decisions) {
    const known = stored.get(id)
    if (isCopy || !known || (action.kind !== 'update' && action.kind !== 'append')) continue
    const cells = action.cells
    const written = contested.flatMap(({ header, index }): [string, CellValue][] => {
      const cell = cells instanceof Map ? cells.get(index) : (cells as readonly CellValue[])[index]
      return cell === undefined ? [] : [[header, cell]]
    })
    if (written.length > 0) all.set(id, intendedToo(known.intended, written))
  }
  return all
}

/** Cells that a write of ours spoiled have no base: whatever they show, the database's value is written. */
function withoutSpoiled(mapping: Mapping, base: Base, { spoiled }: Todo): Base {
  if (spoiled.size === 0) return base
  const headers = new Set([...spoiled].map((index) => mapping.columns[index]?.header))
  return Object.fromEntries(Object.entries(base).filter(([header]) => !headers.has(header)))
}

function settlePoison(work: TargetWork, id: string, error: unknown): void {
  const reason = messageOf(error)
  if (isWritebackError(error, 'CELL_TOO_LONG', 'CELL_UNSUPPORTED')) {
    work.settle(id, { status: 'dead', code: error.code, reason })
    return
  }
  const code = error instanceof WritebackError ? error.code : 'COLUMN_FAILED'
  work.settle(id, { status: 'failed', code, reason })
}
