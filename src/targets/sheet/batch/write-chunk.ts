import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { LaneLock } from '../../../lane/lock.ts'
import type { CallSignals } from '../../../lane/signals.ts'
import { fromCellData, type SheetCell } from '../cells/cell.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import { addedAgain } from '../edits/unseen.ts'
import { SheetsFailure } from '../google/failure.ts'
import { RowsMoved } from '../read/tab-view.ts'
import { noteDamage, noteMovedColumns, suspect } from '../repair/note-damage.ts'
import { placesIn } from '../tab/layout.ts'
import { keyOf } from '../tab/mapping.ts'
import type { SpreadsheetMemory } from '../tab/spreadsheet-memory.ts'
import type { Chunk } from '../write/chunks.ts'
import { type Expectation, takesKeys } from '../write/expectation.ts'
import { misplacedMarks } from '../write/misplaced-marks.ts'
import type { Setup } from '../write/setup.ts'
import { type Verification, verify } from '../write/verify.ts'
import type { BatchContext } from './context.ts'
import { changesOf, noteEdits, type TargetDecisions } from './decide-target.ts'
import { intendedBy } from './own-cells.ts'
import { saveTab } from './save-tab.ts'
import type { TargetWork } from './work.ts'

/** The fence, the tab's own requests (header, formats, room), rows of some records, or unknown. */
export type RefusedPart = 'fence' | 'setup' | 'rows' | 'unknown'

/** A call that the API understood and refused, with what it was refused for, where that is known. */
export class ChunkRefused extends Error {
  readonly failure: SheetsFailure
  readonly part: RefusedPart
  readonly work: TargetWork | undefined
  readonly ids: readonly string[]

  constructor(failure: SheetsFailure, part: RefusedPart, work?: TargetWork, ids: readonly string[] = []) {
    super(failure.message)
    this.failure = failure
    this.part = part
    this.work = work
    this.ids = ids
  }
}

/** What a call does to one tab. */
interface TabPart {
  readonly target: TargetDecisions
  readonly decisions: readonly RecordDecision[]
  readonly setup: Setup
  readonly expected: Expectation
}

/** A request with what it belongs to, for blaming. */
interface OwnedRequest {
  readonly text: string
  /** Undefined for the fence. */
  readonly work?: TargetWork
  /** Undefined for the tab's own requests. */
  readonly ids?: readonly string[]
}

/**
 * Writes some records in one call, checks what came of it, stores and settles them.
 * @throws ChunkRefused when the API refuses the call; RowsMoved when somebody moved rows between read and write: what
 * came out right is settled, the rest is to be read and planned again; SheetsFailure for any other failed call;
 * WritebackError `DATABASE_UNAVAILABLE` when the result cannot be stored
 */
