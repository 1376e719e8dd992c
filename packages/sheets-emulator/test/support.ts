import { auth, sheets, type sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Emulator, type EmulatorOptions, startEmulator } from '../index.ts'

/** The real client of Google Sheets, pointed at an emulator. It does not retry, so that tests see each answer. */
export function clientOf(url: string, token = 'tester'): sheets_v4.Sheets {
  const oauth = new auth.OAuth2()
  oauth.setCredentials({ access_token: token, expiry_date: Date.now() + 3_600_000 })
  return sheets({ version: 'v4', auth: oauth, rootUrl: url, retry: false })
}

/** What an API error says, or fails when the call works. */
export async function errorOf(call: Promise<unknown>): Promise<{ status: number; message: string }> {
  try {
    await call
  } catch (error) {
    const { status, message } = error as { status: number; message: string }
    return { status, message }
  }
  return expect.fail('the call was expected to fail')
}

/** An emulator for the tests of a file, with a client and shorthands for one spreadsheet at a time. */
export interface Bench {
  emulator: Emulator
  api: sheets_v4.Sheets
  /** A new spreadsheet with one tab, T (sheetId 0, 20 x 8 unless given). */
  make(rows?: number, columns?: number): string
  batch(
    spreadsheetId: string,
    ...requests: sheets_v4.Schema$Request[]
  ): Promise<sheets_v4.Schema$BatchUpdateSpreadsheetResponse>
  /** Puts rows at A1 of T as they are (RAW). */
  fill(spreadsheetId: string, rows: unknown[][]): Promise<void>
  /** Formatted values of a range of T, or of all of it. */
  read(spreadsheetId: string, cells?: string): Promise<unknown[][]>
}

/** Starts an emulator before the tests of a file and ends it after them. */
export function useEmulator(options: EmulatorOptions = {}): Bench {
  const bench = {} as Bench
  beforeAll(async () => {
    const emulator = await startEmulator(options)
    const api = clientOf(emulator.url)
    Object.assign(bench, {
      emulator,
      api,
      make: (rows = 20, columns = 8) =>
        emulator.createSpreadsheet({
          properties: { title: 'Test' },
          sheets: [{ properties: { title: 'T', gridProperties: { rowCount: rows, columnCount: columns } } }],
        }),
      batch: async (spreadsheetId, ...requests) =>
        (await api.spreadsheets.batchUpdate({ spreadsheetId, requestBody: { requests } })).data,
      fill: async (spreadsheetId, values) => {
        await api.spreadsheets.values.update({
          spreadsheetId,
          range: 'T!A1',
          valueInputOption: 'RAW',
          requestBody: { values },
        })
      },
      read: async (spreadsheetId, cells) => {
        const range = cells ? `T!${cells}` : 'T'
        const { data } = await api.spreadsheets.values.get({ spreadsheetId, range })
        return data.values ?? []
      },
    } satisfies Bench)
  })
  afterAll(() => bench.emulator.close())
  return bench
}

/** Waits until `done` says so, looking every few milliseconds. */
export async function until(done: () => boolean | Promise<boolean>, what: string, ms = 5_000): Promise<void> {
  const end = Date.now() + ms
  while (!(await done())) {
    if (Date.now() > end) expect.fail(`waited ${ms} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
