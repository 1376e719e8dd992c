import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Emulator, startEmulator } from '../../packages/sheets-emulator/index.ts'
import { createSheetsClient } from '../../src/targets/sheet/index.ts'
import { createEmptyDatabase } from '../support/postgres.ts'
import { until } from '../support/wait.ts'
import { type Layout, openExample } from './example.ts'
import { linkAsPnpm, linkFlat } from './linked-packages.ts'
import { pack } from './pack.ts'

// Each does all that a stranger does in the first hour, with two dozen processes. They wait for each other as little as two
// cores allow.
vi.setConfig({ testTimeout: 300_000, maxConcurrency: 2 })

/** One local sheet for all: each example has a spreadsheet of its own. */
let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())

const flat: Layout = { install: async (folder) => linkFlat(folder, (await pack()).tarball) }

/** Runs `next` as the stand-in does, on a port that is free. */
const PORT = 4300 + (process.pid % 500)
const next: Layout = {
  ...flat,
  instead(command) {
    const program = /^npx next (build|start)$/.exec(command)?.[1]
    if (program !== undefined) {
      const server = resolve('test/package/next-server.ts')
      return { command: `PORT_OFFSET=${PORT - 3000} exec node '${server}' ${program} "$PWD"` }
    }
    return command.startsWith('curl')
      ? { command: command.replace('localhost:3000', `127.0.0.1:${PORT}`) }
      : undefined
  },
}

/** Runs what `pnpm exec` and `pnpm --filter` would, in the folder and with the programs that they would. */
const pnpm: Layout = {
  install: async (folder) => linkAsPnpm(folder, ['.', 'packages/db', 'apps/orders'], (await pack()).tarball),
  instead(command) {
    const [, filter, program] = /^pnpm (?:--filter @shop\/(\w+) )?exec (.*)$/.exec(command) ?? []
    if (program === undefined) return undefined
    return {
      command: program,
      cwd: filter === undefined ? '.' : filter === 'db' ? 'packages/db' : `apps/${filter}`,
    }
  },
}

const LAYOUTS: Readonly<Record<string, Layout>> = {
  esm: flat,
  'commonjs-nest': flat,
  next,
  'pnpm-monorepo': pnpm,
}

test('every example has a test', () => {
  const folders = readdirSync('examples', { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(LAYOUTS).sort())
})

test.concurrent.each(Object.entries(LAYOUTS))(
  'examples/%s: what its README says, from the packed package to the row in the sheet, a restart, and its own test',
  async (name, layout) => {
    const spreadsheetId = emulator.createSpreadsheet({ properties: { title: name } }, name)
    const database = await createEmptyDatabase()
    const env = { DATABASE_URL: database.url, SPREADSHEET_ID: spreadsheetId, SHEETS_API_URL: emulator.url }
    const example = await openExample(name, env, layout)
    try {
      const [first = [], order = [], again = [], tests = []] = example.blocks
      for (const command of first) await example.run(command)
      // Nothing that the configuration, the schema and the migrations need is left to be done.
      for (const command of order) expect(await example.run(command)).toContain('0042')
      expect(await totalInSheet(spreadsheetId, '19.9')).toBe(1)
      for (const command of again) await example.run(command)
      expect(await totalInSheet(spreadsheetId, '24.9')).toBe(1)
      await example.stopWorker()
      expect(tests).toHaveLength(1)
      for (const command of tests) await example.run(command)
    } finally {
      await example.remove()
      await database.drop()
    }
  },
)

/** Waits until the order has its row with this total. @returns the number of rows */
async function totalInSheet(spreadsheetId: string, total: string): Promise<number> {
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
