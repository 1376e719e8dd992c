import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { SheetTarget } from '../config/target.ts'
import { messageOf, WritebackError } from '../errors.ts'
import { PrismaReader } from '../source/prisma-reader.ts'
import { Sight } from '../source/sight.ts'
import { type Base, isSettled } from '../targets/sheet/cells/base.ts'
import { isFormula, type SheetCell } from '../targets/sheet/cells/cell.ts'
import { shownAs } from '../targets/sheet/cells/shown.ts'
import type { Zone } from '../targets/sheet/cells/zone.ts'
import { SheetsApi } from '../targets/sheet/google/api.ts'
import { DEFAULT_LIMITS } from '../targets/sheet/google/limits.ts'
import { readTabs } from '../targets/sheet/read/read-tabs.ts'
import { encodeCell, formatOf, type MappedColumn, mapTarget } from '../targets/sheet/tab/mapping.ts'
import { type StoredLayout, TabMemory } from '../targets/sheet/tab/memory.ts'
import { SpreadsheetMemory } from '../targets/sheet/tab/spreadsheet-memory.ts'
import { type OperationsContext, tablesOf } from './context.ts'

/** A value as a cell shows it; a date is a text such as `2026-11-29 14:30:05`, the same for all three sides. */
export type ShownCell = string | number | boolean | null

/** One column of a record, as the three sides have it; undefined where a side has nothing at all. */
export interface ColumnComparison {
  readonly header: string
  /** What sheet and database last agreed on. */
  readonly base: ShownCell | undefined
  readonly database: ShownCell | undefined
  readonly sheet: ShownCell | undefined
  /** Why the database's value fits no cell; null when it does. */
  readonly problem: string | null
}

/** A record beside its row. It shows values of the record: show it to those who may see them. */
export interface RowComparison {
  readonly target: string
  readonly record: string
  /** Row of the sheet as people count them, or null when it has none. */
  readonly row: number | null
  /** False when the record is deleted, or the target's filter leaves it out. */
  readonly inDatabase: boolean
  /** False when it was never written, or its row is known to be removed. */
  readonly hasBase: boolean
  readonly columns: readonly ColumnComparison[]
  /** Time zone of the spreadsheet, on whose clock times are told. */
  readonly timeZone: string
}

/** What reading takes beyond the database of the operations. */
export interface RowSources {
  readonly sheets: sheets_v4.Sheets
  /** The application's Prisma client. */
  readonly client: object
}

/**
 * Reads a record, its row and its base, and puts them side by side. Costs one or two requests to the API, outside of the
 * shared count; writes nothing.
 *
 * @throws SheetsFailure when the sheet cannot be read, WritebackError `SHEET_LAYOUT` when it cannot be used
 */
export async function compareRecord(
  context: OperationsContext,
  { sheets, client }: RowSources,
  target: SheetTarget,
  id: string,
): Promise<RowComparison> {
  const { config } = context
  const mapping = mapTarget(target, config.dataModel)
  const { readTimeout, writeTimeout } = DEFAULT_LIMITS
  const api = new SheetsApi(
    sheets,
    { read: readTimeout, write: writeTimeout },
    async () => {},
    async () => {},
  )
  const lane = new SpreadsheetMemory()
  lane.isStale = true
  const abort = new AbortController().signal
  const question = {
    mapping,
    memory: await storedTab(context, target),
    ids: [id],
    known: Promise.resolve({ written: [], gone: [] }),
  }
  const [[answer], { records, failed }, base] = await Promise.all([
    readTabs(api, target.spreadsheetId, lane, [question], { abort, leaving: abort }),
    new PrismaReader(client, config.dataModel, new Sight(client, context.sql, config.dataModel)).read(
      target,
      [id],
    ),
    storedBase(context, target.name, id),
  ])
  if (answer?.kind === 'trouble') throw answer.error
  const failure = failed.get(id)
  if (failure) throw failure
  const view = answer?.kind === 'view' ? answer.view : undefined
  const record = records.get(id)
  const index = view?.rows.get(id)?.[0]
  const cells = index === undefined ? undefined : (view?.cells.get(index) ?? [])
  return {
    target: target.name,
    record: id,
    row: index === undefined ? null : index + 1,
    inDatabase: record !== undefined,
    hasBase: base !== undefined,
    timeZone: lane.zone.name,
    columns: mapping.columns.map((column, at) => {
      const dates = new Set<string>()
      const { database, problem } = databaseSide(column, record, lane.zone, dates)
      const format = formatOf(column) ?? (dates.size > 0 ? 'date-time' : undefined)
      return {
        header: column.header,
        base: base && shownAs(shownBase(base, column.header), format),
        sheet: cells && shownAs(shown(cells[view?.layout.columns[at] ?? -1] ?? null), format),
        database: shownAs(database, format),
        problem,
      }
    }),
  }
}

/**
 * A value that fits no cell is a reason to look at the others.
 * @param dates takes the column's header when it is computed and its value is a date
 */
function databaseSide(
  column: MappedColumn,
  record: object | undefined,
  zone: Zone,
  dates: Set<string>,
): Pick<ColumnComparison, 'database' | 'problem'> {
  try {
    return { database: record && encodeCell(column, record, zone, dates), problem: null }
  } catch (error) {
    return { database: undefined, problem: messageOf(error) }
  }
}

/** The target of a record. @throws WritebackError `TARGET_UNKNOWN` */
export function targetNamed({ config }: OperationsContext, name: string | null): SheetTarget {
  const target = config.targets.find((one) => one.name === name)
  if (target) return target
  throw new WritebackError('TARGET_UNKNOWN', { problem: `the configuration has no target ${name}` })
}

async function storedTab(context: OperationsContext, target: SheetTarget): Promise<TabMemory> {
  const [row] = await context.sql.query<{
    sheet_id: number | null
    tab: string
    layout: StoredLayout | null
  }>(`select sheet_id, tab, layout from ${tablesOf(context).target} where name = $1`, [target.name])
  return new TabMemory(row?.tab ?? target.tab, row?.sheet_id ?? undefined, row?.layout ?? undefined)
}

async function storedBase(context: OperationsContext, target: string, id: string): Promise<Base | undefined> {
  const [row] = await context.sql.query<{ base: Base }>(
    `select base from ${tablesOf(context).record} where target = $1 and record_key = $2`,
    [target, id],
  )
  return row?.base
}

function shownBase(base: Base, header: string): ShownCell | undefined {
  const cell = base[header]
  if (cell === undefined) return undefined
  return shown(isSettled(cell) ? cell.kept : cell)
}

function shown(cell: SheetCell): ShownCell {
  return isFormula(cell) ? cell.formula : cell
}
