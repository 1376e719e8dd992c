import type { Shown } from './person.ts'

/*
 * Rows of a tab as a table that is read at a glance:
 *
 *   ID    | Name   | Seats | Paid |
 *   a     | trip a | 11    | TRUE | call them
 *         |        |       |      |
 *   "007" | "a|b"  | "11"  |      |
 *
 * 11 is a number, "11" a text, TRUE a boolean, nothing an empty cell. A text has quotes, and JSON's escapes in them,
 * only where it could be taken for something else, or has characters that are not seen. Every line has the same number
 * of cells. Empty cells at the end of a row are left out, as the API does: the row below that of a is `[]`.
 */

/** A cell, and the bar after it. In quotes a bar is a character like any other. */
const CELL = /( *"(?:\\.|[^"\\])*" *|[^|]*)\|/g
/** Characters that are not seen, or look like a blank. */
const UNSEEN = /(?! )[\p{C}\p{Z}]/u
const UNSEEN_EACH = new RegExp(UNSEEN, 'gu')
/** What would be read as another value, or as more than one cell. */
const AMBIGUOUS = /^$|^ | $|^[<"]|[|\\]|^(true|false)$/i

/** @throws {Error} where a line may mean something else than it seems to */
export function readTable(table: string): Shown[][] {
  const lines = table.replace(/^ *\n/, '').replace(/\n *$/, '').split('\n')
  const rows = lines.map((line) => {
    if (line.trim() === '')
      throw new Error('expected a blank row to be written with its bars, got an empty line')
    return [...`${line}|`.matchAll(CELL)].map(([, cell = '']) => readCell(cell))
  })
  const width = rows[0]?.length
  const at = rows.findIndex(({ length }) => length !== width)
  if (at >= 0)
    throw new Error(`expected as many cells in every line (${width}), got ${rows[at]?.length}: ${lines[at]}`)
  return rows.map((cells) => {
    const end = cells.findLastIndex((cell) => cell !== null) + 1
    return cells.slice(0, end).map((cell) => cell ?? '')
  })
}

/** @returns null where nothing is written */
function readCell(padded: string): Shown | null {
  const cell = padded.replace(/^ +| +$/g, '')
  if (cell === '') return null
  if (cell.startsWith('"')) return String(JSON.parse(cell))
  const value = [true, false, Number(cell), cell].find((possible) => writeCell(possible) === cell)
  if (value === undefined) throw new Error(`expected ${writeCell(cell)}, if this is a text, got ${cell}`)
  return value
}

/** Rows as lines of a table, in columns as wide as `others` need as well. */
export function writeRows(rows: readonly Shown[][], others: readonly Shown[][] = []): string[] {
  const written = rows.map(writeRow)
  const all = [...written, ...others.map(writeRow)]
  // Two at least, so that a blank row has a bar.
  const columns = Math.max(2, ...all.map(({ length }) => length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...all.map((cells) => cells[column]?.length ?? 0)),
  )
  return written.map((cells) =>
    widths
      .map((width, column) => (cells[column] ?? '').padEnd(width))
      .join(' | ')
      .trimEnd(),
  )
}

/** An empty text at the end is none that the API leaves out. */
function writeRow(row: readonly Shown[]): string[] {
  return row.map((value, at) => (value === '' && at < row.length - 1 ? '' : writeCell(value)))
}

/** A value as a cell of a table says it: no two values are written alike. */
export function writeCell(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (typeof value === 'number' && Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value !== 'string') return `<${value}>`
  if (!AMBIGUOUS.test(value) && !UNSEEN.test(value) && Number.isNaN(Number(value))) return value
  return JSON.stringify(value).replace(UNSEEN_EACH, escapeUnits)
}

/** A character outside of the first plane is two units, and two escapes. */
function escapeUnits(character: string): string {
  const units = character.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'))
  return units.map((unit) => `\\u${unit}`).join('')
}
