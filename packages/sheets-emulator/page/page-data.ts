import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { rectAsOf } from '../control/as-of.ts'
import { type Cell, richOf } from '../model/cell.ts'
import { ApiError } from '../model/errors.ts'
import type { Grid } from '../model/grid.ts'
import type { Rect } from '../model/rect.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'
import type { SpreadsheetStore } from '../store/spreadsheets.ts'
import type { Locale } from '../values/locale.ts'
import { Renderer } from '../values/render.ts'
import { choicesOf } from '../values/validation.ts'
import { editText } from './edit-text.ts'

const SHOWN = { value: 'FORMATTED_VALUE', dateTime: 'SERIAL_NUMBER' } as const
const MOST_ROWS = 1000

/** How a cell looks: bold, background, colour of its text, as CSS has them. */
interface PageStyle {
  readonly b?: 1 | undefined
  readonly bg?: string | undefined
  readonly fg?: string | undefined
}

/**
 * A cell of the page: its text, or its text with what else there is to show: k (n: number, b: boolean), f: formula,
 * note, e: what an editor opens with when that is another text, s: its looks, x: a checkbox, o: a drop-down's values.
 */
type PageCell =
  | string
  | {
      t: string
      k?: 'n' | 'b' | undefined
      f?: string | undefined
      note?: string | undefined
      e?: string | undefined
      s?: PageStyle | undefined
      x?: 1 | undefined
      o?: readonly string[] | undefined
    }

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
      isHidden: meta.hidden,
      rowCount: grid.rowCount,
      columnCount: grid.columnCount,
      filledRows: grid.rowsWithValues(),
      frozenRows: meta.frozenRowCount,
      hidden: hiddenRuns(grid),
      merges: meta.merges.map((rect) => corners(rect, grid)),
      locks: meta.protectedRanges.map(({ range, body }) => ({
        at: corners(range, grid),
        text: body.description ?? '',
      })),
      filter: meta.basicFilter && {
        at: corners(meta.basicFilter.range, grid),
        hides: hiddenTexts(meta.basicFilter.body),
      },
      widths: Array.from(
        { length: Math.min(grid.columnCount, 200) },
        (_, i) => grid.line('COLUMNS', i)?.props?.pixelSize ?? 100,
      ),
    })),
  }
}

/** Cells that a page has selected, as of a version. */
export interface Selected {
  readonly sheetId: number
  readonly rect: Rect
  readonly version: number
}

/** Where the selected cells are now; null when they were deleted. */
export function placeData(spreadsheet: Spreadsheet, { sheetId, rect, version }: Selected): number[] | null {
  const tab = spreadsheet.tabs.find((each) => each.sheetId === sheetId)
  if (!tab) return null
  try {
    return corners(rectAsOf(spreadsheet, tab, rect, version), tab.grid)
  } catch (error) {
    if (error instanceof ApiError) return null
    throw error
  }
}

/**
 * Rows `[from, from + count)` of a tab.
 * @throws ApiError 404 when there is no such tab
 */
export function rowsData(spreadsheet: Spreadsheet, sheetId: number, from: number, count: number): object {
  const tab = tabOf(spreadsheet, sheetId)
  const renderer = new Renderer(spreadsheet)
  const last = Math.min(from + Math.min(count, MOST_ROWS), tab.grid.rowCount)
  const rows = Array.from({ length: Math.max(last - from, 0) }, (_, i) => {
    const index = from + i
    const cells = tab.grid.cells(index)
    const hidden = tab.grid.line('ROWS', index)?.props
    return {
      c: cells.map((cell, column) => {
        const value = renderer.effective(tab, index, column, cell)
        return pageCell(
          cell,
          String(renderer.render(tab, index, column, cell, SHOWN)),
          value,
          renderer.locale,
        )
      }),
      ...((hidden?.hiddenByUser || hidden?.hiddenByFilter) && { h: 1 }),
    }
  })
  return { version: spreadsheet.version, from, rows }
}

function pageCell(cell: Cell, t: string, value: unknown, locale: Locale): PageCell {
  if (cell === undefined) return t
  const e = editText(cell, locale)
  const k = typeof value === 'number' ? 'n' : typeof value === 'boolean' ? 'b' : undefined
  if (typeof cell === 'string') return e === t ? t : { t, e }
  const rich = richOf(cell)
  const box = rich.validation?.condition?.type === 'BOOLEAN' ? 1 : undefined
  return {
    t,
    k,
    f: rich.formula,
    note: rich.note,
    e: e === t || e === rich.formula ? undefined : e,
    s: rich.format && styleOf(rich.format),
    x: box,
    o: choicesOf(rich.validation),
  }
}

function styleOf(format: sheets_v4.Schema$CellFormat): PageStyle | undefined {
  const b = format.textFormat?.bold ? 1 : undefined
  const bg = cssColor(format.backgroundColorStyle?.rgbColor ?? format.backgroundColor)
  const fg = cssColor(format.textFormat?.foregroundColorStyle?.rgbColor ?? format.textFormat?.foregroundColor)
  return b || bg || fg ? { b, bg, fg } : undefined
}

function cssColor(color: sheets_v4.Schema$Color | null | undefined): string | undefined {
  if (!color) return undefined
  const part = (share: number | null | undefined) =>
    Math.round((share ?? 0) * 255)
      .toString(16)
      .padStart(2, '0')
  return `#${part(color.red)}${part(color.green)}${part(color.blue)}`
}

/** Rows that are not shown, as runs [from, to). */
function hiddenRuns(grid: Grid): [number, number][] {
  const runs: [number, number][] = []
  if (!grid.mayHideRows) return runs
  grid.forEachRow(0, grid.usedRows, ({ props }, index) => {
    if (!props?.hiddenByFilter && !props?.hiddenByUser) return
    const last = runs.at(-1)
    if (last?.[1] === index) last[1]++
    else runs.push([index, index + 1])
  })
  return runs
}

/** [first row, end row, first column, end column), within the grid. */
function corners({ startRow, endRow, startColumn, endColumn }: Rect, grid: Grid): number[] {
  return [startRow, Math.min(endRow, grid.rowCount), startColumn, Math.min(endColumn, grid.columnCount)]
}

function hiddenTexts(body: sheets_v4.Schema$BasicFilter): Record<string, readonly string[]> {
  return Object.fromEntries(
    (body.filterSpecs ?? []).map((spec) => [
      String(spec.columnIndex ?? 0),
      spec.filterCriteria?.hiddenValues ?? [],
    ]),
  )
}

/**
 * The texts of a column below a row, each once, for a filter to choose from; at most 1,000.
 * @throws ApiError 404 when there is no such tab
 */
export function columnTexts(
  spreadsheet: Spreadsheet,
  sheetId: number,
  column: number,
  below: number,
): object {
  const tab = tabOf(spreadsheet, sheetId)
  const renderer = new Renderer(spreadsheet)
  const texts = new Set<string>()
  for (let row = below; row < tab.grid.rowsWithValues() && texts.size < MOST_ROWS; row++) {
    texts.add(String(renderer.render(tab, row, column, tab.grid.cell(row, column), SHOWN)))
  }
  return { texts: [...texts].sort() }
}

/** @throws ApiError 404 when there is no such tab */
export function tabOf(spreadsheet: Spreadsheet, sheetId: number): Tab {
  const tab = spreadsheet.tabs.find((each) => each.sheetId === sheetId)
  if (!tab) throw new ApiError(404, 'NOT_FOUND', 'There is no such tab.')
  return tab
}
