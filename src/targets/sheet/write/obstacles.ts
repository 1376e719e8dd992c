import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { WritebackError } from '../../../errors.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import { cellName, columnName } from '../google/a1.ts'
import type { TabView } from '../read/tab-view.ts'
import type { PlanTab } from './plan.ts'

/** A range with every bound. */
interface Box {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/**
 * A merged area hides all of its cells but one: what is written to them is lost, and a key in it is not seen.
 * @throws WritebackError `SHEET_LAYOUT` that names the cells
 */
export function refuseMerges({ sheet, layout, title }: TabView): void {
  for (const merge of sheet.merges ?? []) {
    const box = boxOf(merge)
    if (box.bottom <= layout.headerRow || !hasColumn(box, [layout.key, ...layout.columns])) continue
    const cells = nameOf(box)
    throw new WritebackError('SHEET_LAYOUT', {
      problem: `tab "${title}" has merged cells in the library's columns`,
      expected: 'a cell of its own for every value',
      got: `the merged cells ${cells}`,
      remedy: `Unmerge ${cells} (Format, Merge cells, Unmerge)`,
    })
  }
}

/** The table object that the rows belong to, if there is one: new rows go into it. */
export function tableOf({ sheet, layout }: TabView): PlanTab['table'] {
  const columns = [layout.key, ...layout.columns]
  const table = sheet.tables?.find(({ range }) => {
    const box = boxOf(range)
    const hasHeader = layout.headerRow >= box.top && layout.headerRow < box.bottom
    return hasHeader && columns.every((column) => column >= box.left && column < box.right)
  })
  return table?.tableId ? { tableId: table.tableId, startColumn: boxOf(table.range).left } : undefined
}

/**
 * A protected range that the library's account may not edit and that a refused batch touches. The API's own message
 * cannot be told from others: it is in the language of the spreadsheet.
 */
export function protectionOf(
  view: TabView,
  decisions: readonly RecordDecision[],
): WritebackError | undefined {
  const range = view.sheet.protectedRanges?.find((one) => isInTheWay(view, one, decisions))
  if (!range) return undefined
  const cells = nameOf(boxOf(range.range))
  return new WritebackError('SHEET_LAYOUT', {
    problem: `tab "${view.title}" has a protected range that the library has to write`,
    expected: 'cells that the service account may edit',
    got: `the protected range ${cells}`,
    remedy:
      'Add the service account to its editors (Data, Protect sheets and ranges), or remove the protection',
  })
}

function isInTheWay(
  { layout, keys }: TabView,
  { range, unprotectedRanges, warningOnly, requestingUserCanEdit }: sheets_v4.Schema$ProtectedRange,
  decisions: readonly RecordDecision[],
): boolean {
  if (warningOnly || requestingUserCanEdit) return false
  const box = boxOf(range)
  const open = (unprotectedRanges ?? []).map(boxOf)
  const isClosed = (row: number, column: number) =>
    contains(box, row, column) && !open.some((one) => contains(one, row, column))
  const own = [layout.key, ...layout.columns]
  return decisions.some(({ action }) => {
    if (action.kind === 'update' || action.kind === 'empty') {
      const columns = action.kind === 'update' ? [...action.cells.keys()] : action.columns
      const places = columns.map((index) => layout.columns[index] as number)
      return [...places, ...(action.withKey ? [layout.key] : [])].some((place) => isClosed(action.row, place))
    }
    if (action.kind === 'remove') return action.row >= box.top && action.row < box.bottom
    // New rows come below the last one.
    return action.kind === 'append' && box.bottom > keys.endRow && hasColumn(box, own)
  })
}

function boxOf(range: sheets_v4.Schema$GridRange | null | undefined): Box {
  return {
    top: range?.startRowIndex ?? 0,
    bottom: range?.endRowIndex ?? Number.POSITIVE_INFINITY,
    left: range?.startColumnIndex ?? 0,
    right: range?.endColumnIndex ?? Number.POSITIVE_INFINITY,
  }
}

function contains({ top, bottom, left, right }: Box, row: number, column: number): boolean {
  return row >= top && row < bottom && column >= left && column < right
}

function hasColumn({ left, right }: Box, columns: readonly number[]): boolean {
  return columns.some((column) => column >= left && column < right)
}

/** As people name it: A2:C5, A:C for whole columns, 2:5 for whole rows. */
function nameOf({ top, bottom, left, right }: Box): string {
  const allRows = top === 0 && bottom === Number.POSITIVE_INFINITY
  const allColumns = left === 0 && right === Number.POSITIVE_INFINITY
  if (allRows && allColumns) return 'of the whole tab'
  const lastColumn = Number.isFinite(right) ? columnName(right - 1) : ''
  if (allRows) return `${columnName(left)}:${lastColumn}`
  if (allColumns) return `${top + 1}:${Number.isFinite(bottom) ? bottom : ''}`
  return `${cellName(top, left)}:${lastColumn}${Number.isFinite(bottom) ? bottom : ''}`
}
