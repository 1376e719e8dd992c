import { sheets, type sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'
import { RateLimiterMemory, RateLimiterQueue } from 'rate-limiter-flexible'
import type { Airport, PrismaClient } from '../../prisma/generated/client/client.ts'
import { openClient } from './database.ts'
import { HEADERS, type Place, TAB } from './peer.ts'

const LAST_COLUMN = String.fromCharCode('A'.charCodeAt(0) + HEADERS.length - 1)
const VALUES = { valueInputOption: 'RAW' } as const

/** Waits for the next request that the quota has room for. */
type Admit = () => Promise<unknown>

/**
 * How a peer writes a record to its sheet: what most teams write. The record is read from the database, its row is
 * found by reading the key column, then one call writes it: `values.update` of the row, `values.append` where there is
 * none, `deleteDimension` when the record is gone. Two requests a job, one of them a write. The client is googleapis
 * as it comes, which repeats GET and PUT by itself. With a quota, requests wait for their turn.
 */
export class PeerSheet {
  readonly #prisma: PrismaClient
  readonly #api: sheets_v4.Sheets
  readonly #spreadsheetId: string
  readonly #admitRead: Admit
  readonly #admitWrite: Admit
  #sheetId: number | undefined

  constructor(place: Place) {
    this.#prisma = openClient(place.databaseUrl, 1)
    this.#api = sheets({
      version: 'v4',
      rootUrl: place.sheetsApiUrl,
      // The quota is that of a user: each peer is one.
      headers: { authorization: `Bearer ${place.name}` },
    })
    this.#spreadsheetId = place.spreadsheetId
    this.#admitRead = admission(place.quotaPerMinute)
    this.#admitWrite = admission(place.quotaPerMinute)
  }

  /** Brings the record's row to what the record is now. @throws what the database or the API throws */
  async write(iata: string): Promise<void> {
    const record = await this.#prisma.airport.findUnique({ where: { iata } })
    const row = await this.#findRow(iata)
    if (record === null) {
      if (row !== undefined) await this.#deleteRow(row)
      return
    }
    const requestBody = { values: [valuesOf(record)] }
    const range =
      row === undefined ? `${TAB}!A:${LAST_COLUMN}` : `${TAB}!A${row + 1}:${LAST_COLUMN}${row + 1}`
    await this.#admitWrite()
    const { values } = this.#api.spreadsheets
    const target = { spreadsheetId: this.#spreadsheetId, range, ...VALUES, requestBody }
    await (row === undefined
      ? values.append({ ...target, insertDataOption: 'INSERT_ROWS' })
      : values.update(target))
  }

  async close(): Promise<void> {
    await this.#prisma.$disconnect()
  }

  /** Index of the record's row in the tab, from 0. */
  async #findRow(iata: string): Promise<number | undefined> {
    await this.#admitRead()
    const { data } = await this.#api.spreadsheets.values.get({
      spreadsheetId: this.#spreadsheetId,
      range: `${TAB}!A:A`,
      majorDimension: 'COLUMNS',
    })
    const at = (data.values?.[0] ?? []).indexOf(iata)
    return at < 1 ? undefined : at
  }

  async #deleteRow(row: number): Promise<void> {
    this.#sheetId ??= await this.#findSheetId()
    const range = { sheetId: this.#sheetId, dimension: 'ROWS', startIndex: row, endIndex: row + 1 }
    await this.#admitWrite()
    await this.#api.spreadsheets.batchUpdate({
      spreadsheetId: this.#spreadsheetId,
      requestBody: { requests: [{ deleteDimension: { range } }] },
    })
  }

  async #findSheetId(): Promise<number> {
    await this.#admitRead()
    const { data } = await this.#api.spreadsheets.get({
      spreadsheetId: this.#spreadsheetId,
      fields: 'sheets.properties',
    })
    const tab = data.sheets?.find(({ properties }) => properties?.title === TAB)
    if (typeof tab?.properties?.sheetId !== 'number') throw new Error(`no tab ${TAB}`)
    return tab.properties.sheetId
  }
}

/** The cells of a record, in the order of the headers. */
function valuesOf({ iata, name, city, state, country, latitude, longitude }: Airport): unknown[] {
  return [iata, name, city ?? '', state ?? '', country, latitude, longitude]
}

function admission(perMinute: number | null): Admit {
  if (perMinute === null) return async () => {}
  // A backlog of jobs waits here for hours; the default is to refuse at once.
  const queue = new RateLimiterQueue(new RateLimiterMemory({ points: perMinute, duration: 60 }), {
    maxQueueSize: 1000,
  })
  return () => queue.removeTokens(1)
}
