import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { clampToGrid, type Located } from '../model/a1.ts'
import { applyMask, below, type Mask } from '../model/field-mask.ts'
import { gridRangeOf } from '../model/rect.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'
import { CellReader } from './cell-data.ts'
import { MetadataPrinter } from './metadata-json.ts'
import { basicFilterJson, groupJson, namedRangeJson, protectedRangeJson, tableJson } from './range-json.ts'
import { sheetProperties } from './sheet-properties.ts'

/** What of a spreadsheet an answer shows. */
export interface ResourceOptions {
  /** Rooted at the Spreadsheet. */
  readonly mask: Mask
  /** Whether cells are shown: the mask names them, or includeGridData was set without a mask. */
  readonly grid: boolean
  /** The ranges asked for; undefined is all tabs as a whole. */
  readonly ranges: readonly Located[] | undefined
  /** Whether the caller may edit a protected range. */
  readonly canEdit: (protectedRangeId: number) => boolean
}

/**
 * A spreadsheet as spreadsheets.get answers, already under its mask. What the mask leaves out is not computed, so
 * that reading a few columns of a large tab stays cheap.
 */
export function spreadsheetResource(
  spreadsheet: Spreadsheet,
  options: ResourceOptions,
): sheets_v4.Schema$Spreadsheet {
  const { mask, ranges } = options
  const metadata = new MetadataPrinter(spreadsheet)
  const part = <T>(name: string, make: () => T | undefined): T | undefined => {
    const child = below(mask, name)
    const value = child && make()
    return value === undefined ? undefined : (applyMask(value, child!) as T)
  }
  const tabs = ranges
    ? spreadsheet.tabs.filter((tab) => ranges.some((range) => range.tab.sheetId === tab.sheetId))
    : spreadsheet.tabs
  const sheetsMask = below(mask, 'sheets')
  const result: Record<string, unknown> = {
    spreadsheetId: part('spreadsheetId', () => spreadsheet.id),
    properties: part('properties', () => spreadsheet.properties),
    sheets: sheetsMask && tabs.map((tab) => sheetResource(spreadsheet, tab, sheetsMask, options, metadata)),
    namedRanges: part('namedRanges', () => some(spreadsheet.namedRanges.map(namedRangeJson))),
    spreadsheetUrl: part(
      'spreadsheetUrl',
      () => `https://docs.google.com/spreadsheets/d/${spreadsheet.id}/edit`,
    ),
    developerMetadata: part('developerMetadata', () =>
      some(
        spreadsheet.metadata
          .all()
          .filter(({ place }) => place.type === 'SPREADSHEET')
          .map((entry) => metadata.print(entry)),
      ),
    ),
  }
  return withoutUndefined(result)
}

function sheetResource(
  spreadsheet: Spreadsheet,
  tab: Tab,
  mask: Mask,
  options: ResourceOptions,
  metadata: MetadataPrinter,
): sheets_v4.Schema$Sheet {
  const { meta } = tab
  const part = <T>(name: string, make: () => T | undefined): T | undefined => {
    const child = below(mask, name)
    const value = child && make()
    return value === undefined ? undefined : (applyMask(value, child!) as T)
  }
  const data = options.grid ? below(mask, 'data') : undefined
  const ranges = options.ranges?.filter((range) => range.tab.sheetId === tab.sheetId) ?? [wholeOf(tab)]
  return withoutUndefined({
    properties: part('properties', () => sheetProperties(spreadsheet, tab)),
    data: data && ranges.map((range) => gridData(spreadsheet, tab, range, data, metadata)),
    merges: part('merges', () =>
      some(meta.merges.map((range) => gridRangeOf({ ...range, sheetId: tab.sheetId }))),
    ),
    basicFilter: part('basicFilter', () => meta.basicFilter && basicFilterJson(tab, meta.basicFilter)),
    protectedRanges: part('protectedRanges', () =>
      some(
        meta.protectedRanges.map((range) =>
          protectedRangeJson(tab, range, options.canEdit(range.body.protectedRangeId ?? 0)),
        ),
      ),
    ),
    rowGroups: part('rowGroups', () => some(meta.rowGroups.map((group) => groupJson(tab, 'ROWS', group)))),
    columnGroups: part('columnGroups', () =>
      some(meta.columnGroups.map((group) => groupJson(tab, 'COLUMNS', group))),
    ),
    tables: part('tables', () => some(meta.tables.map((table) => tableJson(tab, table)))),
    developerMetadata: part('developerMetadata', () =>
      some(
        spreadsheet.metadata
          .all()
          .filter(({ place }) => place.type === 'SHEET' && place.sheetId === tab.sheetId)
          .map((entry) => metadata.print(entry)),
      ),
    ),
  })
}

