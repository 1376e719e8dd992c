import { invalid } from './errors.ts'
import type { Group } from './groups.ts'
import { LIMITS } from './limits.ts'
import { afterDelete, afterInsert, band, type Dimension, type Rect } from './rect.ts'
import type { RangeObject, Spreadsheet, Tab, TabMeta } from './spreadsheet.ts'

/** Where a range of a tab lies after a change of its rows or columns; undefined when it is gone. */
type Shift = <R extends Rect>(range: R) => R | undefined

/** Inserts blank rows or columns before `at`. What lies behind moves, ranges around it grow. */
export function insertLines(
  spreadsheet: Spreadsheet,
  tab: Tab,
  dimension: Dimension,
  at: number,
  count: number,
): void {
  assertGrowth(spreadsheet, tab, dimension, count)
  tab.grid.insert(dimension, at, count)
  referencesMove(spreadsheet, tab, dimension, (index) => (index >= at ? index + count : index))
  shiftRanges(spreadsheet, tab, (range) => afterInsert(range, dimension, at, count))
}

/** Adds rows or columns at the end. */
export function appendLines(spreadsheet: Spreadsheet, tab: Tab, dimension: Dimension, count: number): void {
  assertGrowth(spreadsheet, tab, dimension, count)
  tab.grid.resize(dimension, tab.grid.count(dimension) + count)
}

/**
 * Deletes rows or columns `[start, end)` with their metadata.
 * @throws ApiError 400 past the end, or when nothing or only frozen rows or columns would be left
 */
export function deleteLines(
  spreadsheet: Spreadsheet,
  tab: Tab,
  dimension: Dimension,
  start: number,
  end: number,
): void {
  const { grid } = tab
  const [one, frozenKey] =
    dimension === 'ROWS' ? (['row', 'frozenRowCount'] as const) : (['column', 'frozenColumnCount'] as const)
  const count = grid.count(dimension)
  if (start >= count || end > count) {
    const index = Math.max(start, count)
    throw invalid(
      `Cannot delete a ${one} that doesn't exist. Tried to delete ${one} index ${index} but there are only ${count} ${one}s.`,
    )
  }
  if (end - start >= count) throw invalid(`You can't delete all the ${one}s on the sheet.`)
  const meta = spreadsheet.tab(tab.sheetId).meta
  const frozen = meta[frozenKey]
  const frozenLeft = frozen - Math.max(0, Math.min(end, frozen) - Math.min(start, frozen))
  if (frozenLeft > 0 && frozenLeft >= count - (end - start)) {
    throw invalid(`Sorry, it is not possible to delete all non-frozen ${one}s.`)
  }
  const size = end - start
  referencesMove(spreadsheet, tab, dimension, (index) => (index >= end ? index - size : index), [start, end])
  for (const line of grid.remove(dimension, start, end)) {
    for (const entry of line?.metadata ?? []) spreadsheet.metadata.delete(entry.id)
  }
  if (frozenLeft !== frozen) spreadsheet.changeTab(tab, { [frozenKey]: frozenLeft })
  shiftRanges(spreadsheet, tab, (range) => afterDelete(range, dimension, start, end))
}

/** Moves rows or columns `[start, end)` before `destination`, counted before the move. Their metadata goes along. */
export function moveLines(
  spreadsheet: Spreadsheet,
  tab: Tab,
  dimension: Dimension,
  [start, end]: readonly [number, number],
  destination: number,
): void {
  const count = tab.grid.count(dimension)
  if (end > count || destination > count) {
    throw invalid(
      `The source or destination is outside of the sheet: it has ${count} ${dimension.toLowerCase()}.`,
    )
  }
  if (destination > start && destination < end) {
    throw invalid('The destination of a move cannot be inside of what is moved.')
  }
  if (destination === start || destination === end) return
  tab.grid.move(dimension, start, end, destination)
  const size = end - start
  const moved = band(dimension, start, end)
  referencesMove(spreadsheet, tab, dimension, (index) => {
    if (index >= start && index < end)
      return index + (destination > start ? destination - size : destination) - start
    if (index >= end && index < destination) return index - size
    return index >= destination && index < start ? index + size : index
  })
  shiftRanges(spreadsheet, tab, (range) => {
    // A range that moves as a whole goes along; every other is as if the lines were cut and inserted again.
    const inside =
      dimension === 'ROWS'
        ? range.startRow >= moved.startRow && range.endRow <= moved.endRow
        : range.startColumn >= moved.startColumn && range.endColumn <= moved.endColumn
    const to = destination > start ? destination - size : destination
    if (inside) return offset(range, dimension, to - start)
    const left = afterDelete(range, dimension, start, end)
    return left && afterInsert(left, dimension, to, size)
  })
}

