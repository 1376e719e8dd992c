import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { format } from 'numfmt'
import { tabTitled } from '../model/a1.ts'
import type { Cell, Scalar } from '../model/cell.ts'
import type { Rect } from '../model/rect.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'
import { evaluate } from './formula.ts'
import { CellError, PARSE_ERROR, REF_ERROR, type Value } from './formula-functions.ts'
import { type Locale, localeOf } from './locale.ts'

/** ValueRenderOption and DateTimeRenderOption of a read. */
export interface RenderOptions {
  readonly value: 'FORMATTED_VALUE' | 'UNFORMATTED_VALUE' | 'FORMULA'
  /** Ignored with FORMATTED_VALUE. */
  readonly dateTime: 'SERIAL_NUMBER' | 'FORMATTED_STRING'
}

const TEMPORAL = new Set(['DATE', 'TIME', 'DATE_TIME'])

/** Reads cells as the API shows them. Formulas are computed on reading. */
export class Renderer {
  readonly #spreadsheet: Spreadsheet
  readonly #computing = new Set<string>()
  /** The spreadsheet's. */
  readonly locale: Locale

  /** @param spreadsheet where formulas find the cells of other tabs */
  constructor(spreadsheet: Spreadsheet) {
    this.#spreadsheet = spreadsheet
    this.locale = localeOf(spreadsheet.properties.locale)
  }

  /** The value of a cell: of a formula, its result. */
  effective(tab: Tab, row: number, column: number, cell: Cell): Value {
    if (typeof cell !== 'object') return cell
    return cell.formula === undefined ? cell.value : this.#compute(tab, row, column, cell.formula)
  }

  /** The cell as values.get prints it; blank is "". */
  render(tab: Tab, row: number, column: number, cell: Cell, options: RenderOptions): Scalar {
    if (cell === undefined) return ''
    if (options.value === 'FORMULA' && typeof cell === 'object' && cell.formula !== undefined)
      return cell.formula
    const value = this.effective(tab, row, column, cell)
    if (value === undefined) return ''
    if (value instanceof CellError) {
      // Unformatted, an error says why: "#DIV/0! (Function DIVIDE parameter 2 cannot be zero.)", as many users quote it.
      const why = options.value === 'UNFORMATTED_VALUE' && value.reason
      return why ? `${value.text} (${value.reason})` : value.text
    }
    const numberFormat = typeof cell === 'object' ? cell.format?.numberFormat : undefined
    if (options.value === 'FORMATTED_VALUE') return formatted(value, numberFormat, this.locale)
    const temporal = TEMPORAL.has(numberFormat?.type ?? '')
    return temporal && options.dateTime === 'FORMATTED_STRING'
      ? formatted(value, numberFormat, this.locale)
      : value
  }

  #compute(tab: Tab, row: number, column: number, formula: string): Value {
    const key = `${tab.sheetId}:${row}:${column}`
    if (this.#computing.has(key)) return REF_ERROR
    this.#computing.add(key)
    try {
      return evaluate(formula, (title, range) => this.#read(tab, title, range))
    } catch (error) {
      if (error instanceof RangeError) return PARSE_ERROR
      throw error
    } finally {
      this.#computing.delete(key)
    }
  }

  #read(own: Tab, title: string | undefined, range: Rect): Value[] | undefined {
    const tab = title === undefined ? own : tabTitled(this.#spreadsheet.tabs, title)
    if (!tab || range.startRow >= tab.grid.rowCount || range.startColumn >= tab.grid.columnCount)
      return undefined
    const values: Value[] = []
    for (
      let row = range.startRow;
      row < Math.min(range.endRow, Math.max(tab.grid.usedRows, range.startRow + 1));
      row++
    ) {
      const cells = tab.grid.cells(row)
      for (let column = range.startColumn; column < Math.min(range.endColumn, cells.length); column++) {
        values.push(this.effective(tab, row, column, cells[column]))
      }
    }
    return values
  }
}

/** A value as a cell shows it, with its number format. */
export function formatted(
  value: Scalar,
  numberFormat: sheets_v4.Schema$NumberFormat | null | undefined,
  locale: Locale = localeOf('en_US'),
): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return locale.booleans[value ? 0 : 1]
  const pattern = numberFormat?.pattern || locale.patterns[numberFormat?.type ?? '']
  const plain = (): string => general(value).replace('.', locale.decimal)
  if (!pattern || pattern === '@') return plain()
  try {
    return format(pattern, value, { leap1900: false, throws: true, locale: locale.tag })
  } catch {
    return plain()
  }
}

/**
 * A number without a format: whole numbers in full, others with ten significant digits. Recorded are 25, 1.5,
 * 0.12 and 0.0009765625; where the real API rounds longer fractions is not established.
 */
function general(value: number): string {
  const magnitude = Math.abs(value)
  if (value !== 0 && (magnitude >= 1e15 || magnitude < 1e-9)) {
    return value
      .toExponential(5)
      .replace(/\.?0+e/, 'E')
      .replace('e', 'E')
      .replace(/E([+-])(\d)$/, 'E$10$2')
  }
  if (Number.isInteger(value)) return String(value)
  const rounded = Number(value.toPrecision(Math.max(10, Math.floor(Math.log10(magnitude)) + 1)))
  return rounded.toFixed(10).replace(/\.?0+$/, '')
}
