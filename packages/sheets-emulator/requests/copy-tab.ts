import { invalid } from '../model/errors.ts'
import type { Metadata } from '../model/metadata.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'

/**
 * A copy of a tab for a spreadsheet, not yet in it. Cells, sizes, merges, filter and tables are copied; protected
 * ranges get ids of their own. Developer metadata is not copied: what the real API does is not established.
 */
export function copyTab(
  source: Tab,
  into: Spreadsheet,
  newId: number | undefined,
  newTitle: string | undefined,
): Tab {
  const known = (id: number): boolean => into.tabs.some(({ sheetId }) => sheetId === id)
  const sheetId = newId ?? into.freeId(known)
  if (known(sheetId)) throw invalid(`Sheet with id ${sheetId} already exists.`)
  const title = newTitle ?? freeTitle(into, `Copy of ${source.meta.title}`)
  if (into.tabs.some(({ meta }) => meta.title.toLowerCase() === title.toLowerCase())) {
    throw invalid(`A sheet with the name "${title}" already exists. Please enter another name.`)
  }
  into.assertRoom(source.grid.rowCount * source.grid.columnCount)
  const protectedRanges = source.meta.protectedRanges.map(({ range, body }) => ({
    range,
    body: { ...body, protectedRangeId: into.freeId(() => false) },
  }))
  const tables = source.meta.tables.map(({ range, body }) => ({
    range,
    body: { ...body, tableId: String(into.freeId(() => false)), name: `${body.name}_copy` },
  }))
  const meta = { ...source.meta, title, hidden: false, protectedRanges, tables }
  const copy = into.makeTab(sheetId, meta, source.grid.rowCount, source.grid.columnCount)
  source.grid.forEachRow(0, source.grid.usedRows, (row, index) => {
    if (row.cells.length > 0) copy.grid.update(index, 0, row.cells.length, (_, i) => row.cells[i])
    if (row.props) copy.grid.setLine('ROWS', index, { props: row.props, metadata: NO_METADATA })
  })
  for (let column = 0; column < source.grid.columnCount; column++) {
    const props = source.grid.line('COLUMNS', column)?.props
    if (props) copy.grid.setLine('COLUMNS', column, { props, metadata: NO_METADATA })
  }
  return copy
}

const NO_METADATA: readonly Metadata[] | undefined = undefined

function freeTitle(spreadsheet: Spreadsheet, wanted: string): string {
  for (let n = 1; ; n++) {
    const title = n === 1 ? wanted : `${wanted} ${n}`
    if (!spreadsheet.tabs.some(({ meta }) => meta.title === title)) return title
  }
}
