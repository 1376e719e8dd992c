import { rectAsOf } from '../control/as-of.ts'
import type { HistoryEntry } from '../model/history.ts'
import type { Rect } from '../model/rect.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'

const MOST = 50

/**
 * Who changed what: the latest changes, and the latest one of a cell.
 * @param cell row and column as they are now
 */
export function historyData(spreadsheet: Spreadsheet, tab: Tab | undefined, cell?: [number, number]): object {
  const latest = spreadsheet.history.latest()
  const entries = latest.slice(0, MOST).map(({ at, who, what }) => ({ at, who, what }))
  if (!tab || !cell) return { entries }
  const last = latest.find((entry) => touches(spreadsheet, tab, entry, cell))
  return { entries, cell: last ? { at: last.at, who: last.who, what: last.what } : null }
}

function touches(
  spreadsheet: Spreadsheet,
  tab: Tab,
  entry: HistoryEntry,
  [row, column]: [number, number],
): boolean {
  return entry.cells.some(({ sheetId, rect }) => {
    if (sheetId !== tab.sheetId) return false
    const now = followed(spreadsheet, tab, rect, entry.version)
    return (
      now !== undefined &&
      row >= now.startRow &&
      row < now.endRow &&
      column >= now.startColumn &&
      column < now.endColumn
    )
  })
}

/** Where the cells of a change are now; undefined when they were deleted, or too much has moved since. */
function followed(spreadsheet: Spreadsheet, tab: Tab, rect: Rect, version: number): Rect | undefined {
  try {
    return rectAsOf(spreadsheet, tab, rect, version)
  } catch {
    return undefined
  }
}
