import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { type Located, locate } from '../model/a1.ts'
import { invalid, prefixed } from '../model/errors.ts'
import { appendLines, insertLines } from '../model/lines.ts'
import { printRange } from '../model/print-range.ts'
import type { Rect } from '../model/rect.ts'
import type { Spreadsheet } from '../model/spreadsheet.ts'
import { findTable } from '../values/append.ts'
import { readValues } from '../values/read.ts'
import { clearValues, type InputOption, type Written, writeValues } from '../values/write.ts'
import { type ApiMethod, type Call, choice, chosen } from './call.ts'
import { RESPONSE_QUERY, renderOptions, responseOptions } from './value-options.ts'

const DIMENSIONS = ['ROWS', 'COLUMNS'] as const
const INPUTS = ['RAW', 'USER_ENTERED'] as const

/** spreadsheets.values.get */
export const get: ApiMethod = {
  id: 'spreadsheets.values.get',
  kind: 'read',
  answer: 'ValueRange',
  query: ['majorDimension', 'valueRenderOption', 'dateTimeRenderOption'],
  run: (call) => {
    const spreadsheet = call.store.find(call.path.spreadsheetId!)
    const range = locate(spreadsheet, call.path.range!)
    const dimension = choice(call.query, 'majorDimension', DIMENSIONS)
    return readValues(spreadsheet, range, dimension, renderOptions(call.query))
  },
}

/** spreadsheets.values.batchGet */
export const batchGet: ApiMethod = {
  id: 'spreadsheets.values.batchGet',
  kind: 'read',
  answer: 'BatchGetValuesResponse',
  query: ['ranges', 'majorDimension', 'valueRenderOption', 'dateTimeRenderOption'],
  run: (call) => {
    const spreadsheet = call.store.find(call.path.spreadsheetId!)
    const dimension = choice(call.query, 'majorDimension', DIMENSIONS)
    const options = renderOptions(call.query)
    const valueRanges = call.query
      .getAll('ranges')
      .map((range) => readValues(spreadsheet, locate(spreadsheet, range), dimension, options))
    return { spreadsheetId: spreadsheet.id, ...(valueRanges.length > 0 && { valueRanges }) }
  },
}

/** spreadsheets.values.update */
export const update: ApiMethod = {
  id: 'spreadsheets.values.update',
  kind: 'write',
  body: 'ValueRange',
  bodyField: 'data',
  answer: 'UpdateValuesResponse',
  query: ['valueInputOption', ...RESPONSE_QUERY],
  run: (call) => {
    const spreadsheet = call.store.find(call.path.spreadsheetId!)
    const body: sheets_v4.Schema$ValueRange = call.body
    const range = call.path.range!
    const input = inputOption(call.query.get('valueInputOption'))
    return spreadsheet.transact(() => {
      const located = locate(spreadsheet, range)
      if (body.range && !sameRange(located, locate(spreadsheet, body.range))) {
        throw invalid(`Requested writing within range [${range}], but the body's range is [${body.range}].`)
      }
      const written = writeValues(spreadsheet, located, body, input, guardOf(call, spreadsheet, located))
      return updateJson(call, spreadsheet, located, body, written)
    })
  },
}

/** spreadsheets.values.batchUpdate: all ranges or none. */
export const batchUpdate: ApiMethod = {
  id: 'spreadsheets.values.batchUpdate',
  kind: 'write',
  body: 'BatchUpdateValuesRequest',
  answer: 'BatchUpdateValuesResponse',
  query: [],
  run: (call) => {
    const spreadsheet = call.store.find(call.path.spreadsheetId!)
    const body: sheets_v4.Schema$BatchUpdateValuesRequest = call.body
    const input = inputOption(body.valueInputOption)
    return spreadsheet.transact(() => {
      const done = (body.data ?? []).map((data, index) => {
        try {
          const located = locate(spreadsheet, data.range ?? '')
          return {
            data,
            located,
            written: writeValues(spreadsheet, located, data, input, guardOf(call, spreadsheet, located)),
          }
        } catch (error) {
          throw prefixed(error, `Invalid data[${index}]: `)
        }
      })
      const responses = done.map(({ data, located, written }) =>
        updateJson(call, spreadsheet, located, data, written),
      )
      return { spreadsheetId: spreadsheet.id, ...totals(done), ...(responses.length > 0 && { responses }) }
    })
  },
}

