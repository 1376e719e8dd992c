import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { z } from 'zod'
import { locate } from '../model/a1.ts'
import { richOf } from '../model/cell.ts'
import { columnIndex } from '../model/cell-notation.ts'
import { invalid } from '../model/errors.ts'
import { printTitle } from '../model/print-range.ts'
import { type Dimension, intersects } from '../model/rect.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'
import { localeOf } from '../values/locale.ts'
import { enteredCell, parseEntered } from '../values/user-entered.ts'
import { refusalOf } from '../values/validation.ts'

type Requests = sheets_v4.Schema$Request[]

/** What a person can do, as the requests it stands for. */
interface Action<S extends z.ZodType> {
  readonly schema: S
  readonly requests: (tab: Tab, args: z.output<S>, spreadsheet: Spreadsheet) => Requests
}

/** A tab by its title or sheetId; the first one when absent. */
const tab = z.union([z.string(), z.number().int()]).optional()
/** As the screen shows it: rows count from 1. */
const row = z.number().int().min(1)
const count = z.number().int().min(1).default(1)
const letters = z.string().regex(/^[A-Za-z]{1,3}$/, 'a column in letters, such as B')
const range = z.string().min(1)

const color = z.string().regex(/^#[0-9a-f]{6}$/i, 'a colour such as #ffcc00')

function action<S extends z.ZodType>(schema: S, requests: Action<S>['requests']): Action<S> {
  return { schema, requests }
}

/** Everything a person can do in a spreadsheet, by name. Rows are numbered and columns lettered as on the screen. */
export const ACTIONS = {
  /** Types text into a cell, as USER_ENTERED; "" empties it. A strict rule of the cell refuses what it does not take. */
  type: action(z.strictObject({ tab, cell: range, text: z.string() }), (at, { cell, text }, spreadsheet) => {
    const { startRow, startColumn } = rectOf(spreadsheet, at, cell)
    const rule = richOf(at.grid.cell(startRow, startColumn)).validation
    const entered = parseEntered(text, localeOf(spreadsheet.properties.locale))
    const refusal = refusalOf(rule, text, entered, cell)
    if (refusal !== undefined) throw invalid(refusal)
    return [typed(spreadsheet, at, startRow, startColumn, text)]
  }),
  /** Pastes rows of text from a cell on, each as if it were typed. The grid grows as needed. */
  paste: action(
    z.strictObject({ tab, cell: range, rows: z.array(z.array(z.string())).min(1).max(10_000) }),
    (at, { cell, rows }, spreadsheet) => {
      const { startRow, startColumn } = rectOf(spreadsheet, at, cell)
      const width = rows.reduce((max, texts) => Math.max(max, texts.length), 0)
      return [
        ...grow(at, 'ROWS', startRow + rows.length),
        ...grow(at, 'COLUMNS', startColumn + width),
        ...rows.flatMap((texts, i) =>
          texts.map((text, j) => typed(spreadsheet, at, startRow + i, startColumn + j, text)),
        ),
      ]
    },
  ),
  /** Bold and colours; null takes one away, what is absent stays. Colours are `#rrggbb`. */
  format: action(
    z.strictObject({
      tab,
      range,
      bold: z.boolean().nullable().optional(),
      background: color.nullable().optional(),
      color: color.nullable().optional(),
    }),
    (at, args, spreadsheet) => {
      const fields = [
        args.bold !== undefined && 'userEnteredFormat.textFormat.bold',
        args.background !== undefined && 'userEnteredFormat.backgroundColorStyle',
        args.color !== undefined && 'userEnteredFormat.textFormat.foregroundColorStyle',
      ].filter((field) => field !== false)
      if (fields.length === 0) throw invalid('Say bold, background or color.')
      return [
        {
          repeatCell: {
            range: gridRange(spreadsheet, at, args.range),
            cell: {
              userEnteredFormat: {
                ...(args.background && { backgroundColorStyle: { rgbColor: rgbOf(args.background) } }),
                textFormat: {
                  ...(args.bold && { bold: true }),
                  ...(args.color && { foregroundColorStyle: { rgbColor: rgbOf(args.color) } }),
                },
              },
            },
            fields: fields.join(','),
          },
        },
      ]
    },
  ),
  /** Makes cells checkboxes, or ordinary cells again. */
  checkbox: action(z.strictObject({ tab, range, on: z.boolean().default(true) }), (at, args, spreadsheet) => [
    {
      setDataValidation: {
        range: gridRange(spreadsheet, at, args.range),
        ...(args.on && { rule: { condition: { type: 'BOOLEAN' }, showCustomUi: true } }),
      },
    },
  ]),
  /** Empties cells. */
  clear: action(z.strictObject({ tab, range }), (at, args, spreadsheet) => [
    { updateCells: { range: gridRange(spreadsheet, at, args.range), fields: 'userEnteredValue' } },
  ]),
  /** Sorts the rows below the header by a column. */
  sort: action(
    z.strictObject({
      tab,
      column: letters,
      descending: z.boolean().default(false),
      headerRows: z.number().int().min(0).default(1),
    }),
    (at, { column, descending, headerRows }) => [
      {
        sortRange: {
          range: { sheetId: at.sheetId, startRowIndex: headerRows },
          sortSpecs: [
            { dimensionIndex: columnIndex(column), sortOrder: descending ? 'DESCENDING' : 'ASCENDING' },
          ],
        },
      },
    ],
  ),
  /** Inserts blank rows above a row. */
  insertRows: action(z.strictObject({ tab, above: row, count }), (at, { above, count: n }) => [
    insert(at, 'ROWS', above - 1, n),
  ]),
  deleteRows: action(z.strictObject({ tab, row, count }), (at, { row: from, count: n }) => [
    remove(at, 'ROWS', from - 1, n),
  ]),
  /** Drags rows above another row, counted before the move. */
  moveRows: action(z.strictObject({ tab, row, count, above: row }), (at, { row: from, count: n, above }) => [
    { moveDimension: { source: lines(at, 'ROWS', from - 1, n), destinationIndex: above - 1 } },
  ]),
  /** Copies rows and inserts the copies above a row. */
  copyRows: action(z.strictObject({ tab, row, count, above: row }), (at, { row: from, count: n, above }) => {
    const source = from >= above ? from - 1 + n : from - 1
    if (from < above && from + n > above)
      throw invalid('Copies cannot be inserted into the rows that are copied.')
    return [
      insert(at, 'ROWS', above - 1, n),
      {
        copyPaste: {
          source: { sheetId: at.sheetId, startRowIndex: source, endRowIndex: source + n },
          destination: { sheetId: at.sheetId, startRowIndex: above - 1, endRowIndex: above - 1 + n },
          pasteType: 'PASTE_NORMAL',
        },
      },
    ]
  }),
  hideRows: action(z.strictObject({ tab, row, count }), (at, { row: from, count: n }) => [
    {
      updateDimensionProperties: {
        range: lines(at, 'ROWS', from - 1, n),
        properties: { hiddenByUser: true },
        fields: 'hiddenByUser',
      },
    },
  ]),
  insertColumns: action(z.strictObject({ tab, before: letters, count }), (at, { before, count: n }) => [
    insert(at, 'COLUMNS', columnIndex(before), n),
  ]),
  deleteColumns: action(z.strictObject({ tab, column: letters, count }), (at, { column, count: n }) => [
    remove(at, 'COLUMNS', columnIndex(column), n),
  ]),
  moveColumns: action(
    z.strictObject({ tab, column: letters, count, before: letters }),
    (at, { column, count: n, before }) => [
      {
        moveDimension: {
          source: lines(at, 'COLUMNS', columnIndex(column), n),
          destinationIndex: columnIndex(before),
        },
      },
    ],
  ),
  freeze: action(z.strictObject({ tab, rows: z.number().int().min(0) }), (at, { rows }) => [
    {
      updateSheetProperties: {
        properties: { sheetId: at.sheetId, gridProperties: { frozenRowCount: rows } },
        fields: 'gridProperties.frozenRowCount',
      },
    },
  ]),
  /** Sets a filter that hides the rows with the given texts in a column. */
  filter: action(
    z.strictObject({ tab, range, column: letters, hide: z.array(z.string()) }),
    (at, args, spreadsheet) => [
      {
        setBasicFilter: {
          filter: {
            range: gridRange(spreadsheet, at, args.range),
            filterSpecs: [
              { columnIndex: columnIndex(args.column), filterCriteria: { hiddenValues: args.hide } },
            ],
          },
        },
      },
    ],
  ),
  clearFilter: action(z.strictObject({ tab }), (at) => [{ clearBasicFilter: { sheetId: at.sheetId } }]),
  merge: action(z.strictObject({ tab, range }), (at, args, spreadsheet) => [
    { mergeCells: { range: gridRange(spreadsheet, at, args.range), mergeType: 'MERGE_ALL' } },
  ]),
  unmerge: action(z.strictObject({ tab, range }), (at, args, spreadsheet) => [
    { unmergeCells: { range: gridRange(spreadsheet, at, args.range) } },
  ]),
  /** Protects cells. Whom that refuses is said with Access.refuseProtected. */
  protect: action(z.strictObject({ tab, range }), (at, args, spreadsheet) => [
    { addProtectedRange: { protectedRange: { range: gridRange(spreadsheet, at, args.range) } } },
  ]),
  /** Takes every protection away that has a cell of the range. */
  unprotect: action(z.strictObject({ tab, range }), (at, args, spreadsheet) => {
    const rect = rectOf(spreadsheet, at, args.range)
    const found = at.meta.protectedRanges.filter((each) => intersects(each.range, rect))
    if (found.length === 0) throw invalid('Nothing is protected there.')
    return found.map(({ body }) => ({
      deleteProtectedRange: { protectedRangeId: body.protectedRangeId ?? 0 },
    }))
  }),
  table: action(z.strictObject({ tab, range, name: z.string().min(1) }), (at, args, spreadsheet) => [
    { addTable: { table: { name: args.name, range: gridRange(spreadsheet, at, args.range) } } },
  ]),
  addTab: action(z.strictObject({ tab, title: z.string() }), (_at, { title }) => [
    { addSheet: { properties: { title } } },
  ]),
  renameTab: action(z.strictObject({ tab, title: z.string() }), (at, { title }) => [
    { updateSheetProperties: { properties: { sheetId: at.sheetId, title }, fields: 'title' } },
  ]),
  deleteTab: action(z.strictObject({ tab }), (at) => [{ deleteSheet: { sheetId: at.sheetId } }]),
  duplicateTab: action(z.strictObject({ tab }), (at, _args, spreadsheet) => [
    { duplicateSheet: { sourceSheetId: at.sheetId, insertSheetIndex: spreadsheet.tabs.indexOf(at) + 1 } },
  ]),
} as const

/** Names of the actions. */
export type ActionName = keyof typeof ACTIONS

/** Text in a cell that has a format of its own: a date stays in that format, and in a text cell all is text. */
function typed(
  { properties }: Spreadsheet,
  at: Tab,
  rowIndex: number,
  columnIndex: number,
  text: string,
): sheets_v4.Schema$Request {
  const own = richOf(at.grid.cell(rowIndex, columnIndex)).format?.numberFormat
  const entered = enteredCell(text, localeOf(properties.locale))
  const { cell, fields } =
    own?.type === 'TEXT'
      ? { cell: text === '' ? {} : { userEnteredValue: { stringValue: text } }, fields: 'userEnteredValue' }
      : own
        ? { ...entered, fields: 'userEnteredValue' }
        : entered
  return {
    updateCells: {
      start: { sheetId: at.sheetId, rowIndex, columnIndex },
      rows: [{ values: [cell] }],
      fields,
    },
  }
}

function grow(at: Tab, dimension: Dimension, size: number): Requests {
  const length = size - at.grid.count(dimension)
  return length > 0 ? [{ appendDimension: { sheetId: at.sheetId, dimension, length } }] : []
}

function rgbOf(text: string): sheets_v4.Schema$Color {
  const [red, green, blue] = [1, 3, 5].map((from) => Number.parseInt(text.slice(from, from + 2), 16) / 255)
  return { red: red ?? 0, green: green ?? 0, blue: blue ?? 0 }
}

function lines(
  at: Tab,
  dimension: Dimension,
  startIndex: number,
  n: number,
): sheets_v4.Schema$DimensionRange {
  return { sheetId: at.sheetId, dimension, startIndex, endIndex: startIndex + n }
}

function insert(at: Tab, dimension: Dimension, start: number, n: number): sheets_v4.Schema$Request {
  return { insertDimension: { range: lines(at, dimension, start, n), inheritFromBefore: start > 0 } }
}

function remove(at: Tab, dimension: Dimension, start: number, n: number): sheets_v4.Schema$Request {
  return { deleteDimension: { range: lines(at, dimension, start, n) } }
}

function rectOf(spreadsheet: Spreadsheet, at: Tab, cells: string) {
  return locate(spreadsheet, `${printTitle(at.meta.title)}!${cells}`)
}

function gridRange(spreadsheet: Spreadsheet, at: Tab, cells: string): sheets_v4.Schema$GridRange {
  const { startRow, endRow, startColumn, endColumn } = rectOf(spreadsheet, at, cells)
  return {
    sheetId: at.sheetId,
    startRowIndex: startRow,
    endRowIndex: Math.min(endRow, at.grid.rowCount),
    startColumnIndex: startColumn,
    endColumnIndex: Math.min(endColumn, at.grid.columnCount),
  }
}