export async function writeChunk(
  context: BatchContext,
  spreadsheetId: string,
  lane: SpreadsheetMemory,
  lock: LaneLock,
  chunk: Chunk<TargetDecisions>,
  signals: CallSignals,
): Promise<void> {
  const parts: TabPart[] = [...chunk].map(([target, decisions]) => ({
    target,
    decisions,
    setup: target.model.setup(decisions, target.dates),
    expected: target.model.expectation(decisions),
  }))
  const fence = lane.fence.next(Date.now())
  const owned: OwnedRequest[] = [
    ...(fence?.requests ?? []).map((request) => ({ text: JSON.stringify(request) })),
    ...parts.flatMap((part) => requestsOf(part)),
  ]
  const responseRanges = parts.flatMap(({ target, expected }) => target.model.ranges(expected))
  const intents = parts.map(({ target, decisions }) => ({ target, intended: intendedBy(target, decisions) }))
  for (const { target, intended } of intents)
    if (intended.size > 0) await context.store.intend(lock.sql, target.work.target.name, intended)
  let answer: sheets_v4.Schema$BatchUpdateSpreadsheetResponse
  try {
    answer = await context.api.write(
      spreadsheetId,
      { requests: owned.map(({ text }) => text), responseRanges },
      signals,
    )
  } catch (error) {
    const isUnclear = !(error instanceof SheetsFailure) || error.kind === 'unclear'
    // Nothing was written: a person who types such a value later has typed it.
    for (const { target, intended } of isUnclear ? [] : intents) {
      const before = new Map([...intended.keys()].map((id) => [id, target.stored.get(id)?.intended ?? null]))
      if (before.size > 0) await context.store.intend(lock.sql, target.work.target.name, before)
    }
    if (isUnclear) {
      lane.fence.outcomeUnknown(true)
      for (const { target, intended } of intents) target.work.memory.lostCalls.lose(intended)
      for (const { target, decisions, expected } of parts) {
        const { work, model } = target
        suspect(work, expected, model, model.newRows(decisions))
      }
    }
    if (error instanceof SheetsFailure && error.kind === 'refused') {
      lane.fence.outcomeUnknown(false)
      throw refusal(error, owned)
    }
    throw error
  }
  if (fence) lane.applied(lane.fence.applied(fence.id, Date.now()))
  // Every tab is looked at before anything is stored: the database may fail in the middle.
  const checked = parts.map((part) => check(part, answer, responseRanges.length > 0))
  // Whoever goes on, should this worker not: what landed in cells of other records is nobody's edit.
  for (const { target } of parts)
    await context.store.forgetCells(lock.sql, target.work.target.name, target.work.overwritten)
  let moved = false
  for (const one of checked) {
    const good = one !== undefined && (await finish(context, lock, one))
    moved ||= !good
  }
  if (!moved) return
  context.log.info({ lane: spreadsheetId }, 'somebody moved rows between read and write; they are repaired')
  throw new RowsMoved()
}

function requestsOf({ target: { model, work }, decisions, setup }: TabPart): OwnedRequest[] {
  return [
    ...setup.requests.map((request) => ({ text: JSON.stringify(request), work })),
    ...model.plan(decisions).map(({ request, ids }) => ({ text: JSON.stringify(request), work, ids })),
  ]
}

function refusal(failure: SheetsFailure, owned: readonly OwnedRequest[]): ChunkRefused {
  const blamed = failure.requestIndex === undefined ? undefined : owned[failure.requestIndex]
  if (!blamed) return new ChunkRefused(failure, 'unknown')
  if (blamed.work === undefined) return new ChunkRefused(failure, 'fence')
  if (blamed.ids === undefined) return new ChunkRefused(failure, 'setup', blamed.work)
  return new ChunkRefused(failure, 'rows', blamed.work, blamed.ids)
}

/** A part whose columns were in place, and the decisions that came out as planned. */
interface CheckedPart extends TabPart {
  readonly done: readonly RecordDecision[]
}

/**
 * Compares a tab with what a call should have made of it, and takes note of damage.
 * @returns undefined when nothing of it can be relied on, because somebody moved columns
 */
function check(
  part: TabPart,
  answer: sheets_v4.Schema$BatchUpdateSpreadsheetResponse,
  isShown: boolean,
): CheckedPart | undefined {
  const { target, decisions, setup, expected } = part
  const { work, model, view } = target
  const keysBefore = takesKeys(expected) ? model.knownKeys() : new Set<string>()
  const keys = keysIn(answer, model.sheetId, model.layout.key)
  const verification =
    isShown && !model.isNew
      ? verify(expected, keys, model.layout.key, (row) => rowIn(answer, model.sheetId, row))
      : undefined
  if (verification && view) work.noteLooks(misplacedMarks(view, verification, keys))
  const header = rowIn(answer, model.sheetId, model.layout.headerRow)
  if (verification && !model.hasColumnsInPlace(header)) {
    const moved = { planned: model.layout, applied: placesIn(work.mapping, header) }
    noteMovedColumns(work, expected, moved, model, model.newRows(decisions))
    return undefined
  }
  model.applied(decisions, setup, verification)
  const done = verification ? decisions.filter((one) => isDone(one, decisions, verification)) : decisions
  if (verification) noteDamage(work, verification, expected, keysBefore, model)
  return { ...part, done }
}

