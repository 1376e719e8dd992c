import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { unsupported } from '../model/errors.ts'
import type { Spreadsheet } from '../model/spreadsheet.ts'

type Request = sheets_v4.Schema$Request
type Resource = sheets_v4.Schema$Spreadsheet

/** What a spreadsheet is made with beside its tabs; what the API fills in itself may be there too. */
const SPREADSHEET_PARTS = new Set([
  'properties',
  'sheets',
  'namedRanges',
  'developerMetadata',
  'spreadsheetId',
  'spreadsheetUrl',
])

/**
 * The requests that fill a new spreadsheet with what spreadsheets.create was given beside the properties of its tabs.
 * @param spreadsheet with its tabs, in the order of the request's
 * @throws ApiError 501 for a part that is not emulated
 */
export function contentRequests(spreadsheet: Spreadsheet, request: Resource): Request[] {
  const unknown = Object.keys(request).find((part) => !SPREADSHEET_PARTS.has(part))
  if (unknown !== undefined) throw unsupported(`${unknown} in spreadsheets.create`)
  return [
    ...(request.sheets ?? []).flatMap((sheet, at) =>
      sheetRequests(sheet, spreadsheet.tabs[at]?.sheetId ?? 0),
    ),
    ...(request.namedRanges ?? []).map((namedRange): Request => ({ addNamedRange: { namedRange } })),
    ...(request.developerMetadata ?? []).map(metadataRequest),
  ]
}

function sheetRequests(sheet: sheets_v4.Schema$Sheet, sheetId: number): Request[] {
  const { properties: _properties, ...parts } = sheet
  return Object.entries(parts).flatMap(([part, value]) => {
    switch (part) {
      case 'data':
        return (value as sheets_v4.Schema$GridData[]).flatMap((data) => dataRequests(data, sheetId))
      case 'merges':
        return (value as sheets_v4.Schema$GridRange[]).map(
          (range): Request => ({ mergeCells: { range: { sheetId, ...range }, mergeType: 'MERGE_ALL' } }),
        )
      case 'protectedRanges':
        return (value as sheets_v4.Schema$ProtectedRange[]).map((protectedRange): Request => {
          const range = protectedRange.range && { range: { sheetId, ...protectedRange.range } }
          return { addProtectedRange: { protectedRange: { ...protectedRange, ...range } } }
        })
      case 'basicFilter': {
        const filter = value as sheets_v4.Schema$BasicFilter
        return [{ setBasicFilter: { filter: { ...filter, range: { sheetId, ...filter.range } } } }]
      }
      case 'tables':
        return (value as sheets_v4.Schema$Table[]).map(
          (table): Request => ({ addTable: { table: { ...table, range: { sheetId, ...table.range } } } }),
        )
      case 'developerMetadata':
        return (value as sheets_v4.Schema$DeveloperMetadata[]).map(metadataRequest)
      default:
        throw unsupported(`sheets[].${part} in spreadsheets.create`)
    }
  })
}

function dataRequests(data: sheets_v4.Schema$GridData, sheetId: number): Request[] {
  const { startRow, startColumn, rowData, ...others } = data
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw unsupported(`sheets[].data[].${unknown} in spreadsheets.create`)
  if (!rowData?.length) return []
  const start = { sheetId, rowIndex: startRow ?? 0, columnIndex: startColumn ?? 0 }
  return [{ updateCells: { start, rows: rowData, fields: '*' } }]
}

function metadataRequest(developerMetadata: sheets_v4.Schema$DeveloperMetadata): Request {
  return { createDeveloperMetadata: { developerMetadata } }
}
