import { type Cells, isCell, parseCells } from './cell-notation.ts'
import { invalid } from './errors.ts'
import { printRange } from './print-range.ts'
import type { Rect } from './rect.ts'
import type { Spreadsheet, Tab } from './spreadsheet.ts'

/** A range of A1 notation, found in a spreadsheet. Ends that the notation leaves open are Infinity. */
export type Located = Cells & { readonly tab: Tab }

const OPEN = Number.POSITIVE_INFINITY
const EVERYTHING: Cells = {
  startRow: 0,
  endRow: OPEN,
  startColumn: 0,
  endColumn: OPEN,
  cell: false,
}

/**
 * Finds a range of A1 or R1C1 notation. The left of the last `!` is a tab, the first one when it is empty; the right are
 * cells, or a named range (recorded by gspread: `'Sheet1'!NamedRange`). Without `!`, quoted text is a tab;
 * otherwise cells of the first tab, then a named range, then a tab, as recorded for a tab named "D3", which needs
 * its quotes, and measured by others for named ranges.
 *
 * @throws ApiError 400 "Unable to parse range: ..." for anything else
 */
export function locate(spreadsheet: Spreadsheet, text: string): Located {
  const { tabs } = spreadsheet
  const bang = splitAtBang(text)
  if (bang) {
    const cells = parseCells(bang.cells)
    const tab = bang.title === '' && cells ? tabs[0] : tabTitled(tabs, bang.title)
    const found = tab && (cells ? { tab, ...cells } : named(spreadsheet, bang.cells))
    if (found && found.tab === tab) return found
  } else {
    const cells = parseCells(text)
    if (cells) return { tab: tabs[0]!, ...cells }
    const found = named(spreadsheet, text)
    if (found) return found
  }
  // A title that itself has a bang needs no quotes.
  const tab = tabTitled(tabs, unquote(text) ?? text)
  if (!tab) throw unparsable(text)
  return { tab, ...EVERYTHING }
}

/**
 * The tab that a title names: case does not matter, accents and width do (measured by others against the real API:
 * brekkylab/backlot). No two tabs of a spreadsheet differ by case alone.
 */
export function tabTitled(tabs: readonly Tab[], title: string): Tab | undefined {
  const exact = tabs.find(({ meta }) => meta.title === title)
  if (exact) return exact
  const wanted = title.toLowerCase()
  return tabs.find(({ meta }) => meta.title.toLowerCase() === wanted)
}

function named(spreadsheet: Spreadsheet, name: string): Located | undefined {
  const wanted = name.toLowerCase()
  const found = spreadsheet.namedRanges.find((range) => range.name.toLowerCase() === wanted)
  return found && { tab: spreadsheet.tab(found.range.sheetId), ...found.range, cell: isCell(found.range) }
}

/** The part of `range` that is in the grid. */
export function clamp<R extends Rect>(range: R, rowCount: number, columnCount: number): R {
  return {
    ...range,
    endRow: Math.min(range.endRow, rowCount),
    endColumn: Math.min(range.endColumn, columnCount),
  }
}

/**
 * The part of a range that is in its tab's grid.
 * @throws ApiError 400 when it starts outside, in the API's words
 */
export function clampToGrid(range: Located): Located {
  const { rowCount, columnCount } = range.tab.grid
  if (range.startRow >= rowCount || range.startColumn >= columnCount) {
    throw invalid(
      `Range (${printRange(range.tab.meta.title, range)}) exceeds grid limits. Max rows: ${rowCount}, max columns: ${columnCount}`,
    )
  }
  return clamp(range, rowCount, columnCount)
}

function unparsable(text: string): Error {
  return invalid(`Unable to parse range: ${text}`)
}

function splitAtBang(text: string): { title: string; cells: string } | undefined {
  if (text.startsWith("'")) {
    const end = text.search(/'!(?!.*'!)/s)
    if (end < 0) return undefined
    const title = unquote(text.slice(0, end + 1))
    return title === undefined ? undefined : { title, cells: text.slice(end + 2) }
  }
  const bang = text.lastIndexOf('!')
  return bang < 0 ? undefined : { title: text.slice(0, bang), cells: text.slice(bang + 1) }
}

function unquote(text: string): string | undefined {
  return /^'(?:[^']|'')*'$/s.test(text) ? text.slice(1, -1).replaceAll("''", "'") : undefined
}
