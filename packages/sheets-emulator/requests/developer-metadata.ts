import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { invalid } from '../model/errors.ts'
import { below } from '../model/field-mask.ts'
import { LIMITS } from '../model/limits.ts'
import type { Line, Metadata, MetadataPlace } from '../model/metadata.ts'
import type { Spreadsheet } from '../model/spreadsheet.ts'
import { MetadataPrinter } from '../values/metadata-json.ts'
import { fieldsOf, type RequestContext } from './context.ts'
import { selectMetadata, singleLine } from './metadata-lookup.ts'

/**
 * createDeveloperMetadata. An id that is taken makes the request, and so the batch, fail
 * (https://developers.google.com/workspace/sheets/api/guides/metadata); the text of that error is the emulator's own.
 */
export function createDeveloperMetadata(
  { spreadsheet }: RequestContext,
  request: sheets_v4.Schema$CreateDeveloperMetadataRequest,
): sheets_v4.Schema$CreateDeveloperMetadataResponse {
  const given = request.developerMetadata ?? {}
  if (!given.metadataKey) throw invalid('Developer metadata must always have a key specified.')
  const { metadata } = spreadsheet
  const id = given.metadataId ?? spreadsheet.freeId((candidate) => metadata.get(candidate) !== undefined)
  if (metadata.get(id)) throw invalid(`Developer metadata with id ${id} already exists.`)
  const visibility = visibilityOf(given.visibility)
  const { place, at } = placeOf(spreadsheet, given.location)
  const entry: Metadata = {
    id,
    key: given.metadataKey,
    value: given.metadataValue ?? undefined,
    visibility,
    place,
  }
  put(spreadsheet, entry, at)
  return { developerMetadata: new MetadataPrinter(spreadsheet).print(entry) }
}

/** updateDeveloperMetadata: key, value, visibility or location of all entries that the filters select. */
export function updateDeveloperMetadata(
  { spreadsheet }: RequestContext,
  request: sheets_v4.Schema$UpdateDeveloperMetadataRequest,
): sheets_v4.Schema$UpdateDeveloperMetadataResponse {
  const mask = fieldsOf(request.fields)
  const given = request.developerMetadata ?? {}
  const selected = new Set(
    (request.dataFilters ?? []).flatMap((filter) => selectMetadata(spreadsheet, filter)),
  )
  const updated = [...selected].map((entry) => {
    const moves = below(mask, 'location') && given.location
    const { place, at } = moves ? placeOf(spreadsheet, given.location) : { place: entry.place, at: undefined }
    const next: Metadata = {
      id: entry.id,
      key: below(mask, 'metadataKey') ? (given.metadataKey ?? '') : entry.key,
      value: below(mask, 'metadataValue') ? (given.metadataValue ?? undefined) : entry.value,
      visibility: below(mask, 'visibility') ? visibilityOf(given.visibility) : entry.visibility,
      place,
    }
    if (!next.key) throw invalid('Developer metadata must always have a key specified.')
    const index = at ?? new MetadataPrinter(spreadsheet).indexOf(entry)
    remove(spreadsheet, entry)
    put(spreadsheet, next, index)
    return next
  })
  const printer = new MetadataPrinter(spreadsheet)
  return { developerMetadata: updated.map((entry) => printer.print(entry)) }
}

/** deleteDeveloperMetadata: all entries that the filter selects; none is no error. */
export function deleteDeveloperMetadata(
  { spreadsheet }: RequestContext,
  request: sheets_v4.Schema$DeleteDeveloperMetadataRequest,
): sheets_v4.Schema$DeleteDeveloperMetadataResponse {
  const printer = new MetadataPrinter(spreadsheet)
  const selected = selectMetadata(spreadsheet, request.dataFilter)
  const deletedDeveloperMetadata = selected.map((entry) => printer.print(entry))
  for (const entry of selected) remove(spreadsheet, entry)
  return selected.length > 0 ? { deletedDeveloperMetadata } : {}
}

function visibilityOf(visibility: string | null | undefined): string {
  if (visibility === 'DOCUMENT' || visibility === 'PROJECT') return visibility
  throw invalid('Developer metadata must always have visibility specified.')
}

function placeOf(
  spreadsheet: Spreadsheet,
  location: sheets_v4.Schema$DeveloperMetadataLocation | null | undefined,
): { place: MetadataPlace; at: number | undefined } {
  const range = location?.dimensionRange
  if (range) {
    const { tab, dimension, index: start } = singleLine(spreadsheet, range)
    // Makes the line exist, so that the entry has something to hold on to.
    tab.grid.setLine(dimension, start, {})
    const line: Line = tab.grid.line(dimension, start)!
    return { place: { type: dimension === 'ROWS' ? 'ROW' : 'COLUMN', sheetId: tab.sheetId, line }, at: start }
  }
  if (location?.spreadsheet) return { place: { type: 'SPREADSHEET' }, at: undefined }
  if (location?.sheetId != null) {
    return { place: { type: 'SHEET', sheetId: spreadsheet.tab(location.sheetId).sheetId }, at: undefined }
  }
  throw invalid('Developer metadata must always have a location specified.')
}

function put(spreadsheet: Spreadsheet, entry: Metadata, at: number | undefined): void {
  const { metadata } = spreadsheet
  const { place } = entry
  const sheetId = place.type === 'SPREADSHEET' ? undefined : place.sheetId
  metadata.put(entry)
  // The text of this error is the emulator's own; the limit is Google's.
  if (metadata.characters(sheetId) > LIMITS.metadataCharacters) {
    const owner = sheetId === undefined ? 'spreadsheet' : 'sheet'
    throw invalid(
      `The ${owner} would exceed the limit of ${LIMITS.metadataCharacters} characters of developer metadata.`,
    )
  }
  if ((place.type === 'ROW' || place.type === 'COLUMN') && at !== undefined) {
    const dimension = place.type === 'ROW' ? 'ROWS' : 'COLUMNS'
    const entries = [...(place.line.metadata ?? []), entry]
    spreadsheet.tab(place.sheetId).grid.setLine(dimension, at, { metadata: entries })
  }
}

function remove(spreadsheet: Spreadsheet, entry: Metadata): void {
  const { place } = entry
  spreadsheet.metadata.delete(entry.id)
  if (place.type !== 'ROW' && place.type !== 'COLUMN') return
  const index = new MetadataPrinter(spreadsheet).indexOf(entry)
  if (index === undefined) return
  const left = (place.line.metadata ?? []).filter(({ id }) => id !== entry.id)
  const metadata = left.length > 0 ? left : undefined
  spreadsheet.tab(place.sheetId).grid.setLine(place.type === 'ROW' ? 'ROWS' : 'COLUMNS', index, { metadata })
}
