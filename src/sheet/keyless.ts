import type { Base } from './base.ts'
import { isSettled } from './base.ts'
import { isEmpty, type SheetCell, sameCell } from './cells/cell.ts'
import type { Mapping } from './mapping.ts'

/** A record that was written before and whose key is not in the sheet. */
export interface LostRecord {
  readonly id: string
  readonly base: Base
}

/** A row without a key, with its cells in the order of the mapping's columns. */
export interface KeylessRow {
  readonly row: number
  readonly cells: readonly SheetCell[]
}

/**
 * Finds the rows whose key somebody emptied: a row without a key that shows exactly what a record showed when it was
 * last written. Rows that fit several records, and records that fit several rows, are left alone: nobody can tell.
 *
 * @returns row by record id
 */
export function matchKeyless(
  mapping: Mapping,
  lost: readonly LostRecord[],
  candidates: readonly KeylessRow[],
): Map<string, number> {
  const rowsByText = Map.groupBy(
    candidates.filter(({ cells }) => !cells.every(isEmpty)),
    ({ cells }) => textOf(cells),
  )
  const wanted = lost.map(({ id, base }) => ({ id, cells: lastShown(mapping, base) }))
  const idsByText = Map.groupBy(wanted, ({ cells }) => textOf(cells))
  const found = new Map<string, number>()
  for (const [text, [one, ...others]] of idsByText) {
    const [row, ...otherRows] = rowsByText.get(text) ?? []
    if (!one || !row || others.length > 0 || otherRows.length > 0) continue
    if (one.cells.every((cell, index) => sameCell(cell, row.cells[index]))) found.set(one.id, row.row)
  }
  return found
}

/** What a record's row showed when it was last written, in the order of the mapping's columns. */
export function lastShown(mapping: Mapping, base: Base): SheetCell[] {
  return mapping.columns.map(({ header }) => {
    const cell = base[header]
    return isSettled(cell) ? cell.seen : (cell ?? null)
  })
}

function textOf(cells: readonly SheetCell[]): string {
  return JSON.stringify(
    cells.map((cell) =>
      isEmpty(cell) ? null : typeof cell === 'string' ? cell.replace(/\r\n?/g, '\n') : cell,
    ),
  )
}
