import { messageOf } from '../../errors.ts'
import { PrismaReader } from '../../source/prisma-reader.ts'
import { Sight } from '../../source/sight.ts'
import type { EntryComparison, FieldComparison, OperatorServices, ShownValue } from '../operator.ts'
import { type Base, isSettled } from './cells/base.ts'
import { isFormula, type SheetCell } from './cells/cell.ts'
import { shownAs } from './cells/shown.ts'
import type { Zone } from './cells/zone.ts'
import { readSheetEnvironment } from './config/environment.ts'
import type { SheetTarget } from './config/target.ts'
import { SheetsApi } from './google/api.ts'
import { createSheetsClient } from './google/client.ts'
import { DEFAULT_LIMITS } from './google/limits.ts'
import { readTabs } from './read/read-tabs.ts'
import { SheetStore } from './store/store.ts'
import { encodeCell, formatOf, type MappedColumn, mapTarget } from './tab/mapping.ts'
import { TabMemory } from './tab/memory.ts'
import { SpreadsheetMemory } from './tab/spreadsheet-memory.ts'

/**
 * Reads a record, its row and its base, and puts them side by side. Costs one or two requests to the API, outside of the
 * shared count; writes nothing.
 *
 * @throws SheetsFailure when the sheet cannot be read, WritebackError `SHEET_LAYOUT` when it cannot be used
 */
export async function showRecord(
  services: OperatorServices,
  client: object,
  target: SheetTarget,
  id: string,
): Promise<EntryComparison> {
  const { sql, schemas, dataModel, variables } = services
  const sheets = createSheetsClient(readSheetEnvironment(variables))
  const store = new SheetStore(schemas.library)
  const mapping = mapTarget(target, dataModel)
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
    memory: await storedTab(services, store, target),
    ids: [id],
    known: Promise.resolve({ written: [], gone: [] }),
  }
  const [[answer], { records, failed }, known] = await Promise.all([
    readTabs(api, target.spreadsheetId, lane, [question], { abort, leaving: abort }),
    new PrismaReader(client, dataModel, new Sight(client, sql, dataModel)).read(target, [id]),
    store.loadRecords(sql, target.name, [id]),
  ])
  if (answer?.kind === 'trouble') throw answer.error
  const failure = failed.get(id)
  if (failure) throw failure
  const view = answer?.kind === 'view' ? answer.view : undefined
  const record = records.get(id)
  const base = known.get(id)?.base
  const index = view?.rows.get(id)?.[0]
  const cells = index === undefined ? undefined : (view?.cells.get(index) ?? [])
  return {
    target: target.name,
    record: id,
    entry: index === undefined ? null : `row ${index + 1} of the sheet`,
    inDatabase: record !== undefined,
    hasBase: base !== undefined,
    note: `times are those of the spreadsheet's clock, ${lane.zone.name}`,
    columns: mapping.columns.map((column, at) => {
      const dates = new Set<string>()
      const { database, problem } = databaseSide(column, record, lane.zone, dates)
      const format = formatOf(column) ?? (dates.size > 0 ? 'date-time' : undefined)
      return {
        header: column.header,
        base: base && shownAs(shownBase(base, column.header), format),
        place: cells && shownAs(shown(cells[view?.layout.columns[at] ?? -1] ?? null), format),
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
): Pick<FieldComparison, 'database' | 'problem'> {
  try {
    return { database: record && encodeCell(column, record, zone, dates), problem: null }
  } catch (error) {
    return { database: undefined, problem: messageOf(error) }
  }
}

async function storedTab(
  { sql }: OperatorServices,
  store: SheetStore,
  target: SheetTarget,
): Promise<TabMemory> {
  const { sheetId, tab, layout } = await store.readTarget(sql, target)
  return new TabMemory(tab, sheetId ?? undefined, layout ?? undefined)
}

function shownBase(base: Base, header: string): ShownValue | undefined {
  const cell = base[header]
  if (cell === undefined) return undefined
  return shown(isSettled(cell) ? cell.kept : cell)
}

function shown(cell: SheetCell): ShownValue {
  return isFormula(cell) ? cell.formula : cell
}
