import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { type CellFormat, numberFormat } from '../cells/format.ts'
import { REFUSAL_HEADER } from '../config/edits.ts'
import { columnsByHeader } from '../tab/layout.ts'
import { formatOf, hasNumberKey } from '../tab/mapping.ts'
import type { StoredLayout } from '../tab/memory.ts'
import { helpOf } from './help.ts'
import { lockRequests } from './lock.ts'
import { planRules } from './rules.ts'
import type { SetupColumn, SetupTab } from './setup-tab.ts'

type Request = sheets_v4.Schema$Request

/** Rows that a tab grows by: growing a row at a time is what fills spreadsheets with blank rows and takes calls. */
const GROW_ROWS = 1_000

/** Rows of a new tab, as in a new spreadsheet. */
const NEW_ROWS = 1_000

/** Columns of a new tab beside ours, for people. Each takes a cell a row, of the ten million that a spreadsheet may have. */
const SPARE_COLUMNS = 3

/** Width of new columns by what they hold, in pixels. */
const WIDTHS: Readonly<Record<CellFormat | 'other', number>> = {
  text: 160,
  date: 100,
  time: 90,
  'date-time': 160,
  other: 100,
}

/** It says a sentence. */
const REFUSAL_WIDTH = 320

/** Rows that a batch adds and removes. */
export interface RowChanges {
  readonly added: number
  readonly removed: number
}

/** What has to be done to a tab before rows are written, and what is to be remembered of it. */
export interface Setup {
  readonly requests: readonly Request[]
  readonly stored: StoredLayout
  /** Columns (headers) that rows written before do not have. */
  readonly added: readonly string[]
  /** Of these, where those had stood that were there before, by header: people renamed, or deleted, them. */
  readonly lost: Readonly<Record<string, number>>
}

/**
 * Makes the tab, its headers and room for new rows where they are missing. Formats and widths are set when a column is
 * made, or first used, and never again: from then on they are people's.
 *
 * @param rows what will happen to rows
 * @param dates headers of computed columns whose values turned out to be dates
 */
export function planSetup(tab: SetupTab, rows: RowChanges, dates: ReadonlySet<string>): Setup {
  const { layout, sheetId, newHeaders, mapping } = tab
  const width = Math.max(layout.key, ...layout.columns) + 1
  const rowCount = tab.isNew ? Math.max(tab.isTight ? 0 : NEW_ROWS, rows.added + 2) : tab.rowCount
  const columnCount = tab.isNew ? width + SPARE_COLUMNS : tab.columnCount
  const requests: Request[] = []
  if (tab.isNew) {
    const gridProperties = { rowCount, columnCount, frozenRowCount: layout.headerRow + 1 }
    requests.push({ addSheet: { properties: { sheetId, title: tab.title, gridProperties } } })
  } else if (width > columnCount) {
    requests.push({ appendDimension: { sheetId, dimension: 'COLUMNS', length: width - columnCount } })
  }
  requests.push(...headerRequests(tab))
  if (tab.isNew) requests.push(...widthRequests(tab))
  const formats = { ...tab.stored?.formats }
  const fresh = columnsToFormat(tab, formats, dates)
  // A tab must keep one row below its frozen ones.
  const least = Math.max(layout.headerRow + 1, tab.frozenRows) + 1 + rows.removed
  const lacking = Math.max(tab.endRow + rows.added, least) - rowCount
  const grow = lacking <= 0 || tab.isTight ? Math.max(lacking, 0) : Math.ceil(lacking / GROW_ROWS) * GROW_ROWS
  if (grow > 0) requests.push({ appendDimension: { sheetId, dimension: 'ROWS', length: grow } })
  for (const { column, format, header } of fresh) {
    requests.push(formatRequest(sheetId, column, layout.headerRow + 1, format))
    formats[header] = format
  }
  const rules = planRules(tab, columnsOf(tab), grow > 0)
  requests.push(...rules.requests)
  if (grow > 0) {
    const done = new Set(fresh.map(({ header }) => header))
    for (const { header, column } of columnsOf(tab)) {
      const format = formats[header]
      if (format && !done.has(header)) requests.push(formatRequest(sheetId, column, rowCount, format))
    }
  }
  requests.push(...lockRequests(mapping, sheetId, layout, tab.protections))
  const stored = {
    headerRow: layout.headerRow,
    columns: columnsByHeader(mapping, layout),
    formats,
    ...rules.stored,
    rows: tab.endRow + rows.added - rows.removed,
  }
  const before = tab.isNew ? undefined : tab.stored?.columns
  const lost = [...newHeaders].flatMap((header): [string, number][] =>
    before?.[header] === undefined ? [] : [[header, before[header]]],
  )
  return {
    requests,
    stored,
    added: tab.stored === undefined ? [] : [...newHeaders],
    lost: Object.fromEntries(lost),
  }
}

