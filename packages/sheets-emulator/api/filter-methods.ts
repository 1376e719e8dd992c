import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { Located } from '../model/a1.ts'
import { ApiError, invalid } from '../model/errors.ts'
import { printRange } from '../model/print-range.ts'
import type { Tab } from '../model/spreadsheet.ts'
import { selectMetadata } from '../requests/metadata-lookup.ts'
import { MetadataPrinter } from '../values/metadata-json.ts'
import { readValues } from '../values/read.ts'
import { clearValues, writeValues } from '../values/write.ts'
import type { ApiMethod } from './call.ts'
import { isEmpty, type Selection, selected } from './data-filters.ts'
import { bodyRenderOptions } from './value-options.ts'
import { guardOf, inputOption, totals, updateJson } from './values-methods.ts'

/**
 * spreadsheets.values.batchGetByDataFilter: ordered by where the ranges start, not as the filters were sent, and
 * filters of the same range share an entry (measured by others against the real API: brekkylab/backlot, October 2026).
 */
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
    const filters = request.dataFilters ?? []
    if (filters.length === 0) throw invalid('Must specify at least one dataFilter.')
    const selections = selected(spreadsheet, filters, 'grid', (index) => `Invalid dataFilter[${index}]: `)
    const order = (tab: Tab): number => spreadsheet.tabs.indexOf(tab)
    const sorted = selections.toSorted(
      ({ range: a }, { range: b }) =>
        order(a.tab) - order(b.tab) ||
        a.startColumn - b.startColumn ||
        a.startRow - b.startRow ||
        a.endColumn - b.endColumn ||
        a.endRow - b.endRow,
    )
    const entries = new Map<string, sheets_v4.Schema$MatchedValueRange>()
    for (const { range } of sorted) {
      const valueRange = isEmpty(range)
        ? { range: '#REF!', majorDimension: request.majorDimension === 'COLUMNS' ? 'COLUMNS' : 'ROWS' }
        : readValues(spreadsheet, range, request.majorDimension, options)
      if (entries.has(valueRange.range!)) continue
      const same = ({ range: other }: Selection): boolean =>
        isEmpty(range) ? isEmpty(other) : printed(other) === printed(range)
      const dataFilters = selections.filter(same).map(({ filter }) => echo(filter))
      entries.set(valueRange.range!, { valueRange, dataFilters })
    }
    return { spreadsheetId: spreadsheet.id, ...(entries.size > 0 && { valueRanges: [...entries.values()] }) }
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
      const done = (request.data ?? []).flatMap(({ dataFilter = {}, ...rest }, index) => {
        const body = rest as sheets_v4.Schema$ValueRange
        const ranges = selected(spreadsheet, [dataFilter], 'grid', () => `Invalid data[${index}]: `)
        return ranges.map(({ range }) => {
          assertCells(range)
          const written = writeValues(spreadsheet, range, body, input, guardOf(call, spreadsheet, range))
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
      const filters = request.dataFilters ?? []
      const ranges = selected(spreadsheet, filters, 'grid', (index) => `Invalid dataFilter[${index}]: `)
      const clearedRanges = ranges.map(({ range }) => {
        assertCells(range)
        return printed(clearValues(range, guardOf(call, spreadsheet, range)))
      })
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

function printed(range: Located): string {
  return printRange(range.tab.meta.title, range)
}

/** A filter as an answer repeats it: a sheetId of 0 is left out. */
function echo(filter: sheets_v4.Schema$DataFilter): sheets_v4.Schema$DataFilter {
  if (filter.gridRange?.sheetId !== 0) return filter
  const { sheetId: _, ...gridRange } = filter.gridRange
  return { ...filter, gridRange }
}

/** @throws ApiError 400 for a range without cells; the text is the emulator's own */
function assertCells(range: Located): void {
  if (isEmpty(range)) throw invalid('The range of the data filter is empty.')
}
