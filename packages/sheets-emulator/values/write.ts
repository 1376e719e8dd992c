import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { clampToGrid, type Located } from '../model/a1.ts'
import { type Cell, richOf, type Scalar, withValue } from '../model/cell.ts'
import { columnName } from '../model/cell-notation.ts'
import { invalid } from '../model/errors.ts'
import { LIMITS } from '../model/limits.ts'
import { printRange } from '../model/print-range.ts'
import type { Rect } from '../model/rect.ts'
import type { Spreadsheet } from '../model/spreadsheet.ts'
import { type Locale, localeOf } from './locale.ts'
import { parseEntered } from './user-entered.ts'

/** A ValueInputOption: RAW stores what it gets, USER_ENTERED parses strings. */
export type InputOption = 'RAW' | 'USER_ENTERED'

/** What a value write did, for its answer. Rows and columns are those with at least one written cell. */
export interface Written {
  /** Box of the written cells, or the requested range when nothing was written. */
  readonly box: Rect
  readonly rows: ReadonlySet<number>
  readonly columns: ReadonlySet<number>
  readonly cells: number
}

/** Called before cells are written; throws when the caller may not. */
export type Guard = (rect: Rect) => void

/**
 * Writes values into a range: null leaves a cell as it is, "" clears it, short rows leave the rest alone
 * (recorded). A single cell or an open range is an origin; a bounded range of several cells bounds the write
 * (values guide).
 *
 * @throws ApiError 400 past the range, past the grid, above 50,000 characters, or for a value that is no scalar
 */
export function writeValues(
  spreadsheet: Spreadsheet,
  located: Located,
  body: sheets_v4.Schema$ValueRange,
  input: InputOption,
  guard: Guard,
): Written {
  const locale = input === 'RAW' ? undefined : localeOf(spreadsheet.properties.locale)
  const range = clampToGrid(located)
  const { grid, meta } = range.tab
  const columnsFirst = body.majorDimension === 'COLUMNS'
  const limit = bounds(located)
  const rows = new Set<number>()
  const columns = new Set<number>()
  const cells: { row: number; column: number; value: unknown }[] = []
  for (const [i, list] of (body.values ?? []).entries()) {
    for (const [j, value] of (list as unknown[]).entries()) {
      const row = range.startRow + (columnsFirst ? j : i)
      const column = range.startColumn + (columnsFirst ? i : j)
      const written = `Requested writing within range [${printRange(meta.title, located)}], but tried writing to`
      if (row >= limit.endRow) throw invalid(`${written} row [${row + 1}]`)
      if (column >= limit.endColumn) throw invalid(`${written} column [${columnName(column)}]`)
      if (value === null) continue
      if (typeof value === 'object') throw invalid(`Invalid values[${i}][${j}]: ${protoText(value)}`)
      cells.push({ row, column, value })
      rows.add(row)
      columns.add(column)
    }
  }
  const box = boxOf(rows, columns) ?? range
  if (box.endRow > grid.rowCount || box.endColumn > grid.columnCount) {
    throw invalid(
      `Range (${printRange(meta.title, box)}) exceeds grid limits. Max rows: ${grid.rowCount}, max columns: ${grid.columnCount}`,
    )
  }
  if (cells.length > 0) guard(box)
  for (const { row, column, value } of cells) {
    grid.put(row, column, entered(grid.cell(row, column), value as string | number | boolean, locale))
  }
  return { box, rows, columns, cells: cells.length }
}

/** Clears values and formulas; formats, notes and validation stay. */
export function clearValues(located: Located, guard: Guard): Located {
  const range = clampToGrid(located)
  const { grid } = range.tab
  guard(range)
  grid.forEachRow(range.startRow, range.endRow, ({ cells }, row) => {
    for (let column = Math.min(range.endColumn, cells.length) - 1; column >= range.startColumn; column--) {
      const cell = cells[column]
      if (cell !== undefined) grid.put(row, column, withValue(cell, undefined))
    }
  })
  return range
}

/** @throws ApiError 400 above 50,000 characters; the limit is inclusive */
export function assertCellLength(value: unknown): void {
  if (typeof value === 'string' && value.length > LIMITS.charactersPerCell) {
    throw invalid(
      `Your input contains more than the maximum of ${LIMITS.charactersPerCell} characters in a single cell.`,
    )
  }
}

/** A cell with text typed into it. */
export function enteredInto(before: Cell, text: string, { properties }: Spreadsheet): Cell {
  return entered(before, text, localeOf(properties.locale))
}

/** @param locale in which text is read as if it were typed; undefined to keep it as it is */
function entered(before: Cell, value: Scalar, locale: Locale | undefined): Cell {
  assertCellLength(value)
  // In a cell of plain text all that is typed is text, formulas too.
  const isText = richOf(before).format?.numberFormat?.type === 'TEXT'
  if (!locale || typeof value !== 'string' || isText) return withValue(before, value)
  const parsed = parseEntered(value, locale)
  const cell = withValue(before, parsed.value, parsed.formula)
  if (!parsed.format || richOf(cell).format?.numberFormat) return cell
  const { format, ...rest } = richOf(cell)
  return { ...rest, format: { ...format, numberFormat: parsed.format } }
}

function bounds(located: Located): { endRow: number; endColumn: number } {
  const open = Number.POSITIVE_INFINITY
  if (located.cell) return { endRow: open, endColumn: open }
  return { endRow: located.endRow, endColumn: located.endColumn }
}

function boxOf(rows: ReadonlySet<number>, columns: ReadonlySet<number>): Rect | undefined {
  if (rows.size === 0) return undefined
  const min = (set: ReadonlySet<number>): number => [...set].reduce((a, b) => Math.min(a, b))
  const max = (set: ReadonlySet<number>): number => [...set].reduce((a, b) => Math.max(a, b))
  return {
    startRow: min(rows),
    endRow: max(rows) + 1,
    startColumn: min(columns),
    endColumn: max(columns) + 1,
  }
}

function protoText(value: object): string {
  return Array.isArray(value) ? 'list_value {\n}\n' : 'struct_value {\n}\n'
}
