import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { CellValue } from '../cells/cell.ts'
import { toCellData } from '../cells/cell.ts'
import { LOOK_FIELDS, toLookData } from '../cells/look.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import type { Layout } from '../tab/layout.ts'
import { keyCell, type Mapping } from '../tab/mapping.ts'
import { BOX, ruleRequest } from './help.ts'

type Request = sheets_v4.Schema$Request

/** A request and the records whose cells it carries. */
export interface PlannedRequest {
  readonly request: Request
  readonly ids: readonly string[]
}

/** What the planner has to know of a tab. */
export interface PlanTab {
  readonly mapping: Mapping
  readonly sheetId: number
  readonly layout: Layout
  /** A table object that the rows belong to: rows are appended to it rather than to the tab. */
  readonly table?: { readonly tableId: string; readonly startColumn: number } | undefined
  /**
   * Columns (of the tab) in which rows of records have checkboxes, and the row after the last key: where new rows stand as a
   * rule. Below rows of people they stand further down, and show TRUE and FALSE there.
   */
  readonly boxes?: { readonly columns: readonly number[]; readonly endRow: number | undefined } | undefined
}

const FIELDS = 'userEnteredValue'
const FIELDS_WITH_LOOK = `${FIELDS},${LOOK_FIELDS}`

/**
 * The requests that carry out what was decided about some records of a tab: cells, then new rows, then removed rows
 * from the bottom up, so that no row moves before it has been dealt with. Only cells of the target's own columns are
 * named, and the key only where it is missing: a row that somebody moved meanwhile keeps its key, which shows.
 */
export function planRows(tab: PlanTab, decisions: readonly RecordDecision[]): PlannedRequest[] {
  return [
    ...planUpdates(tab, decisions),
    ...planAppend(tab, decisions),
    ...planBoxes(tab, decisions),
    ...planRemovals(tab, decisions),
  ]
}

/** Checkboxes of rows that come to stand for a record. */
function planBoxes({ sheetId, boxes }: PlanTab, decisions: readonly RecordDecision[]): PlannedRequest[] {
  if (boxes === undefined) return []
  const ids = decisions.flatMap(({ id, action }) => (action.kind === 'append' ? [id] : []))
  const adopted = decisions.flatMap(({ id, action }) =>
    action.kind === 'update' && action.withKey ? [{ ids: [id], from: action.row, to: action.row + 1 }] : [],
  )
  const { endRow, columns } = boxes
  const added = ids.length > 0 && endRow !== undefined ? [{ ids, from: endRow, to: endRow + ids.length }] : []
  return [...adopted, ...added].flatMap(({ ids, from, to }) =>
    columns.map((column) => ({ request: ruleRequest(sheetId, column, from, BOX, to), ids })),
  )
}

/** Cells side by side in one row. */
interface Strip {
  readonly id: string
  readonly row: number
  readonly column: number
  readonly fields: typeof FIELDS | typeof LOOK_FIELDS
  readonly cells: sheets_v4.Schema$CellData[]
}

function planUpdates(tab: PlanTab, decisions: readonly RecordDecision[]): PlannedRequest[] {
  const strips = decisions.flatMap((decision) => [...stripsOf(tab, decision), ...lookStripsOf(decision)])
  strips.sort(
    (a, b) =>
      b.fields.length - a.fields.length ||
      a.column - b.column ||
      a.cells.length - b.cells.length ||
      a.row - b.row,
  )
  const planned: PlannedRequest[] = []
  for (let at = 0; at < strips.length; ) {
    const block = blockFrom(strips, at)
    const [first] = block
    at += block.length
    if (!first) break
    const start = { sheetId: tab.sheetId, rowIndex: first.row, columnIndex: first.column }
    const rows = block.map(({ cells }) => ({ values: cells }))
    planned.push({
      request: { updateCells: { start, fields: first.fields, rows } },
      ids: block.map(({ id }) => id),
    })
  }
  return planned
}

/** Strips below one another, of the same columns. */
function blockFrom(strips: readonly Strip[], from: number): Strip[] {
  const block: Strip[] = []
  for (let at = from; at < strips.length; at++) {
    const strip = strips[at] as Strip
    const last = block.at(-1)
    const joins =
      last === undefined ||
      (strip.fields === last.fields &&
        strip.column === last.column &&
        strip.cells.length === last.cells.length &&
        strip.row === last.row + 1)
    if (!joins) break
    block.push(strip)
  }
  return block
}

