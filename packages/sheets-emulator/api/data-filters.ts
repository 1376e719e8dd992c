import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { clamp, type Located } from '../model/a1.ts'
import { isCell } from '../model/cell-notation.ts'
import { prefixed } from '../model/errors.ts'
import type { Spreadsheet } from '../model/spreadsheet.ts'
import { filteredRanges } from '../requests/metadata-lookup.ts'

/** Cells that a data filter selects. A filter by metadata may select several ranges, or none. */
export interface Selection {
  readonly filter: sheets_v4.Schema$DataFilter
  /** The part of the range that is in the grid; without rows or without columns where the filter's range is empty. */
  readonly range: Located
}

/**
 * What data filters select, in their order. The first filter that is wrong is the one that is refused.
 *
 * @param what spreadsheets.getByDataFilter misses a sheet, the methods of values a grid
 * @param prefix how the refusal of a filter begins
 */
export function selected(
  spreadsheet: Spreadsheet,
  filters: readonly sheets_v4.Schema$DataFilter[],
  what: 'grid' | 'sheet',
  prefix: (index: number) => string,
): Selection[] {
  return filters.flatMap((filter, index) => {
    try {
      return filteredRanges(spreadsheet, filter, what).map((range) => {
        const tab = spreadsheet.tab(range.sheetId)
        const cells = clamp(range, tab.grid.rowCount, tab.grid.columnCount)
        return { filter, range: { ...cells, tab, cell: isCell(cells) } }
      })
    } catch (error) {
      throw prefixed(error, prefix(index))
    }
  })
}

/** True for a range that holds no cell. */
export function isEmpty({ startRow, endRow, startColumn, endColumn }: Located): boolean {
  return endRow <= startRow || endColumn <= startColumn
}

/** Each range once, where the first filter that selects it was sent. */
export function distinct(selections: readonly Selection[]): Located[] {
  const ranges = new Map<string, Located>()
  for (const { range } of selections) {
    const key = [range.tab.sheetId, range.startRow, range.endRow, range.startColumn, range.endColumn].join()
    if (!ranges.has(key)) ranges.set(key, range)
  }
  return [...ranges.values()]
}