/** spreadsheets.values.append: after the last table in the range; `tableRange` is absent when there is none. */
export const append: ApiMethod = {
  id: 'spreadsheets.values.append',
  kind: 'write',
  body: 'ValueRange',
  bodyField: 'data',
  answer: 'AppendValuesResponse',
  query: ['valueInputOption', 'insertDataOption', ...RESPONSE_QUERY],
  run: (call) => {
    const spreadsheet = call.store.find(call.path.spreadsheetId!)
    const body: sheets_v4.Schema$ValueRange = call.body
    const input = inputOption(call.query.get('valueInputOption'))
    const insert = choice(call.query, 'insertDataOption', ['OVERWRITE', 'INSERT_ROWS']) === 'INSERT_ROWS'
    return spreadsheet.transact(() => {
      const located = locate(spreadsheet, call.path.range!)
      const table = findTable(located)
      const { tab } = located
      const row = table ? table.endRow : located.startRow
      const column = table ? table.startColumn : located.startColumn
      const lists = (body.values ?? []) as unknown[][]
      const longest = lists.reduce((max, list) => Math.max(max, list.length), 0)
      const [rows, columns] =
        body.majorDimension === 'COLUMNS' ? [longest, lists.length] : [lists.length, longest]
      if (insert && rows > 0 && row < tab.grid.rowCount) insertLines(spreadsheet, tab, 'ROWS', row, rows)
      const missing = row + rows - tab.grid.rowCount
      if (missing > 0) appendLines(spreadsheet, tab, 'ROWS', missing)
      const missingColumns = column + columns - tab.grid.columnCount
      if (missingColumns > 0) appendLines(spreadsheet, tab, 'COLUMNS', missingColumns)
      const origin = { startRow: row, endRow: row + 1, startColumn: column, endColumn: column + 1 }
      const target: Located = { tab, ...origin, cell: true }
      const written = writeValues(spreadsheet, target, body, input, guardOf(call, spreadsheet, target))
      // From where the row begins, also when its first values are null: google-spreadsheet's live tests read them so.
      const box = { ...written.box, startRow: row, startColumn: column }
      return {
        spreadsheetId: spreadsheet.id,
        ...(table && { tableRange: printRange(tab.meta.title, table) }),
        updates: updateJson(call, spreadsheet, target, body, { ...written, box }),
      }
    })
  },
}

/** spreadsheets.values.clear */
export const clear: ApiMethod = {
  id: 'spreadsheets.values.clear',
  kind: 'write',
  body: 'ClearValuesRequest',
  answer: 'ClearValuesResponse',
  query: [],
  run: (call) => {
    const spreadsheet = call.store.find(call.path.spreadsheetId!)
    return spreadsheet.transact(() => {
      const located = locate(spreadsheet, call.path.range!)
      const cleared = clearValues(located, guardOf(call, spreadsheet, located))
      return { spreadsheetId: spreadsheet.id, clearedRange: printRange(cleared.tab.meta.title, cleared) }
    })
  },
}

/** spreadsheets.values.batchClear */
export const batchClear: ApiMethod = {
  id: 'spreadsheets.values.batchClear',
  kind: 'write',
  body: 'BatchClearValuesRequest',
  answer: 'BatchClearValuesResponse',
  query: [],
  run: (call) => {
    const spreadsheet = call.store.find(call.path.spreadsheetId!)
    const body: sheets_v4.Schema$BatchClearValuesRequest = call.body
    return spreadsheet.transact(() => {
      const clearedRanges = (body.ranges ?? []).map((range, index) => {
        try {
          const located = locate(spreadsheet, range)
          const cleared = clearValues(located, guardOf(call, spreadsheet, located))
          return printRange(cleared.tab.meta.title, cleared)
        } catch (error) {
          throw prefixed(error, `Invalid range[${index}]: `)
        }
      })
      return { spreadsheetId: spreadsheet.id, ...(clearedRanges.length > 0 && { clearedRanges }) }
    })
  },
}

/** @throws ApiError 400 when the option is missing; the API's own text for that is not established */
export function inputOption(value: string | null | undefined): InputOption {
  const option = chosen(value, 'valueInputOption', INPUTS)
  if (!option) throw invalid("'valueInputOption' is required but not specified")
  return option
}

function sameRange(a: Located, b: Located): boolean {
  const keys = ['startRow', 'endRow', 'startColumn', 'endColumn'] as const
  return a.tab.sheetId === b.tab.sheetId && keys.every((key) => a[key] === b[key])
}

/** The guard of a write: throws when the caller may not edit the cells. */
export function guardOf(call: Call, spreadsheet: Spreadsheet, { tab }: Located): (rect: Rect) => void {
  return (rect) => call.guard(spreadsheet, tab, rect)
}

/** UpdateValuesResponse: counts of written rows, columns and cells; what is 0 is left out. */
export function updateJson(
  call: Call,
  spreadsheet: Spreadsheet,
  located: Located,
  body: sheets_v4.Schema$ValueRange,
  written: Written,
): sheets_v4.Schema$UpdateValuesResponse {
  const response = responseOptions(call)
  return {
    spreadsheetId: spreadsheet.id,
    updatedRange: printRange(located.tab.meta.title, written.box),
    ...(written.cells > 0 && {
      updatedRows: written.rows.size,
      updatedColumns: written.columns.size,
      updatedCells: written.cells,
    }),
    ...(response && {
      // The requested range, not the written one (recorded); an origin stands for what was written from it.
      updatedData: readValues(
        spreadsheet,
        located.cell ? { ...located, ...written.box } : located,
        body.majorDimension,
        response,
      ),
    }),
  }
}

/** Totals of values.batchUpdate: rows and columns are distinct over all ranges, cells are added up (recorded). */
export function totals(done: readonly { located: Located; written: Written }[]): object {
  const rows = new Set<string>()
  const columns = new Set<string>()
  const tabs = new Set<number>()
  let cells = 0
  for (const { located, written } of done) {
    const { sheetId } = located.tab
    for (const row of written.rows) rows.add(`${sheetId}:${row}`)
    for (const column of written.columns) columns.add(`${sheetId}:${column}`)
    if (written.cells > 0) tabs.add(sheetId)
    cells += written.cells
  }
  if (cells === 0) return {}
  return {
    totalUpdatedRows: rows.size,
    totalUpdatedColumns: columns.size,
    totalUpdatedCells: cells,
    totalUpdatedSheets: tabs.size,
  }
}
