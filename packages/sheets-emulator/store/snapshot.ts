import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { z } from 'zod'
import type { Cell } from '../model/cell.ts'
import type { Metadata } from '../model/metadata.ts'
import type { Rect } from '../model/rect.ts'
import { Spreadsheet, type Tab, type TabMeta } from '../model/spreadsheet.ts'
import { sharedFormat } from '../values/cell-data.ts'
import { MetadataPrinter } from '../values/metadata-json.ts'

const HEADER = { format: 'sheets-emulator', version: 1 }
const ROWS_PER_LINE = 500

type Props = sheets_v4.Schema$DimensionProperties

/** A row as it was when a snapshot was taken. Cell arrays are copied on write, so they may be kept. */
interface SavedRow {
  readonly index: number
  readonly cells: readonly Cell[]
  readonly props: Props | undefined
}

/**
 * The lines of a snapshot, one JSON value each. What is saved is fixed when this is called; the lines are made
 * one by one as they are asked for, so that a large spreadsheet does not block its server.
 */
export function snapshotLines(spreadsheets: readonly Spreadsheet[]): Generator<string> {
  const parts = spreadsheets.map((spreadsheet) => ({
    head: head(spreadsheet),
    tabs: spreadsheet.tabs.map((tab) => ({ head: tabHead(tab), rows: savedRows(tab) })),
    metadata: savedMetadata(spreadsheet),
  }))
  return lines(parts)
}

function* lines(
  parts: readonly {
    head: object
    tabs: readonly { head: object; rows: readonly SavedRow[] }[]
    metadata: object[]
  }[],
): Generator<string> {
  yield JSON.stringify(HEADER)
  for (const { head, tabs, metadata } of parts) {
    yield JSON.stringify({ spreadsheet: head })
    for (const tab of tabs) {
      yield JSON.stringify({ tab: tab.head })
      for (let i = 0; i < tab.rows.length; i += ROWS_PER_LINE) {
        const rows = tab.rows.slice(i, i + ROWS_PER_LINE)
        yield JSON.stringify({
          rows: rows.map(({ index, cells, props }) => (props ? [index, cells, props] : [index, cells])),
        })
      }
    }
    if (metadata.length > 0) yield JSON.stringify({ metadata })
  }
}

/**
 * Reads the lines of a snapshot.
 * @throws Error naming the line that is not right
 */
export function loadSnapshot(text: Iterable<string>): Spreadsheet[] {
  const spreadsheets: Spreadsheet[] = []
  let tab: Tab | undefined
  let number = 0
  for (const line of text) {
    number++
    if (line === '') continue
    try {
      const value = JSON.parse(line) as Record<string, unknown>
      if (number === 1)
        z.strictObject({ format: z.literal(HEADER.format), version: z.literal(HEADER.version) }).parse(value)
      else if (value.spreadsheet) spreadsheets.push(restoreHead(value.spreadsheet as ReturnType<typeof head>))
      else if (value.tab) tab = restoreTab(spreadsheets.at(-1)!, value.tab as ReturnType<typeof tabHead>)
      else if (value.rows) restoreRows(spreadsheets.at(-1)!, tab!, value.rows as [number, Cell[], Props?][])
      else if (value.metadata) restoreMetadata(spreadsheets.at(-1)!, value.metadata as SavedMetadata[])
      else throw new Error(`unknown part ${Object.keys(value)[0]}`)
    } catch (error) {
      throw new Error(
        `line ${number} is not part of a snapshot: ${error instanceof Error ? error.message : error}`,
      )
    }
  }
  return spreadsheets
}

function head({ id, properties, namedRanges }: Spreadsheet) {
  return {
    id,
    properties,
    namedRanges: namedRanges.map((named) => ({ ...named, range: { ...named.range, ...pack(named.range) } })),
  }
}

function restoreHead({ id, properties, namedRanges }: ReturnType<typeof head>): Spreadsheet {
  const spreadsheet = new Spreadsheet(id, properties)
  spreadsheet.transact(() => {
    spreadsheet.namedRanges = namedRanges.map((named) => ({
      ...named,
      range: { ...named.range, ...unpack(named.range) },
    }))
  })
  return spreadsheet
}

