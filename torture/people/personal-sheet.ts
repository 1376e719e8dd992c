import { PEOPLES_COLUMN, type TortureTab } from '../spreadsheets.ts'

/** What a person needs of the emulator: to see and to act. */
export interface Screen {
  see(): string[][]
  apply(requests: readonly object[]): void
}

/** A row that shows a record. */
export interface RecordRow {
  readonly row: number
  readonly key: string
}

/** A tab as a person sees it at one moment, and what they can do to it in that moment. */
export class PersonalSheet {
  readonly tab: TortureTab
  readonly sheetId: number
  readonly rows: readonly (readonly string[])[]
  readonly headerRow: number
  readonly #screen: Screen

  constructor(tab: TortureTab, sheetId: number, screen: Screen) {
    this.tab = tab
    this.sheetId = sheetId
    this.#screen = screen
    this.rows = screen.see()
    this.headerRow = this.rows.findIndex((row) => row.includes(tab.key))
  }

  /** False before the library has made its header, or while somebody has taken it away. */
  get isReady(): boolean {
    return this.headerRow !== -1
  }

  get headers(): readonly string[] {
    return this.rows[this.headerRow] ?? []
  }

  /** Column of a header, or -1. */
  column(header: string): number {
    return this.headers.indexOf(header)
  }

  /** The first column to the right of every header. */
  get width(): number {
    return this.headers.length
  }

  get records(): readonly RecordRow[] {
    const column = this.column(this.tab.key)
    return this.rows.flatMap((cells, row) => {
      const key = cells[column] ?? ''
      return row > this.headerRow && key !== '' && !key.includes('canary') ? [{ row, key }] : []
    })
  }

  /** Types a text, a number or a truth, which stay what they are. */
  type(row: number, column: number, value: string | number | boolean): void {
    const kind = ({ string: 'stringValue', number: 'numberValue', boolean: 'boolValue' } as const)[
      typeof value as 'string' | 'number' | 'boolean'
    ]
    const userEnteredValue = { [kind]: value }
    const start = { sheetId: this.sheetId, rowIndex: row, columnIndex: column }
    this.#screen.apply([
      { updateCells: { start, fields: 'userEnteredValue', rows: [{ values: [{ userEnteredValue }] }] } },
    ])
  }

  /** The column in which people write what they like; made when it is not there. */
  ownColumn(): number {
    const found = this.column(PEOPLES_COLUMN)
    if (found !== -1) return found
    const column = this.width
    this.apply({
      insertDimension: {
        range: { sheetId: this.sheetId, dimension: 'COLUMNS', startIndex: column, endIndex: column + 1 },
        inheritFromBefore: true,
      },
    })
    this.type(this.headerRow, column, PEOPLES_COLUMN)
    return column
  }

  insert(dimension: 'ROWS' | 'COLUMNS', at: number, count = 1): void {
    const range = { sheetId: this.sheetId, dimension, startIndex: at, endIndex: at + count }
    this.apply({ insertDimension: { range, inheritFromBefore: at > 0 } })
  }

  remove(dimension: 'ROWS' | 'COLUMNS', at: number, count = 1): void {
    const range = { sheetId: this.sheetId, dimension, startIndex: at, endIndex: at + count }
    this.apply({ deleteDimension: { range } })
  }

  move(dimension: 'ROWS' | 'COLUMNS', from: number, count: number, before: number): void {
    const source = { sheetId: this.sheetId, dimension, startIndex: from, endIndex: from + count }
    this.apply({ moveDimension: { source, destinationIndex: before } })
  }

  apply(...requests: readonly object[]): void {
    this.#screen.apply(requests)
  }
}
