import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { getOrMake } from '../../../get-or-make.ts'
import type { SeenEdit } from '../../../inbound/edits-seen.ts'
import type { CallSignals } from '../../../lane/signals.ts'
import type { Field } from '../../../model/data-model.ts'
import type { BatchContext } from '../batch/context.ts'
import { fromCellData, isEmpty, type SheetCell, sameCell } from '../cells/cell.ts'
import type { CellFormat } from '../cells/format.ts'
import type { Entry } from '../cells/same-entry.ts'
import { ALL_COLUMNS, type Area, band, runs, spanOf, top } from '../google/area.ts'
import { SheetsFailure } from '../google/failure.ts'
import { columnsNow } from '../tab/layout.ts'
import { keyOf, type Mapping } from '../tab/mapping.ts'
import type { TabMemory } from '../tab/memory.ts'
import { quoted } from './quoted.ts'
import { type Cells, readingOf } from './reading.ts'

/*
 * "2-3" in a column of seats is a day to Sheets, and the value of the cell is its serial number, 46056: not what the person
 * meant, and a number all the same. Only the kind of number that the cell shows tells. To read it of every cell would double
 * what is read; so it is asked for where a number was typed that such a day, or time, may be.
 */

const DATE_TYPES: readonly string[] = ['DATE', 'TIME', 'DATE_TIME']

/** Days that people type: from 1927-05-18 to the last one that a sheet shows, 9999-12-31. Below it are other numbers. */
const FIRST_DAY = 10_000
const END_DAY = 2_958_466

const DAY_MINUTES = 1_440

/** Rows far apart that are asked for one by one, at most; of more of them all columns of ours are read. */
const MOST_AREAS = 200

/** Fields whose cells may hold a number that is no date. */
const OTHERS: readonly string[] = ['String', 'Int', 'BigInt', 'Float', 'Decimal', 'Json']

/** Whether a number that was typed into the column of such a field may be a date, or a time, to Sheets. */
export function mayBeDate(field: Field | undefined, cell: SheetCell): boolean {
  if (field?.kind !== 'scalar' || !OTHERS.includes(field.type) || typeof cell !== 'number') return false
  if (cell >= FIRST_DAY && cell < END_DAY) return true
  // A time of day, or a length of time: 37:30 is 1.5625.
  const minutes = cell * DAY_MINUTES
  return (
    cell > 0 && cell < FIRST_DAY && !Number.isInteger(cell) && Math.abs(minutes - Math.round(minutes)) < 1e-3
  )
}

/** Why a number that Sheets had taken for a date is none of the field's values: a sentence for the person. */
export function dateRefusal(field: Field, cell: number): string {
  const isNumber = field.kind === 'scalar' && !field.isList && /^(Int|BigInt|Float|Decimal)$/.test(field.type)
  const isTime = cell < FIRST_DAY
  const format: CellFormat = Number.isInteger(cell) ? 'date' : 'date-time'
  return (
    `${isTime ? clock(cell) : quoted(cell, format)} is a ${isTime ? 'time' : 'date'} to the sheet; choose Format > Number > ` +
    `${isNumber ? 'Number' : 'Plain text'} and type it again`
  )
}

/** A length of time as it is typed: `"37:30"`. */
function clock(days: number): string {
  const minutes = Math.round(days * DAY_MINUTES)
  return `"${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}"`
}

/** The tab in which edits were seen. */
interface EditedTab {
  readonly mapping: Mapping
  readonly memory: TabMemory
}

/**
 * Finds out which numbers among edits are dates to Sheets, and notes it with them (`zone`): they are refused for it.
 * @returns undefined for an edit of which nobody can tell, because somebody has moved rows or typed on, or the cells cannot be
 * read: the next look tells
 */
