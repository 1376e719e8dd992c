import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { invalid } from './errors.ts'

/** Cells of a tab: ends are exclusive; an end of Infinity is open. */
export interface Rect {
  readonly startRow: number
  readonly endRow: number
  readonly startColumn: number
  readonly endColumn: number
}

/** A range of a known tab, kept with merges, filters, protections and names, and shifted with its rows and columns. */
export interface TabRange extends Rect {
  readonly sheetId: number
}

/** Rows or columns. */
export type Dimension = 'ROWS' | 'COLUMNS'

/**
 * The rectangle of a GridRange; a missing start is 0, a missing end is open.
 *
 * @throws ApiError 400 for a negative index, and for an end before its start: rows first. The checks, their order and
 * texts were measured by others against the real API (brekkylab/backlot, October 2026).
 */
export function rectOf(range: sheets_v4.Schema$GridRange): Rect {
  const rows = [range.startRowIndex, range.endRowIndex] as const
  const columns = [range.startColumnIndex, range.endColumnIndex] as const
  assertIndexes('GridRange', ...rows, ...columns)
  for (const [axis, [start, end]] of [['Row', rows] as const, ['Column', columns] as const]) {
    if (start != null && end != null && end < start)
      throw invalid(`end${axis}Index[${end}] cannot be before start${axis}Index[${start}]`)
  }
  return {
    startRow: range.startRowIndex ?? 0,
    endRow: range.endRowIndex ?? Number.POSITIVE_INFINITY,
    startColumn: range.startColumnIndex ?? 0,
    endColumn: range.endColumnIndex ?? Number.POSITIVE_INFINITY,
  }
}

/** @throws ApiError 400 when one of the indexes of a message is negative */
export function assertIndexes(message: string, ...indexes: (number | null | undefined)[]): void {
  if (indexes.some((index) => index != null && index < 0)) throw invalid(`${message} indexes must be >= 0`)
}

/**
 * The GridRange of a rectangle as the API prints it: `sheetId` 0 is left out, a start of 0 is printed when the
 * end of that dimension is bounded (both as recorded in answers of the real API).
 */
export function gridRangeOf(range: TabRange): sheets_v4.Schema$GridRange {
  return {
    ...(range.sheetId !== 0 && { sheetId: range.sheetId }),
    ...(range.startRow > 0 || range.endRow !== Number.POSITIVE_INFINITY
      ? { startRowIndex: range.startRow }
      : {}),
    ...(range.endRow !== Number.POSITIVE_INFINITY && { endRowIndex: range.endRow }),
    ...(range.startColumn > 0 || range.endColumn !== Number.POSITIVE_INFINITY
      ? { startColumnIndex: range.startColumn }
      : {}),
    ...(range.endColumn !== Number.POSITIVE_INFINITY && { endColumnIndex: range.endColumn }),
  }
}

/** True when the two have a cell in common. */
export function intersects(a: Rect, b: Rect): boolean {
  return (
    a.startRow < b.endRow &&
    b.startRow < a.endRow &&
    a.startColumn < b.endColumn &&
    b.startColumn < a.endColumn
  )
}

/** The whole of some rows or columns. */
export function band(dimension: Dimension, start: number, end: number): Rect {
  const all = {
    startRow: 0,
    endRow: Number.POSITIVE_INFINITY,
    startColumn: 0,
    endColumn: Number.POSITIVE_INFINITY,
  }
  return dimension === 'ROWS'
    ? { ...all, startRow: start, endRow: end }
    : { ...all, startColumn: start, endColumn: end }
}

/**
 * Where a range lies after `count` rows or columns were inserted before `at`: one that starts there or later moves,
 * one around it grows, one that is open at both ends stays the whole of the tab.
 */
export function afterInsert<R extends Rect>(range: R, dimension: Dimension, at: number, count: number): R {
  return along(range, dimension, (start, end) => {
    const whole = start === 0 && end === Number.POSITIVE_INFINITY
    return [start >= at && !whole ? start + count : start, end > at ? end + count : end]
  })
}

/** Where a range lies after rows or columns `[start, end)` were deleted, or undefined when nothing is left of it. */
export function afterDelete<R extends Rect>(
  range: R,
  dimension: Dimension,
  start: number,
  end: number,
): R | undefined {
  const cut = (index: number): number =>
    index <= start ? index : index >= end ? index - (end - start) : start
  const moved = along(range, dimension, (a, b) => [cut(a), cut(b)])
  const [from, to] =
    dimension === 'ROWS' ? [moved.startRow, moved.endRow] : [moved.startColumn, moved.endColumn]
  return to > from ? moved : undefined
}

function along<R extends Rect>(
  range: R,
  dimension: Dimension,
  change: (start: number, end: number) => [number, number],
): R {
  if (dimension === 'ROWS') {
    const [startRow, endRow] = change(range.startRow, range.endRow)
    return { ...range, startRow, endRow }
  }
  const [startColumn, endColumn] = change(range.startColumn, range.endColumn)
  return { ...range, startColumn, endColumn }
}
