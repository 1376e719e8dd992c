import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { CellValue } from '../cells/cell.ts'
import { toCellData } from '../cells/cell.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import type { Layout } from '../tab/layout.ts'
import { keyCell, type Mapping } from '../tab/mapping.ts'

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
}

const FIELDS = 'userEnteredValue'

/**
 * The requests that carry out what was decided about some records of a tab: cells, then new rows, then removed rows
 * from the bottom up, so that no row moves before it has been dealt with. Only cells of the target's own columns are
 * named, and the key only where it is missing: a row that somebody moved meanwhile keeps its key, which shows.
 */
export function planRows(tab: PlanTab, decisions: readonly RecordDecision[]): PlannedRequest[] {
  return [...planUpdates(tab, decisions), ...planAppend(tab, decisions), ...planRemovals(tab, decisions)]
}

/** Cells side by side in one row. */
interface Strip {
  readonly id: string
  readonly row: number
  readonly column: number
  readonly cells: CellValue[]
}

function planUpdates(tab: PlanTab, decisions: readonly RecordDecision[]): PlannedRequest[] {
  const strips = decisions.flatMap((decision) => stripsOf(tab, decision))
  strips.sort((a, b) => a.column - b.column || a.cells.length - b.cells.length || a.row - b.row)
  const planned: PlannedRequest[] = []
  for (let at = 0; at < strips.length; ) {
    const block = blockFrom(strips, at)
    const [first] = block
    at += block.length
    if (!first) break
    const start = { sheetId: tab.sheetId, rowIndex: first.row, columnIndex: first.column }
    const rows = block.map(({ cells }) => ({ values: cells.map(toCellData) }))
    planned.push({
      request: { updateCells: { start, fields: FIELDS, rows } },
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
      (strip.column === last.column && strip.cells.length === last.cells.length && strip.row === last.row + 1)
    if (!joins) break
    block.push(strip)
  }
  return block
}

function stripsOf({ mapping, layout }: PlanTab, { id, action }: RecordDecision): Strip[] {
  if (action.kind !== 'update' && action.kind !== 'empty') return []
  const cells: (readonly [number, CellValue])[] =
    action.kind === 'update' ? [...action.cells] : action.columns.map((index) => [index, null])
  const byColumn = cells.map(([index, value]) => ({ column: layout.columns[index] as number, value }))
  if (action.withKey)
    byColumn.push({ column: layout.key, value: action.kind === 'empty' ? null : keyCell(mapping, id) })
  byColumn.sort((a, b) => a.column - b.column)
  const strips: Strip[] = []
  for (const { column, value } of byColumn) {
    const last = strips.at(-1)
    if (last && last.column + last.cells.length === column) last.cells.push(value)
    else strips.push({ id, row: action.row, column, cells: [value] })
  }
  return strips
}

function planAppend(tab: PlanTab, decisions: readonly RecordDecision[]): PlannedRequest[] {
  const added = decisions.filter(({ action }) => action.kind === 'append')
  if (added.length === 0) return []
  const { mapping, layout, table, sheetId } = tab
  const from = table?.startColumn ?? 0
  const width = Math.max(layout.key, ...layout.columns) + 1
  const rows = added.map(({ id, action }) => {
    const values: sheets_v4.Schema$CellData[] = Array.from({ length: width - from }, () => ({}))
    values[layout.key - from] = toCellData(keyCell(mapping, id))
    if (action.kind === 'append') {
      action.cells.forEach((value, index) => {
        values[(layout.columns[index] as number) - from] = toCellData(value)
      })
    }
    return { values }
  })
  const where = table ? { tableId: table.tableId } : { sheetId }
  return [{ request: { appendCells: { ...where, fields: FIELDS, rows } }, ids: added.map(({ id }) => id) }]
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