/**
 * Stores and settles what came out as planned.
 * @returns false when something did not
 */
async function finish(
  context: BatchContext,
  lock: LaneLock,
  { target, decisions, setup, done }: CheckedPart,
): Promise<boolean> {
  const { work } = target
  const { memory } = work
  const isReplaced = memory.isReplaced
  const { store } = context
  const name = work.target.name
  if (isReplaced) await store.forgetRecords(lock.sql, name)
  else if (setup.added.length > 0) await store.forgetColumns(lock.sql, name, setup.added)
  const lost = Object.entries(setup.lost).filter(([header]) => isLookedFor(work, header))
  if (lost.length > 0)
    await store.unseen.save(lock.sql, name, addedAgain(memory.title, Object.fromEntries(lost), new Date()))
  await store.saveRecords(lock.sql, name, changesOf(target, done))
  memory.lostCalls.rewrote(done.map(({ id }) => id))
  noteEdits(target, done)
  await saveTab(context, lock, work)
  memory.isReplaced = false
  for (const { id, action, change, isCleanup } of done) {
    if (isCleanup) continue
    if (action.kind === 'append' && !isReplaced && target.stored.has(id)) memory.cameBack.note(id)
    if (change === 'removed') work.removed++
    else work.written++
    work.settle(id, { status: 'done', change })
  }
  if (isReplaced) context.onIncomplete(name, 'its tab was gone and has been made again')
  else if (setup.added.length > 0) context.onIncomplete(name, `columns were added: ${setup.added.join(', ')}`)
  return done.length === decisions.length
}

/** Whether a look for edits needs the column. */
function isLookedFor({ mapping }: TargetWork, header: string): boolean {
  return mapping.columns.some((column) => column.isWritable && column.header === header)
}

/** A record whose own row is right is done when its copies are gone. */
function isDone(
  decision: RecordDecision,
  all: readonly RecordDecision[],
  { verified }: Verification,
): boolean {
  if (decision.action.kind !== 'none') return verified.has(decision)
  return all.every((one) => one.id !== decision.id || one.action.kind === 'none' || verified.has(one))
}

/** Keys by row, as a response shows them. */
function keysIn(
  answer: sheets_v4.Schema$BatchUpdateSpreadsheetResponse,
  sheetId: number,
  column: number,
): Map<number, string> {
  const keys = new Map<number, string>()
  const sheet = answer.updatedSpreadsheet?.sheets?.find(
    ({ properties }) => (properties?.sheetId ?? 0) === sheetId,
  )
  for (const { startRow, startColumn, rowData } of sheet?.data ?? []) {
    const at = column - (startColumn ?? 0)
    rowData?.forEach(({ values }, index) => {
      const key = keyOf(fromCellData(values?.[at]))
      if (key !== null) keys.set((startRow ?? 0) + index, key)
    })
  }
  return keys
}

/** The cells of one row, as a response shows them. */
function rowIn(
  answer: sheets_v4.Schema$BatchUpdateSpreadsheetResponse,
  sheetId: number,
  row: number,
): SheetCell[] {
  const cells: SheetCell[] = []
  const sheet = answer.updatedSpreadsheet?.sheets?.find(
    ({ properties }) => (properties?.sheetId ?? 0) === sheetId,
  )
  for (const { startRow, startColumn, rowData } of sheet?.data ?? []) {
    const values = rowData?.[row - (startRow ?? 0)]?.values ?? []
    for (const [at, value] of values.entries()) cells[(startColumn ?? 0) + at] = fromCellData(value)
  }
  return cells
}