function gridData(
  spreadsheet: Spreadsheet,
  tab: Tab,
  located: Located,
  mask: Mask,
  metadata: MetadataPrinter,
): sheets_v4.Schema$GridData {
  const range = clampToGrid(located)
  const { startRow, endRow, startColumn, endColumn } = range
  const rowMask = below(mask, 'rowData')
  const valueMask = rowMask && below(rowMask, 'values')
  const rowMetadata = below(mask, 'rowMetadata')
  const columnMetadata = below(mask, 'columnMetadata')
  const lines = (
    dimension: 'ROWS' | 'COLUMNS',
    start: number,
    end: number,
    child: Mask,
  ): sheets_v4.Schema$DimensionProperties[] => {
    const size = dimension === 'ROWS' ? 21 : 100
    return Array.from({ length: end - start }, (_, i) => {
      const line = tab.grid.line(dimension, start + i)
      const props: sheets_v4.Schema$DimensionProperties = { pixelSize: line?.props?.pixelSize ?? size }
      if (line?.props?.hiddenByUser) props.hiddenByUser = true
      if (line?.props?.hiddenByFilter) props.hiddenByFilter = true
      if (line?.metadata) props.developerMetadata = line.metadata.map((entry) => metadata.print(entry))
      return applyMask(props, child) as sheets_v4.Schema$DimensionProperties
    })
  }
  return withoutUndefined({
    startRow: startRow > 0 && below(mask, 'startRow') ? startRow : undefined,
    startColumn: startColumn > 0 && below(mask, 'startColumn') ? startColumn : undefined,
    rowData: rowMask && some(rowData(spreadsheet, range, valueMask)),
    rowMetadata: rowMetadata && some(lines('ROWS', startRow, endRow, rowMetadata)),
    columnMetadata: columnMetadata && some(lines('COLUMNS', startColumn, endColumn, columnMetadata)),
  })
}

/** Rows up to the last with a cell, cells up to the last of the row (recorded for notes). */
function rowData(
  spreadsheet: Spreadsheet,
  range: Located,
  mask: Mask | undefined,
): sheets_v4.Schema$RowData[] {
  const { tab, startRow, startColumn } = range
  const reader = new CellReader(spreadsheet, mask ?? { fields: new Map() })
  const rows: sheets_v4.Schema$RowData[] = []
  tab.grid.forEachRow(startRow, range.endRow, ({ cells }, index) => {
    let end = Math.min(range.endColumn, cells.length)
    while (end > startColumn && cells[end - 1] === undefined) end--
    if (end <= startColumn) return
    while (rows.length < index - startRow) rows.push({})
    const values: sheets_v4.Schema$CellData[] = []
    for (let column = startColumn; column < end; column++)
      values.push(reader.read(tab, index, column, cells[column]))
    rows.push(mask ? { values } : {})
  })
  return rows
}

function wholeOf(tab: Tab): Located {
  const open = Number.POSITIVE_INFINITY
  return { tab, startRow: 0, endRow: open, startColumn: 0, endColumn: open, cell: false }
}

function some<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined
}

function withoutUndefined<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T
}
