import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeback } from './support.ts'

const SPREADSHEET = '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms'
const URL_OPTION = ['--url', 'https://app.example.com/sheet-edits']
const SECRET = 'a'.repeat(32)

let folder: string
let config: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'writeback-script-'))
  config = join(folder, 'writeback.config.ts')
  const from = (path: string) => JSON.stringify(pathToFileURL(resolve(path)).href)
  writeFileSync(
    config,
    `import { dataModel } from ${from('prisma/generated/writeback/data-model.ts')}
     import { forClient } from ${from('src/index.ts')}
     const { defineConfig, sheetTarget } = forClient(dataModel)
     export default defineConfig({ targets: [
       sheetTarget({ name: 'requests', spreadsheetId: '${SPREADSHEET}', tab: 'R', model: 'Request',
         columns: [{ header: 'Comment', field: 'comment', writable: true }] }),
       sheetTarget({ name: 'airports', spreadsheetId: 'other', tab: 'A', model: 'Airport', columns: ['name'] }),
     ] })`,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (args: readonly string[], secret?: string) =>
  writeback(['sheet-script', ...args], {
    DATABASE_URL: 'postgres://127.0.0.1:9/none',
    WRITEBACK_SCRIPT_SECRET: secret,
  })

test('prints the script for a spreadsheet, without the secret, and says how to make one', async () => {
  const address = `https://docs.google.com/spreadsheets/d/${SPREADSHEET}/edit#gid=0`
  const { code, stdout, stderr } = await run(['--spreadsheet', address, ...URL_OPTION])
  expect(code).toBe(0)
  expect(stdout).toContain(`const SPREADSHEET_ID = "${SPREADSHEET}"`)
  expect(stdout).toContain('const RECEIVER = "https://app.example.com/sheet-edits"')
  expect(stdout).toContain('const SECRET_PROPERTY = "WRITEBACK_SCRIPT_SECRET"')
  expect(stderr).toContain('openssl rand -hex 32')
  const known = await run(['--spreadsheet', SPREADSHEET, ...URL_OPTION], SECRET)
  expect(known.stderr).toBe('')
  expect(known.stdout).toBe(stdout)
  expect(known.stdout).not.toContain(SECRET)
})

test('a target names the spreadsheet; alone, it need not be named', async () => {
  for (const args of [['--target', 'requests'], []]) {
    const { code, stdout } = await run(['--config', config, ...args, ...URL_OPTION], SECRET)
    expect(code).toBe(0)
    expect(stdout).toContain(`const SPREADSHEET_ID = "${SPREADSHEET}"`)
  }
  const own = await run(['-c', config, '--secret-env', 'SHEET_SECRET', ...URL_OPTION])
  expect(own.stdout).toContain('const SECRET_PROPERTY = "SHEET_SECRET"')
  expect(own.stderr).toContain('SHEET_SECRET is not set')
  const none = await run(['-c', config, '--target', 'airports', ...URL_OPTION])
  expect(none.code).not.toBe(0)
  expect(none.stderr).toMatch(/TARGET_UNKNOWN.*writable columns: requests/)
})

test.each([
  [['--spreadsheet', 'not an id', ...URL_OPTION], /id or address/],
  [['--spreadsheet', SPREADSHEET, '--url', 'http://localhost:9464/sheet-edits'], /https/],
  [['--spreadsheet', SPREADSHEET], /--url/],
  [['--spreadsheet', SPREADSHEET, '--target', 'requests', ...URL_OPTION], /cannot be used with/],
])('refuses %j', async (args, said) => {
  const { code, stdout, stderr } = await run(args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(said)
})
