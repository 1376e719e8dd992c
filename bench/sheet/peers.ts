import { GoogleSpreadsheet } from 'google-spreadsheet'
import { idOf, type Rig } from './rig.ts'

/** What a way of writing took for a number of changed records. */
export interface PeerResult {
  readonly calls: number
  readonly ms: number
}

/** One API call per changed record, the row known beforehand: the least that a job per change can do. */
export async function oneCallPerJob({ api, target, records }: Rig, count: number): Promise<PeerResult> {
  const started = performance.now()
  for (let at = 0; at < count; at++) {
    const record = records.record(idOf(at))
    await api.spreadsheets.values.update({
      spreadsheetId: target.spreadsheetId,
      range: `'Bookings'!A${at + 2}`,
      valueInputOption: 'RAW',
      requestBody: {
        values: [[record.id, ...target.columns.map(({ field }) => plain(record[field ?? '']))]],
      },
    })
  }
  return { calls: count, ms: performance.now() - started }
}

/**
 * google-spreadsheet: the rows of the tab, changed and saved one by one, as its guide shows. It only talks to Google's
 * address, so that its requests are sent elsewhere underneath.
 */
export async function googleSpreadsheet({ apiUrl, target }: Rig, count: number): Promise<PeerResult> {
  const google = globalThis.fetch
  let calls = 0
  globalThis.fetch = (input, init) => {
    calls++
    const url = new URL(input instanceof Request ? input.url : input)
    const there = new URL(url.pathname + url.search, apiUrl)
    return google(input instanceof Request ? new Request(there, input) : there, init)
  }
  try {
    const started = performance.now()
    const doc = new GoogleSpreadsheet(target.spreadsheetId, { token: 'local' })
    await doc.loadInfo()
    const sheet = doc.sheetsByTitle.Bookings
    if (!sheet) throw new Error('no tab Bookings')
    const rows = await sheet.getRows({ limit: count })
    for (const [at, row] of rows.entries()) {
      row.set('name', `Booking number ${at}, changed`)
      await row.save({ raw: true })
    }
    return { calls, ms: performance.now() - started }
  } finally {
    globalThis.fetch = google
  }
}

function plain(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value
}
