import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { Line, Metadata } from '../model/metadata.ts'
import type { Dimension } from '../model/rect.ts'
import type { Spreadsheet } from '../model/spreadsheet.ts'

/** Finds out where rows and columns with metadata are now. Made for one answer: positions change with each write. */
export class MetadataPrinter {
  readonly #spreadsheet: Spreadsheet
  readonly #indexes = new Map<string, Map<Line, number>>()

  constructor(spreadsheet: Spreadsheet) {
    this.#spreadsheet = spreadsheet
  }

  /** Index of the row or column that an entry belongs to; undefined for tabs and spreadsheets. */
  indexOf({ place }: Metadata): number | undefined {
    if (place.type !== 'ROW' && place.type !== 'COLUMN') return undefined
    const dimension = place.type === 'ROW' ? 'ROWS' : 'COLUMNS'
    return this.#index(place.sheetId, dimension).get(place.line)
  }

  /** The entry as answers print it. */
  print(entry: Metadata): sheets_v4.Schema$DeveloperMetadata {
    return {
      metadataId: entry.id,
      metadataKey: entry.key,
      ...(entry.value !== undefined && { metadataValue: entry.value }),
      location: this.#location(entry),
      visibility: entry.visibility,
    }
  }

  #location(entry: Metadata): sheets_v4.Schema$DeveloperMetadataLocation {
    const { place } = entry
    const locationType = place.type
    if (place.type === 'SPREADSHEET') return { locationType, spreadsheet: true }
    if (place.type === 'SHEET')
      return { locationType, ...(place.sheetId !== 0 && { sheetId: place.sheetId }) }
    const startIndex = this.indexOf(entry) ?? 0
    const dimension = place.type === 'ROW' ? 'ROWS' : 'COLUMNS'
    const sheetId = place.sheetId !== 0 && { sheetId: place.sheetId }
    return { locationType, dimensionRange: { ...sheetId, dimension, startIndex, endIndex: startIndex + 1 } }
  }

  #index(sheetId: number, dimension: Dimension): Map<Line, number> {
    const key = `${sheetId}:${dimension}`
    const known = this.#indexes.get(key)
    if (known) return known
    const indexes = new Map<Line, number>()
    const { grid } = this.#spreadsheet.tab(sheetId)
    if (dimension === 'ROWS') {
      grid.forEachRow(0, grid.usedRows, (row, index) => {
        if (row.metadata) indexes.set(row, index)
      })
    } else {
      for (let index = 0; index < grid.columnCount; index++) {
        const line = grid.line('COLUMNS', index)
        if (line?.metadata) indexes.set(line, index)
      }
    }
    this.#indexes.set(key, indexes)
    return indexes
  }
}
