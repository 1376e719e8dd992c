import { messageOf } from '../../../errors.ts'
import { NO_EDITS, type OpenEdits } from '../../../inbound/inbox.ts'
import type { CallSignals } from '../../../lane/signals.ts'
import { isRecordId } from '../../../model/record-id.ts'
import type { RecordsRead } from '../../../source/records-read.ts'
import { toldByFixed } from '../edits/emptied-keys.ts'
import { entryRows } from '../edits/new-rows.ts'
import { SheetsFailure } from '../google/failure.ts'
import { FENCE_KEY } from '../google/fence.ts'
import type { OtherRecords } from '../read/lost-rows.ts'
import { readTabs, type TabAnswer } from '../read/read-tabs.ts'
import { warnOfZone } from '../read/unknown-zone.ts'
import { rowsToInspect } from '../repair/leftovers.ts'
import type { StoredRecord } from '../store/store.ts'
import { refreshChoices } from '../tab/choices.ts'
import type { KeyColumn } from '../tab/key-column.ts'
import type { SpreadsheetMemory } from '../tab/spreadsheet-memory.ts'
import type { BatchContext } from './context.ts'
import type { TargetWork } from './work.ts'

/** What the two sides say about the records of one target. */
export interface Gathered {
  readonly work: TargetWork
  /** The records that were looked at. */
  readonly ids: readonly string[]
  readonly answer: TabAnswer
  /** Rejects when the database could not be read. */
  readonly database: Promise<DatabaseSide>
}

/** Records as they are, and what is stored of them, by id. */
export interface DatabaseSide extends RecordsRead {
  readonly stored: ReadonlyMap<string, StoredRecord>
  /** Edits that wait, or were refused. */
  readonly edits: OpenEdits
}

/**
 * Reads sheet and database side by side. The lane is held, so that nobody else writes what is read.
 * @throws SheetsFailure or RowsMoved when the sheet could not be read, once nothing is under way any more
 */
export async function gather(
  context: BatchContext,
  spreadsheetId: string,
  lane: SpreadsheetMemory,
  work: readonly TargetWork[],
  signals: CallSignals,
): Promise<Gathered[]> {
  const { api, log } = context
  const sides = work.map((target) => ({
    work: target,
    ids: [...target.todo.keys()],
    ...readDatabase(context, target),
  }))
  await Promise.all(work.map(({ mapping, memory }) => refreshChoices(context.reader, mapping, memory)))
  const entries = new Map<TargetWork, readonly number[]>()
  for (const { work: target, database } of sides) {
    // A batch that cannot read the database says so by itself.
    void database.then(
      ({ edits }) => entries.set(target, entryRows(edits)),
      () => {},
    )
  }
  const questions = sides.map(({ work: target, ids, known }) => ({
    mapping: target.mapping,
    memory: target.memory,
    ids,
    wholeRows: (keys: KeyColumn) => [...rowsToInspect(target.damage, keys), ...(entries.get(target) ?? [])],
    known,
    others: otherRecords(context, target),
    narrowly: mayReadNarrowly(context, target),
  }))
  const [read, fence] = await Promise.allSettled([
    readTabs(api, spreadsheetId, lane, questions, signals),
    lookAtFence(context, spreadsheetId, lane, signals),
  ])
  await Promise.allSettled(sides.map(({ database }) => database))
  if (read.status === 'rejected') throw read.reason
  warnOfZone(log, spreadsheetId, lane.zone)
  if (fence.status === 'rejected') throw fence.reason
  if (!fence.value && (await isFenceRefused(context, spreadsheetId, lane, signals))) {
    lane.fence.switchOff()
    log.warn(
      { lane: spreadsheetId },
      'writes go on without a fence: tabs can be read, developer metadata cannot',
    )
  }
  return sides.map((side, index) => ({ ...side, answer: read.value[index] as TabAnswer }))
}

function readDatabase({ store, inbox, sql, reader }: BatchContext, { todo, target }: TargetWork) {
  const ids = [...todo.keys()]
  const isEdited = target.edits !== undefined
  const database = (async (): Promise<DatabaseSide> => {
    const storing = store.loadRecords(sql, target.name, ids)
    const opening = isEdited ? inbox.open(sql, target.name, ids) : NO_EDITS
    // An edit is written together with its base and its end: where these are newer than the record, its old value would
    // be taken for a change.
    if (isEdited) await Promise.allSettled([storing, opening])
    const [stored, edits, read] = await Promise.all([storing, opening, reader.read(target, ids)])
    return { ...read, stored, edits }
  })()
  // Without what is stored, a row whose key was emptied is not looked for; the failure itself shows later.
  const known = database.then(
    ({ stored, records }) => ({
      written: [...stored].map(([id, { base, open }]) => ({ id, base, open })),
      gone: ids.filter((id) => !records.has(id)),
    }),
    () => ({ written: [], gone: [] }),
  )
  return { database, known }
}

/** What the database says of records of a target that were not asked for. */
function otherRecords({ store, sql, reader, log }: BatchContext, work: TargetWork): OtherRecords {
  const { target, mapping } = work
  // While calls of ours may have hit rows, what differs in one is as likely theirs.
  const isTyped =
    target.edits !== undefined && work.isClean && work.damage.isEmpty && !work.damage.wasSearched
  return {
    async strangers(keys, most) {
      try {
        const unwritten = await store.unwritten(sql, target.name, keys, most)
        // A record that was not written yet has its key all the same.
        const ids = unwritten.filter((key) => isRecordId(mapping.model, key, mapping.enums))
        const { records, failed } = await reader.read(target, ids)
        return new Set(unwritten.filter((key) => !records.has(key) && !failed.has(key)))
      } catch (error) {
        // Rows with a key are left alone then. Where the database is away the batch ends anyway.
        log.warn(
          { target: target.name, error: messageOf(error) },
          "rows whose key was changed are not looked for: nobody can tell which keys are no record's",
        )
        return new Set()
      }
    },
    twins: (records) => store.alike.twins(sql, target.name, records),
    ...(isTyped && { told: (records) => toldByFixed({ store, sql }, mapping, records) }),
  }
}

/** A short tab is read whole: that costs little, and shows everything. */
function mayReadNarrowly({ limits }: BatchContext, work: TargetWork): boolean {
  const { memory, mapping } = work
  if (!work.damage.isEmpty || work.needsFullRead) return false
  const cells = memory.positions.length * (mapping.columns.length + 1)
  return cells > limits.wholeTabCells && memory.knowsRows(limits.narrowFor)
}

/** Where access was taken away after the tabs were read, the fence is not at fault: then the spreadsheet cannot be read. */
async function isFenceRefused(
  context: BatchContext,
  spreadsheetId: string,
  lane: SpreadsheetMemory,
  signals: CallSignals,
): Promise<boolean> {
  if (await lookAtFence(context, spreadsheetId, lane, signals)) return false
  await context.api.properties(spreadsheetId, signals)
  return true
}

/** @returns false when fences cannot be looked up, although nothing else seems to be wrong */
async function lookAtFence(
  { api }: BatchContext,
  spreadsheetId: string,
  { fence }: SpreadsheetMemory,
  signals: CallSignals,
): Promise<boolean> {
  if (fence.isKnown) return true
  try {
    fence.take(await api.metadata(spreadsheetId, FENCE_KEY, signals))
    return true
  } catch (error) {
    if (error instanceof SheetsFailure && ['refused', 'forbidden', 'gone'].includes(error.kind)) return false
    throw error
  }
}
