import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { Logger } from 'pino'
import type { Schemas } from '../../config/schemas.ts'
import type { Sql } from '../../database/sql.ts'
import { getOrMake } from '../../get-or-make.ts'
import { Inbox } from '../../inbound/inbox.ts'
import { Lane, type LaneContext } from '../../lane/lane.ts'
import { LaneLocks } from '../../lane/lock.ts'
import { Quota, type QuotaLimits, QuotaUnknown } from '../../lane/quota.ts'
import { LaneStore } from '../../lane/store.ts'
import type { DataModel } from '../../model/data-model.ts'
import type { RecordReader } from '../../source/record-reader.ts'
import { TargetStates } from '../state.ts'
import type { PlaceCall, StateSink } from '../target.ts'
import { compareTab } from './compare.ts'
import type { SheetTarget } from './config/target.ts'
import { lookForEdits } from './edits/look.ts'
import { LookMemory } from './edits/look-memory.ts'
import { SheetsApi } from './google/api.ts'
import { SheetsFailure } from './google/failure.ts'
import { DEFAULT_LIMITS, type Limits } from './google/limits.ts'
import { type SpreadsheetContext, SpreadsheetLane } from './spreadsheet-lane.ts'
import { SheetStore } from './store/store.ts'
import { type Mapping, mapTarget } from './tab/mapping.ts'

/** Options of {@link createSheetWriter}. */
export interface SheetWriterOptions {
  readonly sheets: sheets_v4.Sheets
  /** For statements that need no lane: a pool. */
  readonly sql: Sql
  /** For the one connection that holds lanes; must not be shared between transactions by a pooler. */
  readonly databaseUrl: string
  /** The lanes that this process holds. @defaultValue its own, closed with the writer */
  readonly locks?: LaneLocks
  readonly schemas: Schemas
  readonly dataModel: DataModel
  readonly reader: RecordReader
  readonly log: Logger
  readonly quota: QuotaLimits
  /** Name of this worker, for people to see who holds a lane. */
  readonly holder: string
  /** Address of the service account: columns that are protected stay open to it. */
  readonly account?: string | undefined
  /**
   * Whose quota is counted: workers of one Google account share it.
   * @defaultValue 'default'
   */
  readonly quotaUser?: string
  /** @defaultValue {@link DEFAULT_LIMITS} */
  readonly limits?: Partial<Limits>
  /**
   * Called when rows that no request named lack something: a column or a whole tab was made anew. The caller
   * compares tab and table then.
   */
  readonly onIncomplete?: (target: string, reason: string) => void
  /** Called after every call to the API, for metrics and traces. */
  readonly onCall?: (call: PlaceCall, failure: SheetsFailure | undefined) => void
}

/**
 * Keeps tabs of Google Sheets in step with records. `compare` throws SheetsFailure when the tab cannot be read,
 * WritebackError `SHEET_LAYOUT` when it cannot be used.
 */
export type SheetWriter = StateSink<SheetTarget>

/** Makes a writer. One per process: it holds one connection to the database. */
export function createSheetWriter(options: SheetWriterOptions): SheetWriter {
  const { sheets, sql, databaseUrl, schemas, dataModel, reader, log, holder } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const locks = options.locks ?? new LaneLocks(databaseUrl, log, limits.laneSilence)
  const quota = new Quota(locks.sql, schemas.library, 'sheets', options.quotaUser ?? 'default', options.quota)
  let calls = 0
  const api = new SheetsApi(
    sheets,
    { read: limits.readTimeout, write: limits.writeTimeout },
    (kind, signal) => quota.admit(kind, signal).catch(asFailure),
    async (call, failure) => {
      calls++
      options.onCall?.(call, failure)
      if (failure?.kind === 'quota') await quota.refused(call.kind)
      else if (!call.failed) quota.accepted(call.kind)
    },
  )
  const mappings = new WeakMap<SheetTarget, Mapping>()
  const mappingOf = (target: SheetTarget) => {
    const mapping = mappings.get(target) ?? mapTarget(target, dataModel, options.account)
    mappings.set(target, mapping)
    return mapping
  }
  const context: LaneContext & SpreadsheetContext = {
    api,
    store: new SheetStore(schemas.library),
    inbox: new Inbox(schemas),
    states: new TargetStates(schemas.library),
    lanes: new LaneStore(schemas.library),
    sql,
    reader,
    limits,
    log,
    locks,
    quota,
    holder,
    mappingOf,
    calls: () => calls,
    onIncomplete: options.onIncomplete ?? (() => {}),
  }
  const lanes = new Map<string, Lane<SheetTarget>>()
  const looks = new Map<string, LookMemory>()
  return {
    write(spreadsheetId, requests, signal = new AbortController().signal) {
      const make = () => new Lane(spreadsheetId, context, new SpreadsheetLane(spreadsheetId, context))
      return getOrMake(lanes, spreadsheetId, make).write(requests, signal)
    },
    async findEdits(spreadsheetId, targets, editor, signal) {
      const memory = getOrMake(looks, spreadsheetId, () => new LookMemory())
      return await lookForEdits(context, spreadsheetId, targets.map(mappingOf), { memory, editor, signal })
    },
    compare: (target, compareOptions) => compareTab(context, mappingOf(target), compareOptions),
    async close() {
      await Promise.all([...lanes.values()].map((lane) => lane.close()))
      if (options.locks === undefined) await locks.close()
    },
  }
}

/** While nobody knows how much of the quota is left, no call is made. */
function asFailure(error: unknown): never {
  throw error instanceof QuotaUnknown ? new SheetsFailure('transient', null, error.message) : error
}
