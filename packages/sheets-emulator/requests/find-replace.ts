import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { richOf, withValue } from '../model/cell.ts'
import { invalid } from '../model/errors.ts'
import { type Rect, rectOf } from '../model/rect.ts'
import type { Tab } from '../model/spreadsheet.ts'
import { Renderer } from '../values/render.ts'
import { parseEntered } from '../values/user-entered.ts'
import { gridRange, type RequestContext } from './context.ts'

interface Counts {
  values: number
  formulas: number
  occurrences: number
  readonly rows: Set<string>
  readonly tabs: Set<number>
}

/**
 * findReplace over a range, a tab or all tabs. What a cell shows is searched, or a formula's text with
 * includeFormulas; a changed value is parsed as if typed. Java and JavaScript expressions agree in what is common.
 * Counts of 0 are left out of the reply, as protocol JSON does; not recorded.
 */
export function findReplace(
  context: RequestContext,
  request: sheets_v4.Schema$FindReplaceRequest,
): sheets_v4.Schema$FindReplaceResponse {
  const pattern = patternOf(request)
  // A plain replacement is literal; `$1` has a meaning only with a regular expression.
  const replacement = request.searchByRegex
    ? (request.replacement ?? '')
    : (request.replacement ?? '').replaceAll('$', '$$$$')
  const counts: Counts = { values: 0, formulas: 0, occurrences: 0, rows: new Set(), tabs: new Set() }
  for (const { tab, rect } of places(context, request))
    replaceIn(context, request, tab, rect, pattern, replacement, counts)
  return {
    ...(counts.values && { valuesChanged: counts.values }),
    ...(counts.formulas && { formulasChanged: counts.formulas }),
    ...(counts.rows.size && { rowsChanged: counts.rows.size }),
    ...(counts.tabs.size && { sheetsChanged: counts.tabs.size }),
    ...(counts.occurrences && { occurrencesChanged: counts.occurrences }),
  }
}

function replaceIn(
  context: RequestContext,
  request: sheets_v4.Schema$FindReplaceRequest,
  tab: Tab,
  rect: Rect,
  pattern: RegExp,
  replacement: string,
  counts: Counts,
): void {
  const renderer = new Renderer(context.spreadsheet)
  const options = { value: 'FORMATTED_VALUE', dateTime: 'SERIAL_NUMBER' } as const
  tab.grid.forEachRow(rect.startRow, rect.endRow, ({ cells }, row) => {
    for (let column = rect.startColumn; column < Math.min(rect.endColumn, cells.length); column++) {
      const cell = cells[column]
      if (cell === undefined) continue
      const { formula } = richOf(cell)
      if (formula !== undefined && !request.includeFormulas) continue
      const text = formula ?? String(renderer.render(tab, row, column, cell, options))
      const found = text.match(pattern)?.length ?? 0
      if (found === 0) continue
      context.guard(tab, { startRow: row, endRow: row + 1, startColumn: column, endColumn: column + 1 })
      const entered = parseEntered(text.replace(pattern, replacement), renderer.locale)
      tab.grid.put(row, column, withValue(cell, entered.value, entered.formula))
      if (formula === undefined) counts.values++
      else counts.formulas++
      counts.occurrences += found
      counts.rows.add(`${tab.sheetId}:${row}`)
      counts.tabs.add(tab.sheetId)
    }
  })
}

function places(
  context: RequestContext,
  request: sheets_v4.Schema$FindReplaceRequest,
): { tab: Tab; rect: Rect }[] {
  const scopes = [request.range, request.sheetId, request.allSheets || undefined].filter(
    (scope) => scope != null,
  )
  if (scopes.length !== 1) throw invalid('Exactly one of range, sheetId and allSheets must be specified.')
  if (request.range) return [gridRange(context, request.range)]
  const tabs = request.allSheets ? context.spreadsheet.tabs : [context.spreadsheet.tab(request.sheetId ?? 0)]
  return tabs.map((tab) => ({ tab, rect: rectOf({}) }))
}

function patternOf(request: sheets_v4.Schema$FindReplaceRequest): RegExp {
  const find = request.find ?? ''
  if (find === '') throw invalid('find must not be empty.')
  const source = request.searchByRegex ? find : find.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  try {
    return new RegExp(request.matchEntireCell ? `^(?:${source})$` : source, request.matchCase ? 'g' : 'gi')
  } catch {
    throw invalid(`Invalid regular expression: ${find}`)
  }
}
