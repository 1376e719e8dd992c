/** A line of the table: what, how much, and a remark. */
export type TableRow = readonly [what: string, value: string, remark: string]

/** Renders rows as aligned columns: words to the left, values to the right. */
export function renderTable(rows: readonly TableRow[]): string {
  const width = (at: 0 | 1) => Math.max(...rows.map((row) => row[at].length))
  const [first, second] = [width(0), width(1)]
  return rows
    .map(([what, value, remark]) => `  ${what.padEnd(first)}  ${value.padStart(second)}   ${remark}`)
    .join('\n')
}
