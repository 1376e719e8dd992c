import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { isFormula, richOf } from '../model/cell.ts'
import { invalid } from '../model/errors.ts'
import { appendLines } from '../model/lines.ts'
import { Renderer } from '../values/render.ts'
import { enteredInto } from '../values/write.ts'
import { gridRange, type RequestContext } from './context.ts'

const DELIMITERS: Readonly<Record<string, string>> = { COMMA: ',', SEMICOLON: ';', PERIOD: '.', SPACE: ' ' }

/**
 * textToColumns: the texts of one column are split, and the parts written from that column on, each as if it were typed;
 * what was there is written over. Columns are added where there are not enough of them, as in the interface.
 */
export function textToColumns(
  context: RequestContext,
  request: sheets_v4.Schema$TextToColumnsRequest,
): undefined {
  const { spreadsheet } = context
  const { tab, rect } = gridRange(context, request.source, 'source')
  if (rect.endColumn - rect.startColumn !== 1) throw invalid('The source must span exactly one column.')
  const renderer = new Renderer(spreadsheet)
  const options = { value: 'FORMATTED_VALUE', dateTime: 'SERIAL_NUMBER' } as const
  const column = rect.startColumn
  const texts: { row: number; text: string }[] = []
  for (let row = rect.startRow; row < Math.min(rect.endRow, tab.grid.usedRows); row++) {
    const cell = tab.grid.cell(row, column)
    if (richOf(cell).value === undefined || isFormula(cell)) continue
    texts.push({ row, text: String(renderer.render(tab, row, column, cell, options)) })
  }
  const delimiter = delimiterOf(
    request,
    texts.map(({ text }) => text),
  )
  const split = texts.flatMap(({ row, text }) =>
    text.includes(delimiter) ? { row, parts: text.split(delimiter) } : [],
  )
  const width = split.reduce((max, { parts }) => Math.max(max, parts.length), 0)
  if (width === 0) return
  const missing = column + width - tab.grid.columnCount
  if (missing > 0) appendLines(spreadsheet, tab, 'COLUMNS', missing)
  context.guard(tab, { ...rect, endColumn: column + width })
  for (const { row, parts } of split) {
    tab.grid.update(row, column, parts.length, (before, i) => enteredInto(before, parts[i]!, spreadsheet))
  }
}

/** AUTODETECT, and no type, take the mark that is in most of the texts. */
function delimiterOf(request: sheets_v4.Schema$TextToColumnsRequest, texts: readonly string[]): string {
  const { delimiterType: type, delimiter } = request
  if (delimiter != null && type && type !== 'CUSTOM')
    throw invalid('delimiter can only be specified with the delimiterType CUSTOM.')
  if (type === 'CUSTOM') {
    if (!delimiter) throw invalid('A delimiter must be specified with the delimiterType CUSTOM.')
    return delimiter
  }
  if (type && type !== 'AUTODETECT') return DELIMITERS[type]!
  const uses = (mark: string): number => texts.filter((text) => text.includes(mark)).length
  return [',', ';', '\t', ' ', '.'].reduce((best, mark) => (uses(mark) > uses(best) ? mark : best))
}
