import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf } from './support.ts'

const run = promisify(execFile)
const PACKAGE = resolve(import.meta.dirname, '..')
const MODULES = resolve(PACKAGE, '../../node_modules')

/** A project in which nothing but the packed emulator is installed, with what it depends on. */
let project: string

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'sheets-emulator-'))
  await run('npm', ['run', 'build'], { cwd: PACKAGE })
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project], {
    cwd: PACKAGE,
  })
  const [packed] = Object.values(JSON.parse(stdout) as object) as [{ filename: string }]
  const installed = join(project, 'node_modules', 'sheets-emulator')
  mkdirSync(installed, { recursive: true })
  await run('tar', ['xzf', join(project, packed.filename), '--strip-components=1', '-C', installed])
  for (const name of ['googleapis', 'numfmt', 'zod'])
    symlinkSync(join(MODULES, name), join(project, 'node_modules', name))
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }\n')
}, 120_000)

afterAll(() => rmSync(project, { recursive: true, force: true }))

test('the command starts a server that answers the real client and serves its page', async () => {
  const bin = join(project, 'node_modules/sheets-emulator/dist/main.js')
  const child = spawn(process.execPath, [bin, '--port', '0'], { cwd: project })
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const url = /http:\S+/.exec(line.toString())?.[0] ?? ''
    const api = clientOf(url)
    const { data } = await api.spreadsheets.create({ requestBody: { properties: { title: 'Packed' } } })
    const spreadsheetId = data.spreadsheetId ?? ''
    const requestBody = { values: [['a', 1]] }
    await api.spreadsheets.values.update({
      ...{ spreadsheetId, range: 'A1', valueInputOption: 'RAW', requestBody },
    })
    const { data: read } = await api.spreadsheets.values.get({ spreadsheetId, range: 'A1:B1' })
    expect(read.values).toEqual([['a', '1']])
    const page = await fetch(`${url}spreadsheets/${spreadsheetId}`)
    const script = /<script[^>]* src="([^"]+)"/.exec(await page.text())?.[1] ?? 'no script'
    const asset = await fetch(new URL(script, page.url))
    expect([page.status, asset.status, asset.headers.get('content-type')]).toEqual([
      200,
      200,
      expect.stringContaining('javascript'),
    ])
  } finally {
    child.kill()
    await once(child, 'exit')
  }
})

test('the README starts it from a program', async () => {
  const program = `import { startEmulator } from 'sheets-emulator'
    const emulator = await startEmulator()
    const id = emulator.createSpreadsheet({ properties: { title: 'Test' } })
    emulator.control.faults.add({ kind: 'reset-after', match: { calls: 'write' } })
    emulator.human(id).act('type', { tab: 'Sheet1', cell: 'A1', text: 'hello' })
    console.log(emulator.human(id).see('Sheet1')[0][0])
    await emulator.close()`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: project })
  expect(stdout.trim()).toBe('hello')
})
