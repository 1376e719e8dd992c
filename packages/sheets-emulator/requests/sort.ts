import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { Cell } from '../model/cell.ts'
import { invalid, unsupported } from '../model/errors.ts'
import type { Metadata } from '../model/metadata.ts'
import { intersects } from '../model/rect.ts'
import { copiedCell } from '../model/references.ts'
import { CellError, type Value } from '../values/formula-functions.ts'
import { Renderer } from '../values/render.ts'
import { gridRange, type RequestContext } from './context.ts'

interface SortedRow {
  readonly keys: readonly Value[]
  readonly index: number
  readonly cells: readonly Cell[]
  readonly metadata: readonly Metadata[] | undefined
}

/**
 * sortRange: the rows of the range by its specs, stable; `dimensionIndex` is the column of the sheet. Blank cells
 * come last in both orders. Relative references of formulas go with their row. Row metadata goes with the values (measured by others against the real API).
 */
export function sortRange(context: RequestContext, request: sheets_v4.Schema$SortRangeRequest): undefined {
  const { spreadsheet } = context
  const { tab, rect } = gridRange(context, request.range)
  const specs = (request.sortSpecs ?? []).map((spec) => {
    if (
      spec.backgroundColor ||
      spec.backgroundColorStyle ||
      spec.foregroundColor ||
      spec.foregroundColorStyle
    ) {
      throw unsupported('sorting by colour')
    }
    const column = spec.dimensionIndex ?? 0
    if (column < rect.startColumn || column >= rect.endColumn) {
      throw invalid(`sortSpec.dimensionIndex[${column}] is outside of the range to sort.`)
    }
    return { column, sign: spec.sortOrder === 'DESCENDING' ? -1 : 1 }
  })
  context.guard(tab, rect)
  // The interface refuses this too; the text is the emulator's own.
  if (tab.meta.merges.some((merge) => merge.endRow - merge.startRow > 1 && intersects(merge, rect))) {
    throw invalid('A range with vertically merged cells cannot be sorted.')
  }
  const renderer = new Renderer(spreadsheet)
  const width = Math.min(rect.endColumn, tab.grid.columnCount) - rect.startColumn
  const end = Math.min(rect.endRow, tab.grid.usedRows)
  const rows: SortedRow[] = []
  for (let row = rect.startRow; row < end; row++) {
    const cells = tab.grid.cells(row)
    rows.push({
      keys: specs.map(({ column }) => renderer.effective(tab, row, column, cells[column])),
      index: row,
      cells: cells.slice(rect.startColumn, rect.endColumn),
      metadata: tab.grid.line('ROWS', row)?.metadata,
    })
  }
  const sorted = rows.toSorted((a, b) => {
    for (const [i, { sign }] of specs.entries()) {
      const order = compare(a.keys[i], b.keys[i], sign)
      if (order !== 0) return order
    }
    return 0
  })
  for (const [i, row] of sorted.entries()) {
    const before = rows[i]!
    if (row === before) continue
    const index = rect.startRow + i
    tab.grid.update(
      index,
      rect.startColumn,
      Math.min(width, Math.max(row.cells.length, before.cells.length)),
      (_, j) => copiedCell(row.cells[j], index - row.index, 0),
    )
    if (row.metadata || before.metadata) moveMetadata(context, tab.sheetId, index, row.metadata)
  }
}

function moveMetadata(
  { spreadsheet }: RequestContext,
  sheetId: number,
  row: number,
  entries: readonly Metadata[] | undefined,
): void {
  const { grid } = spreadsheet.tab(sheetId)
  grid.setLine('ROWS', row, {})
  const line = grid.line('ROWS', row)!
  const metadata = entries?.map((entry): Metadata => ({ ...entry, place: { type: 'ROW', sheetId, line } }))
  for (const entry of metadata ?? []) spreadsheet.metadata.put(entry)
  grid.setLine('ROWS', row, { metadata })
}

const COLLATOR = new Intl.Collator('en', { sensitivity: 'base' })

/** Numbers, then text, then booleans, then errors; turned round for descending; blanks last always. */
function compare(a: Value, b: Value, sign: number): number {
  const [left, right] = [rank(a), rank(b)]
  if (left === 4 || right === 4) return left - right
  if (left !== right) return sign * (left - right)
  if (typeof a === 'string') return sign * COLLATOR.compare(a, String(b))
  return a instanceof CellError ? 0 : sign * (Number(a) - Number(b))
}

function rank(value: Value): number {
  if (value === undefined) return 4
  if (value instanceof CellError) return 3
  return typeof value === 'number' ? 0 : typeof value === 'string' ? 1 : 2
}
