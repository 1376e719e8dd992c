import { invalid } from './errors.ts'
import { LIMITS } from './limits.ts'
import type { Rect } from './rect.ts'
import type { Spreadsheet, Tab } from './spreadsheet.ts'

/** A range of A1 notation, found in a spreadsheet. Ends that the notation leaves open are Infinity. */
export interface Located extends Rect {
  readonly tab: Tab
  /** True for a single cell: a value write from there may extend, see the values guide. */
  readonly cell: boolean
}

const OPEN = Number.POSITIVE_INFINITY
const EVERYTHING: Rect & { cell: boolean } = {
  startRow: 0,
  endRow: OPEN,
  startColumn: 0,
  endColumn: OPEN,
  cell: false,
}

/** `A`, `Z`, `AA` for a column counted from 0. */
export function columnName(index: number): string {
  let name = ''
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name
  }
  return name
}

/** Counted from 0. */
export function columnIndex(name: string): number {
  let index = 0
  for (const letter of name.toUpperCase()) index = index * 26 + letter.charCodeAt(0) - 64
  return index - 1
}

/**
 * Finds a range of A1 or R1C1 notation. The left of `!` is always a tab. Without `!`, quoted text is a tab;
 * otherwise cells of the first tab, then a named range, then a tab, as recorded for a tab named "D3", which needs
 * its quotes, and measured by others for named ranges.
 *
 * @throws ApiError 400 "Unable to parse range: ..." for anything else
 */
export function locate(spreadsheet: Spreadsheet, text: string): Located {
  const bang = splitAtBang(text)
  if (bang) {
    const tab = spreadsheet.tabs.find(({ meta }) => meta.title === bang.title)
    const cells = bang.cells === '' ? undefined : parseCells(bang.cells)
    if (!tab || !cells) throw unparsable(text)
    return { tab, ...cells }
  }
  const first = spreadsheet.tabs[0]!
  const quoted = unquote(text)
  const name = quoted ?? text
  if (quoted === undefined) {
    const cells = parseCells(text)
    if (cells) return { tab: first, ...cells }
    const named = spreadsheet.namedRanges.find((range) => range.name.toLowerCase() === text.toLowerCase())
    if (named) return { tab: spreadsheet.tab(named.range.sheetId), ...named.range, cell: isCell(named.range) }
  }
  const tab = spreadsheet.tabs.find(({ meta }) => meta.title === name)
  if (!tab) throw unparsable(text)
  return { tab, ...EVERYTHING }
}

/** The range in A1 notation with its tab, as answers of the API print it: quoted only where needed. */
export function printRange(title: string, range: Rect): string {
  return `${printTitle(title)}!${printCells(range)}`
}

/** A tab's name as answers print it: bare when it is a plain word that cannot be taken for a cell. */
export function printTitle(title: string): string {
  const plain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(title) && parseCells(title) === undefined
  return plain ? title : `'${title.replaceAll("'", "''")}'`
}

/** `A1:B2`, `A1`, `A5:A`, `2:4`. */
export function printCells({ startRow, endRow, startColumn, endColumn }: Rect): string {
  const openRows = endRow === OPEN
  const openColumns = endColumn === OPEN
  if (openRows && openColumns) return `A${startRow + 1}:${columnName(LIMITS.columnsPerTab - 1)}`
  if (openColumns) return `${startColumn === 0 ? '' : columnName(startColumn)}${startRow + 1}:${endRow}`
  const from = `${columnName(startColumn)}${openRows && startRow === 0 ? '' : startRow + 1}`
  if (openRows) return `${from}:${columnName(endColumn - 1)}`
  const to = `${columnName(endColumn - 1)}${endRow}`
  return from === to ? from : `${from}:${to}`
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

function isCell({ startRow, endRow, startColumn, endColumn }: Rect): boolean {
  return endRow - startRow === 1 && endColumn - startColumn === 1
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

/** A corner: column, row, or both; undefined where the notation says nothing. */
interface Corner {
  readonly row: number | undefined
  readonly column: number | undefined
}

function parseCells(text: string): (Rect & { cell: boolean }) | undefined {
  const parts = text.split(':')
  if (parts.length > 2) return undefined
  const from = parseCorner(parts[0]!)
  const to = parts.length === 2 ? parseCorner(parts[1]!) : from
  if (!from || !to) return undefined
  if (parts.length === 1 && (from.row === undefined || from.column === undefined)) return undefined
  const [startRow, endRow] = span(from.row, to.row)
  const [startColumn, endColumn] = span(from.column, to.column)
  if (endRow === OPEN && endColumn === OPEN) return undefined
  const rect = { startRow, endRow, startColumn, endColumn }
  return { ...rect, cell: isCell(rect) }
}

function span(from: number | undefined, to: number | undefined): [number, number] {
  if (from !== undefined && to !== undefined) return [Math.min(from, to), Math.max(from, to) + 1]
  return [from ?? to ?? 0, OPEN]
}

function parseCorner(text: string): Corner | undefined {
  const a1 = /^\$?([A-Za-z]{1,3})?\$?([1-9][0-9]{0,8})?$/.exec(text)
  if (a1 && text !== '') {
    const column = a1[1] === undefined ? undefined : columnIndex(a1[1])
    if (column !== undefined && column >= LIMITS.columnsPerTab) return undefined
    return { column, row: a1[2] === undefined ? undefined : Number(a1[2]) - 1 }
  }
  const r1c1 = /^R([1-9][0-9]{0,8})C([1-9][0-9]{0,4})$/i.exec(text)
  return r1c1 ? { row: Number(r1c1[1]) - 1, column: Number(r1c1[2]) - 1 } : undefined
}