/** Applies `shift` to all ranges of a tab: groups, merges, filter, protections, tables and the spreadsheet's names. */
function shiftRanges(spreadsheet: Spreadsheet, tab: Tab, shift: Shift): void {
  const meta: TabMeta = spreadsheet.tab(tab.sheetId).meta
  const { rowGroups, columnGroups, merges, basicFilter, protectedRanges, tables } = meta
  const lists = [rowGroups, columnGroups, merges, protectedRanges, tables]
  if (basicFilter || lists.some((list) => list.length > 0)) {
    spreadsheet.changeTab(tab, {
      rowGroups: rowGroups.flatMap((group) => shiftGroup(group, 'ROWS', shift) ?? []),
      columnGroups: columnGroups.flatMap((group) => shiftGroup(group, 'COLUMNS', shift) ?? []),
      merges: merges.flatMap((range) => shift(range) ?? []).filter((range) => !isSingle(range)),
      basicFilter: basicFilter && shiftObject(basicFilter, shift),
      protectedRanges: protectedRanges.flatMap((object) => shiftObject(object, shift) ?? []),
      tables: tables.flatMap((object) => shiftObject(object, shift) ?? []),
    })
  }
  if (spreadsheet.namedRanges.some(({ range }) => range.sheetId === tab.sheetId)) {
    spreadsheet.namedRanges = spreadsheet.namedRanges.flatMap((named) => {
      if (named.range.sheetId !== tab.sheetId) return named
      const range = shift(named.range)
      return range ? { ...named, range } : []
    })
  }
}

/** @throws ApiError 400 when the tab or the spreadsheet would become too large */
export function assertGrowth(spreadsheet: Spreadsheet, tab: Tab, dimension: Dimension, count: number): void {
  const { grid } = tab
  if (dimension === 'COLUMNS') assertColumns(grid.columnCount + count)
  spreadsheet.assertRoom(count * (dimension === 'ROWS' ? grid.columnCount : grid.rowCount))
}

/** @throws ApiError 400 above 18,278 columns (ZZZ) */
export function assertColumns(count: number): void {
  if (count > LIMITS.columnsPerTab) {
    throw invalid(
      `This action would increase the number of columns in the sheet above the limit of ${LIMITS.columnsPerTab} columns`,
    )
  }
}

function referencesMove(
  spreadsheet: Spreadsheet,
  { sheetId }: Tab,
  dimension: Dimension,
  move: (index: number) => number,
  cut?: readonly [number, number],
): void {
  const { title } = spreadsheet.tab(sheetId).meta
  spreadsheet.referencesMove({ kind: 'lines', sheetId, title, dimension, move, cut })
}

function shiftObject<T>(object: RangeObject<T>, shift: Shift): RangeObject<T> | undefined {
  const range = shift(object.range)
  return range && { ...object, range }
}

function shiftGroup(group: Group, dimension: Dimension, shift: Shift): Group | undefined {
  const range = shift(band(dimension, group.start, group.end))
  if (!range) return undefined
  const [start, end] =
    dimension === 'ROWS' ? [range.startRow, range.endRow] : [range.startColumn, range.endColumn]
  return { ...group, start, end }
}

function isSingle(range: Rect): boolean {
  return range.endRow - range.startRow === 1 && range.endColumn - range.startColumn === 1
}

function offset<R extends Rect>(range: R, dimension: Dimension, by: number): R {
  return dimension === 'ROWS'
    ? { ...range, startRow: range.startRow + by, endRow: range.endRow + by }
    : { ...range, startColumn: range.startColumn + by, endColumn: range.endColumn + by }
}