function tabHead({ sheetId, meta, grid }: Tab) {
  const object = <T extends { range: Rect }>(each: T) => ({ ...each, range: pack(each.range) })
  const columns = Array.from({ length: grid.columnCount }, (_, i) => grid.line('COLUMNS', i)?.props ?? null)
  return {
    sheetId,
    rowCount: grid.rowCount,
    columnCount: grid.columnCount,
    columns: columns.some(Boolean) ? columns : [],
    meta: {
      ...meta,
      basicFilter: meta.basicFilter && object(meta.basicFilter),
      protectedRanges: meta.protectedRanges.map(object),
      tables: meta.tables.map(object),
    },
  }
}

function restoreTab(spreadsheet: Spreadsheet, saved: ReturnType<typeof tabHead>): Tab {
  const object = <T extends { range: Packed }>(each: T) => ({ ...each, range: unpack(each.range) })
  const meta: TabMeta = {
    ...saved.meta,
    tabColor: saved.meta.tabColor,
    basicFilter: saved.meta.basicFilter && object(saved.meta.basicFilter),
    protectedRanges: saved.meta.protectedRanges.map(object),
    tables: saved.meta.tables.map(object),
  }
  const tab = spreadsheet.makeTab(saved.sheetId, meta, saved.rowCount, saved.columnCount)
  spreadsheet.transact(() => {
    spreadsheet.tabs = [...spreadsheet.tabs, tab]
    for (const [index, props] of saved.columns.entries())
      if (props) tab.grid.setLine('COLUMNS', index, { props })
  })
  return tab
}

function savedRows({ grid }: Tab): SavedRow[] {
  const rows: SavedRow[] = []
  grid.forEachRow(0, grid.usedRows, ({ cells, props }, index) => {
    if (cells.length > 0 || props) rows.push({ index, cells, props })
  })
  return rows
}

function restoreRows(
  spreadsheet: Spreadsheet,
  { grid }: Tab,
  rows: readonly [number, Cell[], Props?][],
): void {
  spreadsheet.transact(() => {
    for (const [index, cells, props] of rows) {
      // A blank cell is null in JSON.
      if (cells.length > 0) grid.update(index, 0, cells.length, (_, i) => restoreCell(cells[i]))
      if (props) grid.setLine('ROWS', index, { props })
    }
  })
}

function restoreCell(cell: Cell | null): Cell {
  if (cell === null || typeof cell !== 'object') return cell ?? undefined
  return cell.format ? { ...cell, format: sharedFormat(cell.format) } : cell
}

interface SavedMetadata extends Omit<Metadata, 'place'> {
  readonly type: Metadata['place']['type']
  readonly sheetId?: number | undefined
  readonly index?: number | undefined
}

function savedMetadata(spreadsheet: Spreadsheet): SavedMetadata[] {
  const printer = new MetadataPrinter(spreadsheet)
  return spreadsheet.metadata.all().map((entry) => {
    const { place, ...rest } = entry
    const sheetId = place.type === 'SPREADSHEET' ? undefined : place.sheetId
    return { ...rest, type: place.type, sheetId, index: printer.indexOf(entry) }
  })
}

function restoreMetadata(spreadsheet: Spreadsheet, saved: readonly SavedMetadata[]): void {
  spreadsheet.transact(() => {
    for (const { type, sheetId = 0, index = 0, id, key, value, visibility } of saved) {
      const entry = { id, key, value, visibility }
      if (type === 'SPREADSHEET') spreadsheet.metadata.put({ ...entry, place: { type } })
      else if (type === 'SHEET') spreadsheet.metadata.put({ ...entry, place: { type, sheetId } })
      else {
        const dimension = type === 'ROW' ? 'ROWS' : 'COLUMNS'
        const { grid } = spreadsheet.tab(sheetId)
        grid.setLine(dimension, index, {})
        const line = grid.line(dimension, index)!
        const placed: Metadata = { ...entry, place: { type, sheetId, line } }
        spreadsheet.metadata.put(placed)
        grid.setLine(dimension, index, { metadata: [...(line.metadata ?? []), placed] })
      }
    }
  })
}

/** A rectangle in JSON, which knows no Infinity: an open end is null. */
type Packed = { [K in keyof Rect]: number | null }

function pack({ startRow, endRow, startColumn, endColumn }: Rect): Packed {
  const end = (value: number): number | null => (value === Number.POSITIVE_INFINITY ? null : value)
  return { startRow, endRow: end(endRow), startColumn, endColumn: end(endColumn) }
}

function unpack({ startRow, endRow, startColumn, endColumn }: Packed): Rect {
  return {
    startRow: startRow ?? 0,
    endRow: endRow ?? Number.POSITIVE_INFINITY,
    startColumn: startColumn ?? 0,
    endColumn: endColumn ?? Number.POSITIVE_INFINITY,
  }
}
