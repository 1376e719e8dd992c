import { sheets, type sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'

/** A value as a cell shows it; dates are serials. */
export type Shown = string | number | boolean

type Dimension = 'ROWS' | 'COLUMNS'

/** Somebody who works in the spreadsheet. What they do is not counted among the library's calls. */
export class Person {
  readonly api: sheets_v4.Sheets
  readonly #spreadsheetId: string

  constructor(url: string, spreadsheetId: string, token: string) {
    this.#spreadsheetId = spreadsheetId
    this.api = sheets({
      version: 'v4',
      rootUrl: url,
      retry: false,
      headers: { authorization: `Bearer ${token}` },
    })
  }

  /** Everything in a tab, row by row. */
  async see(tab = 'Trips'): Promise<Shown[][]> {
    const { data } = await this.api.spreadsheets.values.get({
      spreadsheetId: this.#spreadsheetId,
      range: `'${tab}'`,
      valueRenderOption: 'UNFORMATTED_VALUE',
    })
    return (data.values ?? []) as Shown[][]
  }

  /** Types into cells, as text typed at the screen is taken. */
  async type(
    range: string,
    values: (Shown | null)[][],
    option: 'RAW' | 'USER_ENTERED' = 'USER_ENTERED',
  ): Promise<void> {
    await this.api.spreadsheets.values.update({
      spreadsheetId: this.#spreadsheetId,
      range,
      valueInputOption: option,
      requestBody: { values },
    })
  }

  /** Anything else that can be done to a spreadsheet. */
  async do(...requests: sheets_v4.Schema$Request[]): Promise<sheets_v4.Schema$Response[]> {
    const { data } = await this.api.spreadsheets.batchUpdate({
      spreadsheetId: this.#spreadsheetId,
      requestBody: { requests },
    })
    return data.replies ?? []
  }

  /** Tabs with their properties. */
  async tabs(): Promise<sheets_v4.Schema$Sheet[]> {
    const { data } = await this.api.spreadsheets.get({ spreadsheetId: this.#spreadsheetId })
    return data.sheets ?? []
  }

  async sheetId(tab = 'Trips'): Promise<number> {
    const sheet = (await this.tabs()).find(({ properties }) => properties?.title === tab)
    if (!sheet) throw new Error(`no tab ${tab}`)
    return sheet.properties?.sheetId ?? 0
  }

  /** Inserts rows or columns before the one at `from`, so many that the first one after them is at `to`. */
  async insert(dimension: Dimension, from: number, to = from + 1, tab = 'Trips'): Promise<void> {
    const range = { sheetId: await this.sheetId(tab), dimension, startIndex: from, endIndex: to }
    await this.do({ insertDimension: { range } })
  }

  /** Deletes rows or columns. */
  async delete(dimension: Dimension, from: number, to = from + 1, tab = 'Trips'): Promise<void> {
    const range = { sheetId: await this.sheetId(tab), dimension, startIndex: from, endIndex: to }
    await this.do({ deleteDimension: { range } })
  }

  /** Drags a row or a column before another one, counted before the move. */
  async move(dimension: Dimension, from: number, before: number, tab = 'Trips'): Promise<void> {
    const source = { sheetId: await this.sheetId(tab), dimension, startIndex: from, endIndex: from + 1 }
    await this.do({ moveDimension: { source, destinationIndex: before } })
  }

  /** Sorts the rows below the header by a column. */
  async sort(column: number, order: 'ASCENDING' | 'DESCENDING', tab = 'Trips'): Promise<void> {
    const range = { sheetId: await this.sheetId(tab), startRowIndex: 1 }
    await this.do({ sortRange: { range, sortSpecs: [{ dimensionIndex: column, sortOrder: order }] } })
  }
}
