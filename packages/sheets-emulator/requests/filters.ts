import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { unsupported } from '../model/errors.ts'
import type { Rect } from '../model/rect.ts'
import type { Tab } from '../model/spreadsheet.ts'
import { Renderer } from '../values/render.ts'
import { gridRange, type RequestContext } from './context.ts'
import { sortRange } from './sort.ts'

/**
 * setBasicFilter: replaces the filter of a tab. Rows whose shown value is among the hidden values of a column are
 * hidden (hiddenByFilter); conditions and colours are not emulated.
 */
export function setBasicFilter(
  context: RequestContext,
  request: sheets_v4.Schema$SetBasicFilterRequest,
): undefined {
  const { spreadsheet } = context
  const filter = request.filter ?? {}
  if (filter.tableId) throw unsupported('a basic filter of a table')
  const { tab, rect } = gridRange(context, filter.range, 'filter.range')
  const hidden = hiddenValues(filter)
  clear(tab)
  if (filter.sortSpecs?.length) sortRange(context, { range: below(tab, rect), sortSpecs: filter.sortSpecs })
  const { range: _, ...body } = filter
  spreadsheet.changeTab(tab, { basicFilter: { range: rect, body } })
  if (hidden.size === 0) return
  const renderer = new Renderer(spreadsheet)
  const options = { value: 'FORMATTED_VALUE', dateTime: 'SERIAL_NUMBER' } as const
  for (let row = rect.startRow + 1; row < Math.min(rect.endRow, tab.grid.usedRows); row++) {
    const hides = [...hidden].some(([column, values]) =>
      values.has(String(renderer.render(tab, row, column, tab.grid.cell(row, column), options))),
    )
    if (hides)
      tab.grid.setLine('ROWS', row, { props: { ...tab.grid.line('ROWS', row)?.props, hiddenByFilter: true } })
  }
}

/** clearBasicFilter: removes the filter and shows the rows that it hid. */
export function clearBasicFilter(
  { spreadsheet }: RequestContext,
  request: sheets_v4.Schema$ClearBasicFilterRequest,
): undefined {
  const tab = spreadsheet.tab(request.sheetId ?? 0)
  clear(tab)
  if (tab.meta.basicFilter) spreadsheet.changeTab(tab, { basicFilter: undefined })
}

function clear({ grid }: Tab): void {
  grid.forEachRow(0, grid.usedRows, (row, index) => {
    if (!row.props?.hiddenByFilter) return
    const { hiddenByFilter: _, ...props } = row.props
    grid.setLine('ROWS', index, { props })
  })
}

function below(tab: Tab, rect: Rect): sheets_v4.Schema$GridRange {
  return {
    sheetId: tab.sheetId,
    startRowIndex: rect.startRow + 1,
    endRowIndex: rect.endRow,
    startColumnIndex: rect.startColumn,
    endColumnIndex: rect.endColumn,
  }
}

/** Hidden values by column, from filterSpecs or else from the older criteria. */
function hiddenValues(filter: sheets_v4.Schema$BasicFilter): Map<number, Set<string>> {
  const specs = filter.filterSpecs?.length
    ? filter.filterSpecs.map((spec): [number, sheets_v4.Schema$FilterCriteria] => [
        spec.columnIndex ?? 0,
        spec.filterCriteria ?? {},
      ])
    : Object.entries(filter.criteria ?? {}).map(
        ([column, criteria]): [number, sheets_v4.Schema$FilterCriteria] => [Number(column), criteria],
      )
  const hidden = new Map<number, Set<string>>()
  for (const [column, criteria] of specs) {
    const { hiddenValues: values, ...others } = criteria
    const other = Object.keys(others)[0]
    if (other) throw unsupported(`filter criteria with ${other}`)
    hidden.set(column, new Set(values ?? []))
  }
  return hidden
}
