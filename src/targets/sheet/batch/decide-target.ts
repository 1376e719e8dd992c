import type { Sql } from '../../../database/sql.ts'
import { isWritebackError, messageOf, WritebackError } from '../../../errors.ts'
import { type OpenEdits, refusalsOf } from '../../../inbound/inbox.ts'
import type { Outcome } from '../../../lane/outcome.ts'
import { type Base, sameBase, withIntended } from '../cells/base.ts'
import type { SheetCell } from '../cells/cell.ts'
import type { RowLooks } from '../cells/look.ts'
import type { Zone } from '../cells/zone.ts'
import { chooseRow, decideCopies, type OwnRow } from '../decide/copies.ts'
import type { ConflictNote } from '../decide/decide-cell.ts'
import { decideEntry, decideEntryCopies } from '../decide/decide-entry.ts'
import { decideRecord, type RecordDecision, type SheetRow } from '../decide/decide-record.ts'
import { unmarkKeyless } from '../decide/keyless-marks.ts'
import { rowMarks } from '../decide/marks.ts'
import { placeOf } from '../edits/new-rows.ts'
import type { Doubt } from '../read/keyless.ts'
import type { TabView } from '../read/tab-view.ts'
import type { BasePatch, RecordChanges, SheetStore, StoredRecord } from '../store/store.ts'
import { encodeRow, type Mapping } from '../tab/mapping.ts'
import type { TabModel } from '../write/tab-model.ts'
import type { DatabaseSide } from './gather.ts'
import type { Inspected } from './inspect.ts'
import { isFresh, ownCells } from './own-cells.ts'
import type { TargetWork, Todo } from './work.ts'

/** What was decided about the records of one target. */
export interface TargetDecisions {
  readonly work: TargetWork
  readonly model: TabModel
  /** What was read of the tab; undefined for one that is to be made. */
  readonly view: TabView | undefined
  readonly stored: ReadonlyMap<string, StoredRecord>
  /** Edits that wait, or were refused. */
  readonly edits: OpenEdits
  /** Records that are gone by the word of Prisma Client alone. */
  readonly unconfirmed: ReadonlySet<string>
  /** Decisions that write nothing to the sheet. */
  readonly noops: readonly RecordDecision[]
  /** Decisions that do. */
  readonly writes: readonly RecordDecision[]
  /** Records that no cell takes, with what becomes of them. */
  readonly unwritable: ReadonlyMap<string, Outcome>
  /** Keys to repair that turned out to be no record's. */
  readonly ignored: readonly string[]
  /** Headers of computed columns that show dates. */
  readonly dates: ReadonlySet<string>
}

/**
 * Decides every record of a target that is to be brought up to date. Changes nothing.
 * @param found what was found damaged in the tab, and has been noted in `work`
 */
