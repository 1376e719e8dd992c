import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { type Located, printRange } from '../model/a1.ts'
import { ApiError, invalid } from '../model/errors.ts'
import type { Spreadsheet } from '../model/spreadsheet.ts'
import { filteredRanges, selectMetadata } from '../requests/metadata-lookup.ts'
import { MetadataPrinter } from '../values/metadata-json.ts'
import { readValues } from '../values/read.ts'
import { clearValues, writeValues } from '../values/write.ts'
import type { ApiMethod } from './call.ts'
import { bodyRenderOptions } from './value-options.ts'
import { guardOf, inputOption, totals, updateJson } from './values-methods.ts'

/** spreadsheets.values.batchGetByDataFilter */
export const batchGetByDataFilter: ApiMethod = {
  id: 'spreadsheets.values.batchGetByDataFilter',
  kind: 'read',
  body: 'BatchGetValuesByDataFilterRequest',
  answer: 'BatchGetValuesByDataFilterResponse',
  query: [],
  run: ({ store, path, body }) => {
    const spreadsheet = store.find(path.spreadsheetId!)
    const request: sheets_v4.Schema$BatchGetValuesByDataFilterRequest = body
    const options = bodyRenderOptions(request)
    const valueRanges = (request.dataFilters ?? []).flatMap((filter) =>
      located(spreadsheet, filter).map((range) => ({
        valueRange: readValues(spreadsheet, range, request.majorDimension, options),
        dataFilters: [filter],
      })),
    )
    return { spreadsheetId: spreadsheet.id, ...(valueRanges.length > 0 && { valueRanges }) }
  },
}

/** spreadsheets.values.batchUpdateByDataFilter: the values go to every range that the filter stands for. */
export const batchUpdateByDataFilter: ApiMethod = {
  id: 'spreadsheets.values.batchUpdateByDataFilter',
  kind: 'write',
  body: 'BatchUpdateValuesByDataFilterRequest',
  answer: 'BatchUpdateValuesByDataFilterResponse',
  query: [],
  run: (call) => {
    const spreadsheet = call.store.find(call.path.spreadsheetId!)
    const request: sheets_v4.Schema$BatchUpdateValuesByDataFilterRequest = call.body
    const input = inputOption(request.valueInputOption)
    return spreadsheet.transact(() => {
      const done = (request.data ?? []).flatMap((data) => {
        if (!data.dataFilter) throw invalid('A data filter is required.')
        const { dataFilter, ...rest } = data
        const body = rest as sheets_v4.Schema$ValueRange
        return located(spreadsheet, dataFilter).map((range) => {
          const written = writeValues(range, body, input, guardOf(call, spreadsheet, range))
          return { body, dataFilter, located: range, written }
        })
      })
      const responses = done.map(({ body, dataFilter, located: range, written }) => {
        const { spreadsheetId: _, ...answer } = updateJson(call, spreadsheet, range, body, written)
        return { ...answer, dataFilter }
      })
      return { spreadsheetId: spreadsheet.id, ...totals(done), ...(responses.length > 0 && { responses }) }
    })
  },
}

/** spreadsheets.values.batchClearByDataFilter */
export const batchClearByDataFilter: ApiMethod = {
  id: 'spreadsheets.values.batchClearByDataFilter',
  kind: 'write',
  body: 'BatchClearValuesByDataFilterRequest',
  answer: 'BatchClearValuesByDataFilterResponse',
  query: [],
  run: (call) => {
    const spreadsheet = call.store.find(call.path.spreadsheetId!)
    const request: sheets_v4.Schema$BatchClearValuesByDataFilterRequest = call.body
    return spreadsheet.transact(() => {
      const clearedRanges = (request.dataFilters ?? []).flatMap((filter) =>
        located(spreadsheet, filter).map((range) => {
          const cleared = clearValues(range, guardOf(call, spreadsheet, range))
          return printRange(cleared.tab.meta.title, cleared)
        }),
      )
      return { spreadsheetId: spreadsheet.id, ...(clearedRanges.length > 0 && { clearedRanges }) }
    })
  },
}

/** spreadsheets.developerMetadata.get */
export const getMetadata: ApiMethod = {
  id: 'spreadsheets.developerMetadata.get',
  kind: 'read',
  answer: 'DeveloperMetadata',
  query: [],
  run: ({ store, path }) => {
    const spreadsheet = store.find(path.spreadsheetId!)
    const entry = spreadsheet.metadata.get(Number(path.metadataId))
    if (!entry) throw new ApiError(404, 'NOT_FOUND', `No developer metadata with ID ${path.metadataId}`)
    return new MetadataPrinter(spreadsheet).print(entry)
  },
}

/** spreadsheets.developerMetadata.search: each entry once, with the filters that selected it. */
export const searchMetadata: ApiMethod = {
  id: 'spreadsheets.developerMetadata.search',
  kind: 'read',
  body: 'SearchDeveloperMetadataRequest',
  answer: 'SearchDeveloperMetadataResponse',
  query: [],
  run: ({ store, path, body }) => {
    const spreadsheet = store.find(path.spreadsheetId!)
    const request: sheets_v4.Schema$SearchDeveloperMetadataRequest = body
    const found = new Map<number, sheets_v4.Schema$MatchedDeveloperMetadata>()
    const printer = new MetadataPrinter(spreadsheet)
    for (const filter of request.dataFilters ?? []) {
      for (const entry of selectMetadata(spreadsheet, filter)) {
        const match = found.get(entry.id)
        if (match) match.dataFilters!.push(filter)
        else found.set(entry.id, { developerMetadata: printer.print(entry), dataFilters: [filter] })
      }
    }
    return found.size > 0 ? { matchedDeveloperMetadata: [...found.values()] } : {}
  },
}

function located(spreadsheet: Spreadsheet, filter: sheets_v4.Schema$DataFilter): Located[] {
  return filteredRanges(spreadsheet, filter).map((range) => ({
    ...range,
    tab: spreadsheet.tab(range.sheetId),
    cell: range.endRow - range.startRow === 1 && range.endColumn - range.startColumn === 1,
  }))
}