function stripsOf({ mapping, layout }: PlanTab, { id, action }: RecordDecision): Strip[] {
  if (action.kind !== 'update' && action.kind !== 'empty') return []
  const cells: (readonly [number, CellValue])[] =
    action.kind === 'update' ? [...action.cells] : action.columns.map((index) => [index, null])
  const byColumn = cells.map(
    ([index, value]) => [layout.columns[index] as number, toCellData(value)] as const,
  )
  if (action.withKey)
    byColumn.push([layout.key, toCellData(action.kind === 'empty' ? null : keyCell(mapping, id))])
  return joined(id, action.row, FIELDS, byColumn)
}

/** Notes and backgrounds are written by themselves: a mask counts for every cell of a request. */
function lookStripsOf({ id, action }: RecordDecision): Strip[] {
  if ((action.kind !== 'update' && action.kind !== 'empty') || !action.marks) return []
  const looks = [...action.marks].map(([column, look]) => [column, toLookData(look)] as const)
  return joined(id, action.row, LOOK_FIELDS, looks)
}

function joined(
  id: string,
  row: number,
  fields: Strip['fields'],
  cells: readonly (readonly [column: number, cell: sheets_v4.Schema$CellData])[],
): Strip[] {
  const strips: Strip[] = []
  for (const [column, cell] of cells.toSorted(([a], [b]) => a - b)) {
    const last = strips.at(-1)
    if (last && last.column + last.cells.length === column) last.cells.push(cell)
    else strips.push({ id, row, column, fields, cells: [cell] })
  }
  return strips
}

function planAppend(tab: PlanTab, decisions: readonly RecordDecision[]): PlannedRequest[] {
  const added = decisions.filter(({ action }) => action.kind === 'append')
  if (added.length === 0) return []
  const { mapping, layout, table, sheetId } = tab
  const from = table?.startColumn ?? 0
  const width = Math.max(layout.key, ...layout.columns) + 1
  const where = table ? { tableId: table.tableId } : { sheetId }
  const planned: { fields: string; rows: sheets_v4.Schema$RowData[]; ids: string[] }[] = []
  for (const { id, action } of added) {
    const values: sheets_v4.Schema$CellData[] = Array.from({ length: width - from }, () => ({}))
    const mark = action.kind === 'append' ? action.mark : undefined
    values[layout.key - from] = { ...toCellData(keyCell(mapping, id)), ...(mark && toLookData(mark)) }
    if (action.kind === 'append') {
      action.cells.forEach((value, index) => {
        values[(layout.columns[index] as number) - from] = toCellData(value)
      })
    }
    // In the order of the decisions: the rows stand in it. Other rows keep what people gave to blank ones.
    const fields = mark ? FIELDS_WITH_LOOK : FIELDS
    const last = planned.at(-1)
    if (last?.fields === fields) {
      last.rows.push({ values })
      last.ids.push(id)
    } else planned.push({ fields, rows: [{ values }], ids: [id] })
  }
  return planned.map(({ fields, rows, ids }) => ({
    request: { appendCells: { ...where, fields, rows } },
    ids,
  }))
}

function planRemovals({ sheetId }: PlanTab, decisions: readonly RecordDecision[]): PlannedRequest[] {
  const removed = decisions
    .flatMap(({ id, action }) => (action.kind === 'remove' ? [{ id, row: action.row }] : []))
    .sort((a, b) => b.row - a.row)
  const planned: { request: Request; ids: string[]; from: number }[] = []
  for (const { id, row } of removed) {
    const last = planned.at(-1)
    const range = last?.request.deleteDimension?.range
    if (last && range && row === last.from - 1) {
      range.startIndex = row
      last.from = row
      last.ids.push(id)
      continue
    }
    const request = {
      deleteDimension: { range: { sheetId, dimension: 'ROWS', startIndex: row, endIndex: row + 1 } },
    }
    planned.push({ request, ids: [id], from: row })
  }
  return planned.map(({ request, ids }) => ({ request, ids }))
}