export function decideTarget(
  { work, ids, view, model, found }: Inspected,
  zone: Zone,
  { records, failed, unconfirmed = new Set(), stored, edits }: DatabaseSide,
): TargetDecisions {
  const { mapping } = work
  const isNew = isFresh({ work, view })
  const dates = new Set<string>()
  const noops: RecordDecision[] = []
  const writes = [...found.removals]
  const unwritable = new Map<string, Outcome>()
  const ignored: string[] = []
  const areNew = mapping.target.edits?.newRows === 'create'
  // Their key was emptied: no entry gets one of these.
  const keyless = new Set(view?.keyless.values())
  for (const id of found.isDeferred ? [] : ids) {
    const todo = work.todo.get(id)
    if (!todo) continue
    const failure = failed.get(id)
    if (failure) {
      // What only looks like an id may be a key of people's.
      if (todo.repair && !stored.has(id)) ignored.push(id)
      else unwritable.set(id, outcomeOfPoison(failure))
      continue
    }
    const record = records.get(id)
    const known = stored.get(id)
    try {
      const wanted = record && encodeRow(mapping, record, zone, dates)
      const entry = edits.get(id)?.get('')
      if (entry?.kind === 'create' && !record && !known) {
        const isOthers = (row: number) => keyless.has(row) || found.losesKey(row, id)
        const decision = decideEntry(mapping, view, {
          ...{ id, entry, place: placeOf(entry), overwritten: todo.overwritten, isOthers },
          ownRow: found.rowsToRekey.get(id),
        })
        const copies = decideEntryCopies(view, { id, entry, isOthers })
        if (decision.action.kind === 'none' && copies.length === 0) noops.push(decision)
        else writes.push(decision, ...copies)
        continue
      }
      if (todo.repair && !record && !known) {
        ignored.push(id)
        continue
      }
      // A row that shows the key of a record which has another one is not its row.
      const rekeyed = found.rowsToRekey.get(id)
      const isDoubted = known?.open.has(mapping.target.key) === true
      const rows =
        view && rekeyed === undefined ? chooseRow(view, id, known?.base, wanted, isDoubted) : undefined
      const index = rekeyed ?? rows?.own ?? view?.keyless.get(id)
      const before = work.misplacedMarks.get(id)
      const row = view && rowOf(view, index, rows !== undefined, before)
      // While damage of ours is repaired, a row that shows a part of a record is no person's.
      const doubt = row || work.damage.wasSearched ? undefined : view?.doubts.get(id)
      const decided = decideRecord(mapping, zone, {
        id,
        record,
        wanted,
        row,
        // What stood in a tab that is gone says nothing about the one that takes its place.
        base: isNew ? undefined : known && withoutOverwritten(mapping, baseOf(mapping, known, row), todo),
        mustStore: known?.intended != null,
        refused: refusalsOf(edits.get(id)),
        mustExist: todo.mustExist,
        mayHaveRow: doubt !== undefined && known?.mayBeDeleted !== true,
      })
      const decision = doubt ? withDoubt(mapping, decided, doubt) : withChoice(mapping, decided, rows)
      const copies = rows ? decideCopies(id, rows, { areNew, cameBack: work.memory.cameBack.has(id) }) : []
      // What people may choose has changed: any row will do for a call that says so.
      const tells = row !== undefined && writes.length === 0 && model.hasStaleChoices
      if (decision.action.kind === 'none' && copies.length === 0 && tells) {
        writes.push({
          ...decision,
          action: { kind: 'update', row: row.index, cells: new Map(), withKey: false },
        })
      } else if (decision.action.kind === 'none' && copies.length === 0) noops.push(decision)
      else writes.push(decision, ...copies)
    } catch (error) {
      // A column's function may also answer once and throw the next time.
      unwritable.set(id, outcomeOfPoison(error))
    }
  }
  if (view) {
    const named = writes.flatMap(({ action }) => ('row' in action ? [action.row] : []))
    const taken = new Set([...named, ...view.keyless.values()])
    writes.push(...unmarkKeyless(view, (row) => taken.has(row)))
  }
  return { work, model, view, stored, edits, unconfirmed, noops, writes, unwritable, ignored, dates }
}

/** Stores and settles what needs no call. */
export async function commitNoops(store: SheetStore, sql: Sql, decisions: TargetDecisions): Promise<void> {
  const { noops, work } = decisions
  if (noops.length === 0) return
  await store.saveRecords(sql, work.target.name, changesOf(decisions, noops))
  noteEdits(decisions, noops)
  for (const { id, change } of noops) work.settle(id, { status: 'done', change })
}

/** Takes note of what people typed; it is put into the inbox once the tab is known to be in order. */
export function noteEdits(
  { work, edits: open }: TargetDecisions,
  decisions: readonly RecordDecision[],
): void {
  for (const { id, agreed, edits = [], entry, deletes = false, isCleanup } of decisions) {
    if (isCleanup) continue
    const known = open.get(id)
    const withdrawn = agreed.filter((header) => known?.has(header))
    if (edits.length > 0 || withdrawn.length > 0 || entry || deletes)
      work.noteEdits(id, { edits, withdrawn, entry, deletes })
  }
}

