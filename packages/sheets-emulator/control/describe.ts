import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { locate } from '../model/a1.ts'
import { columnName } from '../model/cell-notation.ts'
import type { HistoryEntry } from '../model/history.ts'
import { printCells } from '../model/print-range.ts'
import { type Rect, rectOf } from '../model/rect.ts'
import type { Spreadsheet } from '../model/spreadsheet.ts'

type Cells = HistoryEntry['cells'][number]

/** Rectangles that an entry keeps, and phrases that it says. */
const MOST_CELLS = 200
const MOST_PHRASES = 4

const LINES = {
  insertDimension: 'inserted',
  deleteDimension: 'deleted',
  appendDimension: 'added',
  updateDimensionProperties: 'formatted',
  autoResizeDimensions: 'resized',
} as const

/** What other kinds did, in words. */
const VERBS: Readonly<Record<string, string>> = {
  addProtectedRange: 'protected cells',
  deleteProtectedRange: 'took a protection away',
  mergeCells: 'merged cells',
  unmergeCells: 'unmerged cells',
  setBasicFilter: 'filtered rows',
  clearBasicFilter: 'took the filter away',
  addSheet: 'added a tab',
  deleteSheet: 'deleted a tab',
  duplicateSheet: 'copied a tab',
  updateSheetProperties: 'changed a tab',
  addTable: 'made a table',
  cutPaste: 'moved cells',
  findReplace: 'replaced texts',
}

/** Requests of a batchUpdate in a few words, with the cells that they wrote. */
export function describe(
  requests: readonly sheets_v4.Schema$Request[],
): Pick<HistoryEntry, 'what' | 'cells'> {
  const phrases = new Map<string, number>()
  const cells: Cells[] = []
  const written = new Map<number, Rect>()
  let count = 0
  for (const request of requests) {
    const [kind, body] = Object.entries(request ?? {})[0] ?? []
    if (kind === undefined) continue
    const at = cellsOf(kind, body)
    if (at && cells.length < MOST_CELLS) cells.push(at)
    if (at && WRITES.has(kind)) {
      count++
      written.set(at.sheetId, around(written.get(at.sheetId), at.rect))
      continue
    }
    const phrase = phraseOf(kind, body, at)
    phrases.set(phrase, (phrases.get(phrase) ?? 0) + 1)
  }
  const [area] = written.values()
  const wrote = area
    ? [
        `wrote ${written.size > 1 ? `in ${written.size} tabs` : count > 1 ? `in ${printCells(area)}` : printCells(area)}`,
      ]
    : []
  const said = [
    ...wrote,
    ...[...phrases].map(([phrase, times]) => (times > 1 ? `${phrase} (${times} times)` : phrase)),
  ]
  const rest = said.length - MOST_PHRASES
  const what = said.slice(0, MOST_PHRASES).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
  return { what, cells }
}

const WRITES = new Set(['updateCells', 'repeatCell', 'copyPaste'])

function around(a: Rect | undefined, b: Rect): Rect {
  if (!a) return b
  return {
    startRow: Math.min(a.startRow, b.startRow),
    endRow: Math.max(a.endRow, b.endRow),
    startColumn: Math.min(a.startColumn, b.startColumn),
    endColumn: Math.max(a.endColumn, b.endColumn),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the bodies of all request kinds; validation has checked them.
function cellsOf(kind: string, body: any): Cells | undefined {
  const range = body?.range ?? body?.destination
  switch (kind) {
    case 'updateCells':
      if (body.start) {
        const { sheetId = 0, rowIndex = 0, columnIndex = 0 } = body.start
        const rows: sheets_v4.Schema$RowData[] = body.rows ?? []
        const width = Math.max(1, ...rows.map(({ values }) => values?.length ?? 0))
        return {
          sheetId,
          rect: {
            startRow: rowIndex,
            endRow: rowIndex + Math.max(1, rows.length),
            startColumn: columnIndex,
            endColumn: columnIndex + width,
          },
        }
      }
      return range && { sheetId: range.sheetId ?? 0, rect: rectOf(range) }
    case 'repeatCell':
    case 'sortRange':
    case 'copyPaste':
    case 'setDataValidation':
      return range && { sheetId: range.sheetId ?? 0, rect: rectOf(range) }
    default:
      return undefined
  }
}

// biome-ignore lint/suspicious/noExplicitAny: as above
function phraseOf(kind: string, body: any, written: Cells | undefined): string {
  if (Object.hasOwn(LINES, kind)) return `${LINES[kind as keyof typeof LINES]} ${linesOf(body.range ?? body)}`
  if (kind === 'moveDimension') return `moved ${linesOf(body.source)}`
  if (kind === 'appendCells') return `added ${body.rows?.length ?? 0} rows at the end`
  if (kind === 'sortRange' && written) return `sorted ${printCells(written.rect)}`
  if (written) return `set rules for ${printCells(written.rect)}`
  return VERBS[kind] ?? kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

// biome-ignore lint/suspicious/noExplicitAny: as above
function linesOf(range: any): string {
  const { dimension, startIndex = 0, endIndex, length } = range ?? {}
  const rows = dimension !== 'COLUMNS'
  if (endIndex === undefined) return `${length ?? ''} ${rows ? 'rows' : 'columns'}`.trim()
  const name = (index: number) => (rows ? String(index + 1) : columnName(index))
  const [first, last] = [name(startIndex), name(endIndex - 1)]
  return first === last
    ? `${rows ? 'row' : 'column'} ${first}`
    : `${rows ? 'rows' : 'columns'} ${first} to ${last}`
}

/** A call of the values methods in a few words: its answer says which range it wrote. */
export function describeValues(
  spreadsheet: Spreadsheet,
  answer: unknown,
): Pick<HistoryEntry, 'what' | 'cells'> {
  const ranges = rangesOf(answer).slice(0, MOST_CELLS)
  const cells = ranges.flatMap((text): Cells[] => {
    const { tab, startRow, endRow, startColumn, endColumn } = locate(spreadsheet, text)
    return [{ sheetId: tab.sheetId, rect: { startRow, endRow, startColumn, endColumn } }]
  })
  const rest = ranges.length - MOST_PHRASES
  const what = `wrote ${ranges.slice(0, MOST_PHRASES).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  return { what, cells }
}

/** Every `updatedRange` and `clearedRange` of an answer. */
function rangesOf(answer: unknown): string[] {
  if (typeof answer !== 'object' || answer === null) return []
  return Object.entries(answer).flatMap(([name, value]) => {
    if (name === 'updatedRange' || name === 'clearedRange') return typeof value === 'string' ? [value] : []
    if (name === 'clearedRanges' && Array.isArray(value)) return value.map(String)
    return rangesOf(value)
  })
}
