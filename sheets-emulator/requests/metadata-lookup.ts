import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { locate } from '../model/a1.ts'
import { invalid } from '../model/errors.ts'
import type { Metadata } from '../model/metadata.ts'
import { band, intersects, type Rect, rectOf, type TabRange } from '../model/rect.ts'
import type { Spreadsheet } from '../model/spreadsheet.ts'
import { MetadataPrinter } from '../values/metadata-json.ts'

/**
 * The metadata that a DataFilter selects, in the order of creation. `developerMetadataLookup: {}` selects all.
 * @throws ApiError 400 for a filter that says nothing, or a lookup the API refuses
 */
export function selectMetadata(
  spreadsheet: Spreadsheet,
  filter: sheets_v4.Schema$DataFilter | null | undefined,
): Metadata[] {
  const printer = new MetadataPrinter(spreadsheet)
  const all = spreadsheet.metadata.all()
  if (filter?.developerMetadataLookup) {
    const lookup = filter.developerMetadataLookup
    assertLookup(lookup)
    return all.filter((entry) => matches(lookup, entry, printer))
  }
  if (filter?.a1Range != null || filter?.gridRange) {
    const range = rangeOfFilter(spreadsheet, filter)
    return all.filter((entry) => {
      const area = areaOf(entry, printer)
      return area !== undefined && area.sheetId === range.sheetId && intersects(area, range)
    })
  }
  throw invalid('A data filter must have a developerMetadataLookup, an a1Range or a gridRange.')
}

/** The cells that a DataFilter of a read or write by filter stands for; several for a metadata lookup. */
export function filteredRanges(spreadsheet: Spreadsheet, filter: sheets_v4.Schema$DataFilter): TabRange[] {
  if (!filter.developerMetadataLookup) return [rangeOfFilter(spreadsheet, filter)]
  const printer = new MetadataPrinter(spreadsheet)
  return selectMetadata(spreadsheet, filter).flatMap((entry) => areaOf(entry, printer) ?? [])
}

function rangeOfFilter(spreadsheet: Spreadsheet, filter: sheets_v4.Schema$DataFilter): TabRange {
  if (filter.gridRange) {
    const { sheetId } = spreadsheet.tab(filter.gridRange.sheetId ?? 0)
    return { ...rectOf(filter.gridRange), sheetId }
  }
  if (filter.a1Range == null)
    throw invalid('A data filter must have a developerMetadataLookup, an a1Range or a gridRange.')
  const { tab, startRow, endRow, startColumn, endColumn } = locate(spreadsheet, filter.a1Range)
  return { sheetId: tab.sheetId, startRow, endRow, startColumn, endColumn }
}

/** The cells an entry belongs to: a row, a column, a tab; none for the spreadsheet. */
function areaOf(entry: Metadata, printer: MetadataPrinter): TabRange | undefined {
  const { place } = entry
  if (place.type === 'SPREADSHEET') return undefined
  const whole: Rect = band('ROWS', 0, Number.POSITIVE_INFINITY)
  if (place.type === 'SHEET') return { ...whole, sheetId: place.sheetId }
  const index = printer.indexOf(entry)
  if (index === undefined) return undefined
  return { ...band(place.type === 'ROW' ? 'ROWS' : 'COLUMNS', index, index + 1), sheetId: place.sheetId }
}

function matches(
  lookup: sheets_v4.Schema$DeveloperMetadataLookup,
  entry: Metadata,
  printer: MetadataPrinter,
): boolean {
  if (lookup.metadataId != null && lookup.metadataId !== entry.id) return false
  if (lookup.metadataKey != null && lookup.metadataKey !== entry.key) return false
  if (lookup.metadataValue != null && lookup.metadataValue !== entry.value) return false
  if (lookup.visibility != null && lookup.visibility !== entry.visibility) return false
  if (lookup.locationType != null && lookup.locationType !== entry.place.type) return false
  const location = lookup.metadataLocation
  if (!location) return true
  const exact = lookup.locationMatchingStrategy === 'EXACT_LOCATION'
  if (location.spreadsheet) return !exact || entry.place.type === 'SPREADSHEET'
  const area = areaOf(entry, printer)
  if (!area) return false
  const wanted = areaOfLocation(location)
  if (area.sheetId !== wanted.sheetId) return false
  return exact ? same(area, wanted) : intersects(area, wanted)
}

function areaOfLocation(location: sheets_v4.Schema$DeveloperMetadataLocation): TabRange {
  const range = location.dimensionRange
  if (!range) return { ...band('ROWS', 0, Number.POSITIVE_INFINITY), sheetId: location.sheetId ?? 0 }
  const dimension = range.dimension === 'COLUMNS' ? 'COLUMNS' : 'ROWS'
  const end = range.endIndex ?? Number.POSITIVE_INFINITY
  return { ...band(dimension, range.startIndex ?? 0, end), sheetId: range.sheetId ?? 0 }
}

function same(a: Rect, b: Rect): boolean {
  return (
    a.startRow === b.startRow &&
    a.endRow === b.endRow &&
    a.startColumn === b.startColumn &&
    a.endColumn === b.endColumn
  )
}

/** What the discovery document says of locationMatchingStrategy and locationType. */
function assertLookup(lookup: sheets_v4.Schema$DeveloperMetadataLookup): void {
  const location = lookup.metadataLocation
  if (lookup.locationMatchingStrategy && !location) {
    throw invalid('If locationMatchingStrategy is specified, a metadataLocation must also be specified.')
  }
  const intersecting = lookup.locationMatchingStrategy !== 'EXACT_LOCATION'
  if (location && intersecting && (lookup.locationType === 'SPREADSHEET' || location.spreadsheet)) {
    throw invalid('A spreadsheet location cannot be used with the INTERSECTING_LOCATION matching strategy.')
  }
}
