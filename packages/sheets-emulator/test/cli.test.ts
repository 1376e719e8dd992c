import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { clientOf, errorOf } from './support.ts'

const MAIN = path.join(import.meta.dirname, '../main.ts')
const started: ChildProcess[] = []

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

interface Run {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  stdout: string
  stderr: string
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  const result: Run = {
    child,
    stdout: '',
    stderr: '',
    ended: new Promise((resolve) => child.once('exit', resolve)),
  }
  child.stdout!.on('data', (chunk) => (result.stdout += chunk))
  child.stderr!.on('data', (chunk) => (result.stderr += chunk))
  return result
}

/** Starts the emulator as a process of its own and waits for its ready line. */
async function ready(...args: string[]): Promise<Run & { url: string }> {
  const result = run('--port', '0', ...args)
  const url = await new Promise<string>((resolve, reject) => {
    result.child.stdout!.on('data', () => {
      const line = /^sheets-emulator ready at (http:\/\/127\.0\.0\.1:\d+\/)\n$/.exec(result.stdout)
      if (line) resolve(line[1]!)
    })
    result.child.once('exit', (code) => reject(new Error(`ended with ${code}: ${result.stderr}`)))
  })
  return Object.assign(result, { url })
}

describe('the command', () => {
  test('prints one ready line, serves, and ends with SIGTERM with its data saved', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'emulator-'))
    const data = path.join(folder, 'data')
    const first = await ready('--data', data)
    const api = clientOf(first.url)
    const { data: created } = await api.spreadsheets.create({
      requestBody: { properties: { title: 'Kept' } },
    })
    // A page that is open must not hold it.
    const events = await fetch(`${first.url}page/events`)
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    await events.body?.cancel().catch(() => undefined)
    expect(first.stdout.split('\n')).toHaveLength(2)
    expect(first.stderr).toBe('')
    const second = await ready('--data', data)
    const { data: found } = await clientOf(second.url).spreadsheets.get({
      spreadsheetId: created.spreadsheetId!,
    })
    expect(found.properties?.title).toBe('Kept')
    second.child.kill('SIGINT')
    expect(await second.ended).toBe(0)
    rmSync(folder, { recursive: true })
  })

  test('takes a quota and a latency', async () => {
    const emulator = await ready('--quota-per-minute', '1', '--latency', '60')
    const { spreadsheets } = clientOf(emulator.url)
    const started = performance.now()
    const { data } = await spreadsheets.create({ requestBody: {} })
    expect(performance.now() - started).toBeGreaterThanOrEqual(59)
    expect((await errorOf(spreadsheets.create({ requestBody: {} }))).status).toBe(429)
    await spreadsheets.get({ spreadsheetId: data.spreadsheetId! })
    emulator.child.kill('SIGTERM')
    await emulator.ended
  })

  test.each([
    [['--port', 'x'], '--port: expected a whole number from 0 to 65535, got "x"'],
    [['--port', '70000'], '--port: expected a whole number from 0 to 65535, got "70000"'],
    [['--nope'], "Unknown option '--nope'"],
    [['--latency'], '--latency'],
    [['positional'], 'positional'],
  ])('%j is refused with status 2', async (args, message) => {
    const result = run(...args)
    expect(await result.ended).toBe(2)
    expect(result.stderr).toContain(message)
    expect(result.stderr).toContain('usage: sheets-emulator')
    expect(result.stdout).toBe('')
  })

  test('a port that is taken is said', async () => {
    const emulator = await ready()
    const { port } = new URL(emulator.url)
    const other = run('--port', port)
    expect(await other.ended).toBe(1)
    expect(other.stderr).toContain('EADDRINUSE')
    emulator.child.kill('SIGTERM')
    await emulator.ended
  })
})
