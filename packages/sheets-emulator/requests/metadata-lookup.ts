import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { clampToGrid, locate } from '../model/a1.ts'
import { invalid } from '../model/errors.ts'
import { assertStart } from '../model/grid-range.ts'
import type { Metadata } from '../model/metadata.ts'
import {
  assertIndexes,
  band,
  type Dimension,
  intersects,
  type Rect,
  rectOf,
  type TabRange,
} from '../model/rect.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'
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
    assertLookup(spreadsheet, lookup)
    return all.filter((entry) => matches(lookup, entry, printer))
  }
  if (filter?.a1Range != null || filter?.gridRange) {
    const range = rangeOfFilter(spreadsheet, filter)
    return all.filter((entry) => {
      const area = areaOf(entry, printer)
      return area !== undefined && area.sheetId === range.sheetId && intersects(area, range)
    })
  }
  throw invalid('dataFilter.filter must be specified.')
}

/**
 * The cells that a DataFilter of a read or write by filter stands for; several for a metadata lookup.
 * @param what a filter of a tab that does not exist misses, as in {@link Spreadsheet.tab}
 */
export function filteredRanges(
  spreadsheet: Spreadsheet,
  filter: sheets_v4.Schema$DataFilter,
  what: 'grid' | 'sheet',
): TabRange[] {
  if (!filter.developerMetadataLookup) return [rangeOfFilter(spreadsheet, filter, what)]
  const printer = new MetadataPrinter(spreadsheet)
  return selectMetadata(spreadsheet, filter).flatMap((entry) => areaOf(entry, printer) ?? [])
}

function rangeOfFilter(
  spreadsheet: Spreadsheet,
  filter: sheets_v4.Schema$DataFilter,
  what: 'grid' | 'sheet' = 'grid',
): TabRange {
  if (filter.gridRange) {
    const tab = spreadsheet.tab(filter.gridRange.sheetId ?? 0, what)
    const rect = rectOf(filter.gridRange)
    assertStart(tab, filter.gridRange, rect)
    return { ...rect, sheetId: tab.sheetId }
  }
  if (filter.a1Range == null) throw invalid('dataFilter.filter must be specified.')
  const { tab, startRow, endRow, startColumn, endColumn } = clampToGrid(locate(spreadsheet, filter.a1Range))
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

/** What lookups are refused for, in the API's order and words (measured by others: brekkylab/backlot, October 2026). */
function assertLookup(spreadsheet: Spreadsheet, lookup: sheets_v4.Schema$DeveloperMetadataLookup): void {
  const { locationType, locationMatchingStrategy: strategy, metadataLocation: location } = lookup
  const member = location && MEMBERS.find((name) => location[name] != null)
  const whole = location?.spreadsheet === true
  if (locationType === 'SPREADSHEET' && member && !whole)
    throw invalid(`Cannot limit by location type of SPREADSHEET for the location ${member}`)
  if (strategy === 'EXACT_LOCATION' && locationType)
    throw invalid(
      'The locationMatchingStrategy was specified as EXACT_LOCATION, but a locationType was also specified: lookups cannot limit by a location type when matching an exact location.',
    )
  if (strategy && !member)
    throw invalid(
      'A locationMatchingStrategy was specified, but no metadataLocation was specified: lookups must always specify a metadataLocation when specifying a locationMatchingStrategy.',
    )
  if (strategy === 'INTERSECTING_LOCATION' && whole)
    throw invalid(
      'DeveloperMetadataLookup.spreadsheet is true, but locationMatchingStrategy was specified as INTERSECTING.',
    )
  if (member === 'sheetId') spreadsheet.tab(location!.sheetId!)
  if (member === 'dimensionRange') singleLine(spreadsheet, location!.dimensionRange!)
}

const MEMBERS = ['spreadsheet', 'sheetId', 'dimensionRange'] as const

/**
 * The one row or column that a location names, with the checks of the API in their order (as above).
 * @throws ApiError 400 for anything else
 */
export function singleLine(
  spreadsheet: Spreadsheet,
  range: sheets_v4.Schema$DimensionRange,
): { tab: Tab; dimension: Dimension; index: number } {
  const { startIndex: index, endIndex } = range
  if (index == null || endIndex == null)
    throw invalid('DimensionRange must specify both a startIndex and an endIndex.')
  if (endIndex - index !== 1) throw invalid('DimensionRange must represent a single row or column.')
  assertIndexes('DimensionRange', index)
  const tab = spreadsheet.tab(range.sheetId ?? 0)
  const { dimension } = range
  if (dimension !== 'ROWS' && dimension !== 'COLUMNS') throw invalid('No dimension specified')
  const last = tab.grid.count(dimension) - 1
  if (index > last)
    throw invalid(
      `DimensionRange startIndex [${index}] is after the last ${dimension} index [${last}] of the sheet [${tab.sheetId}].`,
    )
  return { tab, dimension, index }
}
