/** Letters of a column: 0 is A, 26 is AA. */
export function columnName(index: number): string {
  let name = ''
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name
  }
  return name
}

/** A cell as people name it: row 0, column 0 is A1. */
export function cellName(row: number, column: number): string {
  return `${columnName(column)}${row + 1}`
}

/** A tab's title inside of a range: always quoted, an apostrophe doubled. */
function quoteTitle(title: string): string {
  return `'${title.replaceAll("'", "''")}'`
}

/**
 * Part of one column as an A1 range.
 * @param from first row, from 0
 * @param to row after the last, or undefined for the rest of the column
 */
export function columnRange(title: string, column: number, from: number, to?: number): string {
  const letters = columnName(column)
  return `${quoteTitle(title)}!${letters}${from + 1}:${letters}${to ?? ''}`
}

/**
 * Whole rows as an A1 range.
 * @param from first row, from 0
 * @param to row after the last
 */
export function rowRange(title: string, from: number, to: number): string {
  return `${quoteTitle(title)}!${from + 1}:${to}`
}