/** What decisions change of the stored records. */
export function changesOf(tab: TargetDecisions, decisions: readonly RecordDecision[]): RecordChanges {
  const { stored, work } = tab
  const bases = new Map<string, Base>()
  const patches = new Map<string, BasePatch>()
  const forgotten: string[] = []
  const missing: string[] = []
  // Worked out where it is asked for alone: it is compared cell by cell.
  const mayPatch = !isFresh(tab) && (work.target.edits !== undefined || work.awaitsSearch)
  for (const decision of decisions) {
    const { id, base, missing: isMissing, isCleanup } = decision
    if (isCleanup) continue
    const known = stored.get(id)
    if (base === null) forgotten.push(id)
    else if (base !== undefined) {
      const patch = known && mayPatch ? patchOf(known.base, base, ownCells(tab, decision)) : undefined
      // Until the tab was searched for what lost calls were about to write, that is not forgotten without need.
      if (patch && isEmptyPatch(patch) && known?.missing === false && work.awaitsSearch) continue
      if (patch && work.target.edits) patches.set(id, patch)
      else bases.set(id, base)
    } else if (isMissing && known && !known.missing) missing.push(id)
    // The row is back.
    else if (!isMissing && known?.missing) bases.set(id, known.base)
  }
  return {
    bases,
    patches,
    forgotten,
    missing,
    conflicts: decisions.flatMap(({ id, conflicts }) => conflicts.map((note) => ({ id, note }))),
    settled: decisions.flatMap(({ id, agreed }) =>
      agreed.filter((header) => stored.get(id)?.open.has(header)).map((header) => ({ id, header })),
    ),
  }
}

/**
 * Applied edits write their part of a base meanwhile: of what has not changed nothing is stored, unless the cell shows what
 * the library wrote.
 */
function patchOf(known: Base, base: Base, ours: ReadonlySet<string>): BasePatch {
  const changed = Object.entries(base).filter(
    ([header, cell]) => ours.has(header) || !sameBase(known[header], cell),
  )
  return {
    changed: Object.fromEntries(changed),
    dropped: Object.keys(known).filter((header) => !Object.hasOwn(base, header)),
  }
}

function isEmptyPatch({ changed, dropped }: BasePatch): boolean {
  return Object.keys(changed).length + dropped.length === 0
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
    reason: `${which} may be the record's, and is left alone; if it is, type the record's key there, else take what the sheet has`,
    open: true,
  }
  return { ...decision, conflicts: [...decision.conflicts, note] }
}

/** A person has typed the key into the row that may be the record's: that is settled. */
function withChoice({ target }: Mapping, decision: RecordDecision, rows: OwnRow | undefined): RecordDecision {
  const isMade = rows?.copies.some(({ isReplaced }) => isReplaced) === true
  return isMade ? { ...decision, agreed: [...decision.agreed, target.key] } : decision
}

function rowOf(
  view: TabView,
  index: number | undefined,
  hasKey: boolean,
  before: RowLooks | undefined,
): SheetRow | undefined {
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
    marks: rowMarks(view, index, before),
  }
}

function baseOf(mapping: Mapping, { base, intended }: StoredRecord, row: SheetRow | undefined): Base {
  const at = new Map(mapping.columns.map(({ header }, index) => [header, row?.cells[index]]))
  // Of a column that has just been made again nothing is known.
  const isMade = (header: string) => row !== undefined && at.has(header) && at.get(header) === undefined
  const known = Object.fromEntries(Object.entries(base).filter(([header]) => !isMade(header)))
  return withIntended(known, intended, (header) => at.get(header))
}

/**
 * Cells that a call of ours wrote by mistake have no base: whatever they show, the database's value is written. Where it is
 * known what the call wrote, that is the base: what somebody has typed over it is an edit.
 */
function withoutOverwritten(mapping: Mapping, base: Base, { overwritten, strays }: Todo): Base {
  if (overwritten.size === 0) return base
  const headerOf = (index: number) => mapping.columns[index]?.header ?? ''
  const headers = new Set([...overwritten].map(headerOf))
  return {
    ...Object.fromEntries(Object.entries(base).filter(([header]) => !headers.has(header))),
    ...Object.fromEntries([...strays].map(([index, cell]) => [headerOf(index), cell])),
  }
}

function outcomeOfPoison(error: unknown): Outcome {
  const reason = messageOf(error)
  if (isWritebackError(error, 'CELL_TOO_LONG', 'CELL_UNSUPPORTED'))
    return { status: 'dead', code: error.code, reason }
  const code = error instanceof WritebackError ? error.code : 'COLUMN_FAILED'
  return { status: 'failed', code, reason }
}
