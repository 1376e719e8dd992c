import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createSheetsClient } from '../../src/targets/sheet/index.ts'
import { until } from '../support/wait.ts'

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

/** Starts `writeback sheet` where nothing of this library is, with no environment of its own. */
async function serve(...args: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'writeback-sheet-'))
  cleanUp.push(() => rm(folder, { recursive: true, force: true }))
  const child: ChildProcess = spawn(process.execPath, [resolve('cli/main.ts'), 'sheet', ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, NO_COLOR: '1' },
  })
  const ended = new Promise<number | null>((done) => child.once('close', done))
  cleanUp.push(() => {
    child.kill('SIGKILL')
    return ended
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      said += chunk
    })
  }
  return { child, ended, said: () => said }
}

/** The lines `NAME=value` that it prints, once it has. */
async function variables(said: () => string): Promise<Record<string, string>> {
  const lines = await until('the variables are printed', () => {
    const found = [...said().matchAll(/^([A-Z_]+)=(.+)$/gm)]
    return found.length >= 2 && found
  })
  return Object.fromEntries(lines.map(([, name, value]) => [name, value]))
}

const titles = async (url: string, spreadsheetId: string) => {
  const api = createSheetsClient({ google: null, sheetsApiUrl: url })
  const { data } = await api.spreadsheets.get({ spreadsheetId })
  return data.sheets?.map(({ properties }) => properties?.title)
}
const addTab = (url: string, spreadsheetId: string, title: string) =>
  createSheetsClient({ google: null, sheetsApiUrl: url }).spreadsheets.batchUpdate({
    spreadsheetId,
    requestBody: { requests: [{ addSheet: { properties: { title } } }] },
  })

test('it prints what to set, has a page, and makes any spreadsheet that is asked for; Ctrl+C ends it in order', async () => {
  const sheet = await serve('--port', '0')
  const { SHEETS_API_URL: url = '', SPREADSHEET_ID: id = '' } = await variables(sheet.said)
  expect(await titles(url, id)).toEqual(['Sheet1'])
  expect(await titles(url, '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms')).toEqual(['Sheet1'])
  const page = /http:\S+\/spreadsheets\/\w+/.exec(sheet.said())?.[0] ?? ''
  expect(await (await fetch(page)).text()).toContain('<!doctype html>')
  sheet.child.kill('SIGINT')
  expect(await sheet.ended).toBe(0)
})

test('with --data the spreadsheets are there again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'writeback-sheet-data-'))
  cleanUp.push(() => rm(folder, { recursive: true, force: true }))
  const data = join(folder, 'sheets.json')
  for (const expected of [['Sheet1'], ['Sheet1', 'Orders']]) {
    const sheet = await serve('--port', '0', '--data', data)
    const { SHEETS_API_URL: url = '', SPREADSHEET_ID: id = '' } = await variables(sheet.said)
    expect(await titles(url, id)).toEqual(expected)
    if (expected.length === 1) await addTab(url, id, 'Orders')
    sheet.child.kill('SIGTERM')
    expect(await sheet.ended).toBe(0)
  }
})

test('a port that is taken, or none, is said', async () => {
  const first = await serve('--port', '0')
  const { SHEETS_API_URL: url = '' } = await variables(first.said)
  const taken = await serve('--port', new URL(url).port)
  expect(await taken.ended).toBe(1)
  expect(taken.said()).toMatch(/^OPERATION_INVALID the local sheet cannot be served: got .*EADDRINUSE/)
  const wrong = await serve('--port', 'http')
  expect(await wrong.ended).toBe(2)
  expect(wrong.said()).toContain('whole number from 0 to 65535')
})
