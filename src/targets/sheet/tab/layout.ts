import { WritebackError } from '../../../errors.ts'
import { isEmpty, type SheetCell } from '../cells/cell.ts'
import { headerKey, headerText } from '../config/header.ts'
import { cellName } from '../google/a1.ts'
import type { Mapping } from './mapping.ts'

/** Rows at the top of a tab among which the header row is looked for: people put titles above it. */
export const HEADER_SEARCH_ROWS = 20

/** Where a target's columns stand in its tab, all from 0. */
export interface Layout {
  readonly headerRow: number
  /** Column of the key. */
  readonly key: number
  /** Columns in the order of the mapping's. */
  readonly columns: readonly number[]
  /** Columns of other headers that strategies look at, by header. */
  readonly others: ReadonlyMap<string, number>
}

/** What was found: a complete layout, or one that lacks columns. */
export interface FoundLayout {
  readonly headerRow: number
  /** Column of the key, or -1. */
  readonly key: number
  /** Columns in the order of the mapping's, -1 for a missing one. */
  readonly columns: readonly number[]
  readonly others: ReadonlyMap<string, number>
  /** The first column to the right of every header. */
  readonly end: number
}

/** Where columns were when the tab was last read, by header. */
export interface RememberedLayout {
  readonly headerRow: number
  readonly columns: Readonly<Record<string, number>>
}

/**
 * Finds the header row (the first that holds the key's header) and the columns by their text. A text is compared
 * without outer spaces and, where no other matches, without regard to case.
 *
 * @param rows the first rows of the tab
 * @param remembered where the columns were before; undefined when the tab has never been used
 * @param title the tab's title, for messages
 * @returns what was found; in a tab that was never used the key may be missing
 * @throws WritebackError `SHEET_LAYOUT` when a header stands twice, or when the key's header was there and is gone
 * while the tab is not empty: without it no row can be told from another
 */
export function findLayout(
  mapping: Mapping,
  rows: readonly (readonly SheetCell[])[],
  remembered: RememberedLayout | undefined,
  title: string,
): FoundLayout {
  const keyHeader = mapping.target.key
  const found = rows.findIndex((row) => positions(row, keyHeader).length > 0)
  const empty = rows.every((row) => row.every(isEmpty))
  if (found === -1 && remembered !== undefined && !empty)
    throw keyHeaderGone(mapping, rows, remembered, title)
  const headerRow = found === -1 ? likelyHeaderRow(mapping, rows) : found
  const row = rows[headerRow] ?? []
  const column = (header: string) => onePosition(row, header, headerRow, title)
  return {
    headerRow,
    key: column(keyHeader),
    columns: mapping.columns.map(({ header }) => column(header)),
    others: new Map(
      mapping.otherHeaders.flatMap((header) =>
        positions(row, header)
          .slice(0, 1)
          .map((at) => [header, at]),
      ),
    ),
    end: row.findLastIndex((cell) => !isEmpty(cell)) + 1,
  }
}

/**
 * Where the columns stand in a header row that was shown after a write.
 * @returns in the order of the mapping's columns, -1 for a missing one; undefined where the row does not show the key's
 * header: the header row is another one now
 */
export function placesIn(
  { target, columns }: Mapping,
  headerRow: readonly SheetCell[],
): readonly number[] | undefined {
  const place = (header: string) => positions(headerRow, header)[0] ?? -1
  return place(target.key) === -1 ? undefined : columns.map(({ header }) => place(header))
}

/** The same by header, the key's among them. */
export function columnsNow(
  mapping: Mapping,
  headerRow: readonly SheetCell[],
): Record<string, number> | undefined {
  const columns = placesIn(mapping, headerRow)
  const [key] = positions(headerRow, mapping.target.key)
  return columns && key !== undefined ? columnsByHeader(mapping, { key, columns }) : undefined
}

/** True when nothing is missing. */
export function isComplete(found: FoundLayout): boolean {
  return found.key !== -1 && !found.columns.includes(-1)
}

/**
 * The layout with its missing columns placed side by side, the key first.
 * @param from the first column that is free in every row
 */
export function placeMissing(found: FoundLayout, from: number): Layout {
  let next = from
  const place = (column: number) => (column === -1 ? next++ : column)
  const key = place(found.key)
  return { headerRow: found.headerRow, key, columns: found.columns.map(place), others: found.others }
}

/** Headers that a layout lacks. */
export function missingHeaders(mapping: Mapping, found: FoundLayout): Set<string> {
  const missing = mapping.columns
    .filter((_, index) => found.columns[index] === -1)
    .map(({ header }) => header)
  return new Set(found.key === -1 ? [mapping.target.key, ...missing] : missing)
}

/** In a tab without the key's header: the row that has most of the other headers, else the first. */
function likelyHeaderRow(mapping: Mapping, rows: readonly (readonly SheetCell[])[]): number {
  const counts = rows.map(
    (row) => mapping.columns.filter(({ header }) => positions(row, header).length > 0).length,
  )
  const most = Math.max(0, ...counts)
  return most === 0 ? 0 : counts.indexOf(most)
}

function onePosition(row: readonly SheetCell[], header: string, headerRow: number, title: string): number {
  const all = positions(row, header)
  if (all.length > 1) {
    const cells = all.map((column) => cellName(headerRow, column)).join(' and ')
    throw new WritebackError('SHEET_LAYOUT', {
      problem: `tab "${title}" has the header "${header}" more than once`,
      expected: 'every header once',
      got: cells,
      remedy: `Rename or clear one of the cells ${cells}`,
    })
  }
  return all[0] ?? -1
}

function positions(row: readonly SheetCell[], header: string): number[] {
  const exact = indexes(row, (text) => text === headerText(header))
  if (exact.length > 0) return exact
  return indexes(row, (text) => text.toLowerCase() === headerKey(header))
}

function indexes(row: readonly SheetCell[], matches: (text: string) => boolean): number[] {
  return row.flatMap((cell, index) => (typeof cell === 'string' && matches(headerText(cell)) ? [index] : []))
}

/** Whether a cell shows a header, as {@link findLayout} compares it. */
export function isHeader(cell: SheetCell | undefined, header: string): boolean {
  return typeof cell === 'string' && headerKey(cell) === headerKey(header)
}

function keyHeaderGone(
  { target }: Mapping,
  rows: readonly (readonly SheetCell[])[],
  remembered: RememberedLayout,
  title: string,
): WritebackError {
  const column = remembered.columns[target.key] ?? 0
  const cell = cellName(remembered.headerRow, column)
  const now = rows[remembered.headerRow]?.[column]
  return new WritebackError('SHEET_LAYOUT', {
    problem: `tab "${title}" has lost the header of its key column`,
    expected: `"${target.key}" in the header row (it was in ${cell})`,
    got: isEmpty(now) ? `an empty cell ${cell}` : `another text in ${cell}`,
    remedy: `Type ${target.key} into the cell above the record ids again`,
  })
}

/** Where the columns of the mapping stand, that of the key included, by header. */
export function columnsByHeader(
  mapping: Mapping,
  { key, columns }: Pick<Layout, 'key' | 'columns'>,
): Record<string, number> {
  return Object.fromEntries([
    [mapping.target.key, key],
    ...mapping.columns.map(({ header }, index) => [header, columns[index] as number] as const),
  ])
}
