import type { Cell } from '../model/cell.ts'
import { ApiError } from '../model/errors.ts'
import type { Spreadsheet } from '../model/spreadsheet.ts'
import type { SpreadsheetStore } from '../store/spreadsheets.ts'
import { Renderer } from '../values/render.ts'

const SHOWN = { value: 'FORMATTED_VALUE', dateTime: 'SERIAL_NUMBER' } as const
const MOST_ROWS = 1000

/** A cell of the page: its text, or its text with what else there is to show (n: number, b: boolean, f: formula, note). */
type PageCell =
  | string
  | { t: string; k?: 'n' | 'b' | undefined; f?: string | undefined; note?: string | undefined }

/** The list of spreadsheets for the first page. */
export function listData(store: SpreadsheetStore): object {
  return {
    spreadsheets: store.all().map(({ id, properties, tabs, version }) => ({
      id,
      title: properties.title,
      tabs: tabs.map(({ meta, grid }) => ({ title: meta.title, rows: grid.rowsWithValues() })),
      version,
    })),
  }
}

/** What the page of a spreadsheet shows around its cells. */
export function spreadsheetData(spreadsheet: Spreadsheet): object {
  return {
    id: spreadsheet.id,
    title: spreadsheet.properties.title,
    version: spreadsheet.version,
    tabs: spreadsheet.tabs.map(({ sheetId, meta, grid }) => ({
      sheetId,
      title: meta.title,
      hidden: meta.hidden,
      rowCount: grid.rowCount,
      columnCount: grid.columnCount,
      filledRows: grid.rowsWithValues(),
      frozenRows: meta.frozenRowCount,
      widths: Array.from(
        { length: Math.min(grid.columnCount, 200) },
        (_, i) => grid.line('COLUMNS', i)?.props?.pixelSize ?? 100,
      ),
    })),
  }
}

/**
 * Rows `[from, from + count)` of a tab.
 * @throws ApiError 404 when there is no such tab
 */
export function rowsData(spreadsheet: Spreadsheet, sheetId: number, from: number, count: number): object {
  const tab = spreadsheet.tabs.find((each) => each.sheetId === sheetId)
  if (!tab) throw new ApiError(404, 'NOT_FOUND', 'There is no such tab.')
  const renderer = new Renderer(spreadsheet)
  const last = Math.min(from + Math.min(count, MOST_ROWS), tab.grid.rowCount)
  const rows = Array.from({ length: Math.max(last - from, 0) }, (_, i) => {
    const index = from + i
    const cells = tab.grid.cells(index)
    const hidden = tab.grid.line('ROWS', index)?.props
    return {
      c: cells.map((cell, column) => {
        const value = renderer.effective(tab, index, column, cell)
        return pageCell(cell, String(renderer.render(tab, index, column, cell, SHOWN)), value)
      }),
      ...((hidden?.hiddenByUser || hidden?.hiddenByFilter) && { h: 1 }),
    }
  })
  return { version: spreadsheet.version, from, rows }
}

function pageCell(cell: Cell, t: string, value: unknown): PageCell {
  if (cell === undefined || typeof cell === 'string') return t
  const k = typeof value === 'number' ? 'n' : typeof value === 'boolean' ? 'b' : undefined
  return typeof cell === 'object' ? { t, k, f: cell.formula, note: cell.note } : { t, k }
}