function headerRequests(tab: SetupTab): Request[] {
  const { layout, sheetId, newHeaders } = tab
  const missing = columnsOf(tab)
    .filter(({ header }) => newHeaders.has(header))
    .sort((a, b) => a.column - b.column)
  const requests: Request[] = []
  for (let at = 0; at < missing.length; ) {
    const from = at
    while (missing[at + 1]?.column === (missing[at]?.column ?? 0) + 1) at++
    at++
    const headers = missing.slice(from, at)
    const start = { sheetId, rowIndex: layout.headerRow, columnIndex: headers[0]?.column ?? 0 }
    const values = headers.map(({ header, help }) => ({
      userEnteredValue: { stringValue: header },
      userEnteredFormat: { textFormat: { bold: true } },
      ...(help && { note: help.note }),
    }))
    const note = headers.some(({ help }) => help) ? ',note' : ''
    const fields = `userEnteredValue,userEnteredFormat.textFormat.bold${note}`
    requests.push({ updateCells: { start, fields, rows: [{ values }] } })
  }
  return requests
}

function widthRequests(tab: SetupTab): Request[] {
  const { sheetId } = tab
  return columnsOf(tab).map(({ column, format, header }) => ({
    updateDimensionProperties: {
      range: { sheetId, dimension: 'COLUMNS', startIndex: column, endIndex: column + 1 },
      properties: { pixelSize: header === REFUSAL_HEADER ? REFUSAL_WIDTH : WIDTHS[format ?? 'other'] },
      fields: 'pixelSize',
    },
  }))
}

function columnsToFormat(
  tab: SetupTab,
  formats: Readonly<Record<string, CellFormat | null>>,
  dates: ReadonlySet<string>,
): { header: string; column: number; format: CellFormat }[] {
  return columnsOf(tab).flatMap(({ header, column, format: own }) => {
    const format = own ?? (dates.has(header) ? 'date-time' : undefined)
    const isNew = tab.isNew || tab.newHeaders.has(header)
    if (format === undefined || (header in formats && !isNew)) return []
    // A column that people made is theirs, except that a date without a format is a number.
    return isNew || format !== 'text' ? [{ header, column, format }] : []
  })
}

function formatRequest(sheetId: number, column: number, fromRow: number, format: CellFormat): Request {
  return {
    repeatCell: {
      range: { sheetId, startRowIndex: fromRow, startColumnIndex: column, endColumnIndex: column + 1 },
      cell: { userEnteredFormat: { numberFormat: numberFormat(format) } },
      fields: 'userEnteredFormat.numberFormat',
    },
  }
}

function columnsOf({ mapping, layout, choices }: SetupTab): SetupColumn[] {
  // Else a text that a person types or reformats (00123, 1e5) becomes a number, which is another key.
  const format: CellFormat | undefined = hasNumberKey(mapping) ? undefined : 'text'
  return [
    { header: mapping.target.key, column: layout.key, format, help: helpOf(mapping, -1) },
    ...mapping.columns.map((column, index) => ({
      header: column.header,
      column: layout.columns[index] as number,
      format: formatOf(column),
      help: helpOf(mapping, index, choices),
    })),
  ]
}
