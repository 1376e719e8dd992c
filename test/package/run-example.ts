import { expect } from 'vitest'
import type { Emulator } from '../../packages/sheets-emulator/index.ts'
import { createSheetsClient } from '../../src/targets/sheet/index.ts'
import { createEmptyDatabase } from '../support/postgres.ts'
import { until } from '../support/wait.ts'
import { type Layout, openExample } from './example.ts'

/**
 * Does what the README of an example says, from the packed package to the row in the sheet, a restart, and its own test.
 * @param emulator the local sheet, in which the example gets a spreadsheet of its own
 */
export async function runExample(emulator: Emulator, name: string, layout: Layout): Promise<void> {
  const spreadsheetId = emulator.createSpreadsheet({ properties: { title: name } }, name)
  const database = await createEmptyDatabase()
  const env = { DATABASE_URL: database.url, SPREADSHEET_ID: spreadsheetId, SHEETS_API_URL: emulator.url }
  const example = await openExample(name, env, layout)
  try {
    const [first = [], order = [], again = [], tests = []] = example.blocks
    for (const command of first) await example.run(command)
    // Nothing that the configuration, the schema and the migrations need is left to be done.
    for (const command of order) expect(await example.run(command)).toContain('0042')
    expect(await totalInSheet(emulator, spreadsheetId, '19.9')).toBe(1)
    for (const command of again) await example.run(command)
    expect(await totalInSheet(emulator, spreadsheetId, '24.9')).toBe(1)
    await example.stopWorker()
    expect(tests).toHaveLength(1)
    for (const command of tests) await example.run(command)
  } finally {
    await example.remove()
    await database.drop()
  }
}

/** Waits until the order has its row with this total. @returns the number of rows */
async function totalInSheet(emulator: Emulator, spreadsheetId: string, total: string): Promise<number> {
  const api = createSheetsClient({ google: null, sheetsApiUrl: emulator.url })
  const rows = await until(
    `the order is in the sheet ${spreadsheetId} with ${total}`,
    async () => {
      const { data } = await api.spreadsheets.values
        .get({ spreadsheetId, range: "'Orders'!A2:C10" })
        .catch(() => ({ data: { values: [] } }))
      const values = (data.values ?? []) as string[][]
      return values.some(([number, cell]) => number === '0042' && Number(cell) === Number(total)) && values
    },
    60_000,
  )
  return rows.length
}