export async function withTypedDates(
  context: Pick<BatchContext, 'api' | 'log'>,
  spreadsheetId: string,
  { mapping, memory }: EditedTab,
  edits: readonly SeenEdit[],
  signals: CallSignals,
): Promise<(SeenEdit | undefined)[]> {
  const doubtful = new Map(edits.map((edit) => [edit, doubtfulIn(mapping, edit)]))
  const ids = edits.flatMap((edit) => (Object.keys(doubtful.get(edit) ?? {}).length > 0 ? [edit.id] : []))
  const { sheetId, stored } = memory
  if (ids.length === 0 || sheetId === undefined || stored === undefined) return [...edits]
  const rows = new Map(
    [stored.headerRow, ...ids.flatMap((id) => memory.positions.rowsOf(id))].map((row) => [row, ALL_COLUMNS]),
  )
  const few = runs(rows)
  const columns = spanOf(Object.values(stored.columns))
  const areas = few.length > MOST_AREAS ? [top(stored.headerRow + 1), band(columns)] : few
  const tab = { mapping, sheetId, headerRow: stored.headerRow }
  const shown = await rowsWithTypes(context, spreadsheetId, tab, areas, signals)
  return edits.map((edit) => {
    const cells = doubtful.get(edit) ?? {}
    if (Object.keys(cells).length === 0) return edit
    const dated = datedAmong(shown.get(edit.id) ?? [], cells)
    return dated && { ...edit, zone: readingOf(edit.zone, dated) }
  })
}

/** Which of these cells are dates to Sheets; undefined where no row shows them all. */
export function datedAmong(rows: readonly CellsByHeader[], cells: Cells): Cells | undefined {
  const headers = Object.keys(cells)
  const row = rows.find((one) =>
    headers.every((header) => sameCell(fromCellData(one[header]), cells[header])),
  )
  const isDate = (header: string) =>
    DATE_TYPES.includes(row?.[header]?.effectiveFormat?.numberFormat?.type ?? '')
  return row && Object.fromEntries(Object.entries(cells).filter(([header]) => isDate(header)))
}

function doubtfulIn({ target, model }: Mapping, { kind, column, shown }: SeenEdit): Cells {
  if (kind === 'remove') return {}
  const cells = kind === 'create' ? ((shown ?? {}) as Entry) : { [column]: shown as SheetCell }
  const fieldOf = new Map(target.columns.map(({ header, field }) => [header, model.fields[field ?? '']]))
  return Object.fromEntries(
    Object.entries(cells).filter(([header, cell]) => !isEmpty(cell) && mayBeDate(fieldOf.get(header), cell)),
  )
}

/** A row's cells by header. */
export type CellsByHeader = Readonly<Record<string, sheets_v4.Schema$CellData>>

/** A tab that is read with the types of its numbers. */
interface TypedTab {
  readonly mapping: Mapping
  readonly sheetId: number
  readonly headerRow: number
}

/**
 * Reads parts of a tab with the types of their numbers.
 * @returns cells by header of the rows that show a key, by that; none where they cannot be read
 */
export async function rowsWithTypes(
  { api, log }: Pick<BatchContext, 'api' | 'log'>,
  spreadsheetId: string,
  { mapping, sheetId, headerRow }: TypedTab,
  areas: readonly Area[],
  signals: CallSignals,
): Promise<ReadonlyMap<string, readonly CellsByHeader[]>> {
  const asked = { sheetId, areas, withNumberTypes: true }
  const read = await api.read(spreadsheetId, [asked], signals).catch((error) => {
    if (!(error instanceof SheetsFailure)) throw error
    log.debug(
      { target: mapping.target.name, error: error.message },
      'numbers that may be dates wait for a look',
    )
    return undefined
  })
  return rowsById(mapping, headerRow, read?.sheets?.[0])
}

/** Cells by header of the rows that show a key, by that. */
function rowsById(
  mapping: Mapping,
  headerRow: number,
  sheet: sheets_v4.Schema$Sheet | undefined,
): Map<string, CellsByHeader[]> {
  const rows = new Map<number, sheets_v4.Schema$CellData[]>()
  for (const { startRow, startColumn, rowData } of sheet?.data ?? []) {
    for (const [at, { values }] of (rowData ?? []).entries()) {
      const row = getOrMake(rows, (startRow ?? 0) + at, () => [])
      for (const [offset, cell] of (values ?? []).entries()) row[(startColumn ?? 0) + offset] = cell
    }
  }
  const header = Array.from(rows.get(headerRow) ?? [], fromCellData)
  const columns = Object.entries(columnsNow(mapping, header) ?? {})
  const found = new Map<string, CellsByHeader[]>()
  for (const [row, values] of rows) {
    const cells = Object.fromEntries(columns.map(([name, column]) => [name, values[column] ?? {}]))
    const id = row > headerRow ? keyOf(fromCellData(cells[mapping.target.key])) : null
    if (id !== null) found.set(id, [...(found.get(id) ?? []), cells])
  }
  return found
}
