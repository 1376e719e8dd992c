import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startEmbeddedPostgres } from '../../tools/embedded-postgres.ts'
import { query } from './fixtures.ts'

const MODULE = fileURLToPath(new URL('../../tools/embedded-postgres.ts', import.meta.url))

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'writeback-cluster-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts a Postgres in a process of its own, which then waits, or ends if told so. */
async function startElsewhere(options: object, afterwards = 'setInterval(() => {}, 1000)') {
  const code = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(MODULE)})
    const { url, dataDir } = await startEmbeddedPostgres(${JSON.stringify(options)})
    const { readFileSync } = await import('node:fs')
    const pid = Number.parseInt(readFileSync(dataDir + '/data/postmaster.pid', 'utf8'), 10)
    console.log(JSON.stringify({ url, dataDir, pid }))
    ${afterwards}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  // By the time the line is read, a process that has nothing more to do is gone, and its folder with it.
  const { url, dataDir, pid } = JSON.parse(String(line)) as { url: string; dataDir: string; pid: number }
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await gone(pid)
  })
  return { child, exited, url, dataDir, pid }
}

function isRunning(pid: number): boolean {
  if (existsSync(`/proc/${pid}/stat`)) return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux'
  } catch {
    return false
  }
}

const gone = (pid: number) => vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 15_000 })

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'Postgres and its folder go when its process gets %s',
  async (signal) => {
    const { child, exited, dataDir, pid } = await startElsewhere({ fsync: false })
    expect(isRunning(pid)).toBe(true)
    child.kill(signal)
    await exited
    await gone(pid)
    await vi.waitFor(() => expect(existsSync(dataDir)).toBe(false), { timeout: 15_000 })
  },
)

test('it does not keep a process that has nothing more to do', async () => {
  const { exited, pid, dataDir } = await startElsewhere({ fsync: false }, '')
  expect(await exited).toEqual([0, null])
  await gone(pid)
  await vi.waitFor(() => expect(existsSync(dataDir)).toBe(false), { timeout: 15_000 })
})

test('a persistent cluster is used again after its process was killed, with its data', async () => {
  const dataDir = temporaryFolder()
  const first = await startElsewhere({ dataDir })
  await query(first.url, 'create table kept (n integer)')
  first.child.kill('SIGKILL')
  await first.exited

  const again = await startEmbeddedPostgres({ dataDir })
  onTestFinished(again.stop)
  expect(await query(again.url, `select to_regclass('kept') as name`)).toEqual([{ name: 'kept' }])
})

test('a lock file whose process id belongs to somebody else by now does not stop it', async () => {
  const dataDir = temporaryFolder()
  const first = await startEmbeddedPostgres({ dataDir })
  const lock = readFileSync(join(dataDir, 'data', 'postmaster.pid'), 'utf8')
  await first.stop()
  writeFileSync(join(dataDir, 'data', 'postmaster.pid'), lock.replace(/^\d+/, String(process.pid)))

  const again = await startEmbeddedPostgres({ dataDir })
  await again.stop()
})

test('a cluster that another process uses is refused, and that one goes on', async () => {
  const dataDir = temporaryFolder()
  const { child, url } = await startElsewhere({ dataDir })
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(`process ${child.pid} uses it`)
  expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }])
})

test('a crash loses nothing that was committed, and the port stays', async () => {
  const postgres = await startEmbeddedPostgres({ maxConnections: 33 })
  onTestFinished(postgres.stop)
  const url = await postgres.createDatabase('some name')
  expect(await postgres.createDatabase('some name')).toBe(url)
  await query(url, 'create table t as select generate_series(1, 1000) as n')

  await postgres.restart('immediate')

  expect(readFileSync(postgres.logFile, 'utf8')).toContain('database system was not properly shut down')
  expect(await query(url, 'select count(*)::int as n from t')).toEqual([{ n: 1000 }])
  expect(
    await query(url, `select current_setting('max_connections') as n, current_setting('fsync') as fsync`),
  ).toEqual([{ n: '33', fsync: 'on' }])
})

test('a port that is taken is an error when it was asked for', async () => {
  const one = await startEmbeddedPostgres({ fsync: false })
  onTestFinished(one.stop)
  await expect(startEmbeddedPostgres({ fsync: false, port: one.port })).rejects.toThrow(
    `Postgres did not start on port ${one.port}`,
  )
  expect(await query(one.url, 'select 1 as n')).toEqual([{ n: 1 }])
})
