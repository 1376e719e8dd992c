import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEmptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { until } from '../support/wait.ts'
import { writeback, writebackProcess } from './support.ts'

const SHEETS = { SHEETS_API_URL: 'http://127.0.0.1:9/' }

describe('migrate', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createEmptyDatabase()
  })
  afterEach(() => database.drop())

  it('takes an empty database to one that works, with stdout for programs; twice is harmless', async () => {
    const env = { DATABASE_URL: database.url, ...SHEETS }
    const first = await writebackProcess(['migrate', '--json'], env)
    expect(first.stderr).toContain('writeback')
    expect(first.code).toBe(0)
    expect(first.json()).toMatchObject({ newTargets: ['airports', 'requests'], updated: [] })
    const second = await writebackProcess(['migrate', '--json'], env)
    expect(second.json()).toMatchObject({ newTargets: [], created: [] })
    const doctor = await writebackProcess(['doctor', '--no-places', '--json'], env)
    const troubles = (doctor.json() as { severity: string; message: string }[]).filter(
      (one) => one.severity !== 'ok',
    )
    expect(troubles).toMatchObject([{ severity: 'warning', message: 'no worker is alive' }])
    expect(doctor.code).toBe(3)
  })

  it('fails with one line after what Prisma said, and installs nothing', async () => {
    const env = { DATABASE_URL: database.url.replace(/\/[^/]*$/, '/no-such-database'), ...SHEETS }
    const { code, stderr, stdout } = await writebackProcess(['migrate', '--skip-prisma'], env)
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toContain('does not exist')
    expect(stderr).not.toContain(new URL(database.url).password)
  })
})

describe('with a queue', () => {
  let queue: TestQueue
  let folder: string
  beforeEach(async () => {
    queue = await openTestQueue()
    folder = mkdtempSync(join(tmpdir(), 'writeback-cli-'))
  })
  afterEach(async () => {
    rmSync(folder, { recursive: true })
    await queue.close()
  })

  it('triggers writes a migration, and --check says whether it is deployed', async () => {
    const env = { DATABASE_URL: queue.database.url, ...SHEETS }
    const before = await writeback(['triggers', '--check'], env)
    expect(before).toMatchObject({ code: 4, stdout: expect.stringContaining('it is not installed') })
    // Piped into a file without a word it writes nothing there, rather than something that is no SQL.
    expect(await writeback(['triggers', '--dir', folder], env)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/a summary, no SQL: expected --yes to write the migration, or --sql/),
    })
    const sql = await writeback(['triggers', '--sql', '--dir', folder], env)
    expect(sql).toMatchObject({ code: 0, stderr: expect.stringContaining('no file was written') })
    expect(sql.stdout).toMatch(/^-- Triggers of prisma-writeback[\s\S]*create or replace function/)
    expect(readdirSync(folder)).toEqual([])
    const written = await writeback(['triggers', '--dir', folder, '--yes', '--json'], env)
    const { file } = written.json() as { file: string }
    await queue.boss.getDb().executeSql(readFileSync(file, 'utf8'))
    expect(await writeback(['triggers', '--check'], env)).toMatchObject({
      code: 0,
      stdout: 'the triggers are as configured\n',
    })
    const again = await writeback(['triggers', '--dir', folder, '--yes', '--json'], env)
    expect(again.json()).toMatchObject({ file: null, obsolete: [] })
    expect(await writeback(['triggers', '--sql'], env)).toMatchObject({
      code: 0,
      stdout: '-- The triggers are as configured: nothing to do.\n',
    })
    await queue.boss.getDb().executeSql('drop trigger sync_update on airports')
    const told = await writeback(['triggers', '--dir', folder, '--yes'], env)
    expect(told.stdout).toMatch(
      /\npublic\.airports +wrong +target airports\n {2}trigger sync_update is missing\n/,
    )
    expect(told.stdout).toMatch(/\npublic\.requests +up to date +target requests\n/)
    expect(told.stdout).toMatch(
      /\n1 table to change, 0 functions to remove; the SQL: writeback triggers --sql\nwrote /,
    )
    expect(told.stdout).not.toContain('create')
    await queue.boss.getDb().executeSql(sql.stdout)
    const status = (await writeback(['status', '--json'], env)).json() as { targets: { capture: string }[] }
    expect(status.targets.map((one) => one.capture)).toEqual(['trigger', 'trigger'])

    // The release step says when they do not fit what its migrations made of the tables.
    const release = ['migrate', '--skip-prisma']
    expect(await writeback(release, env)).toMatchObject({ code: 0 })
    await queue.boss.getDb().executeSql('alter table airports rename column iata_code to code')
    expect(await writeback(release, env)).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(
        /x table public\.airports: .*public\.airports\.iata_code[\s\S]*Run "writeback triggers"/,
      ),
    })
  })

  it('serves the dashboard behind its password, and not at all without one', async () => {
    const env = { DATABASE_URL: queue.database.url, ...SHEETS, PGBOSS_DASHBOARD_AUTH_PASSWORD: undefined }
    const off = await writeback(['dashboard'], env)
    expect(off).toMatchObject({ code: 1, stdout: '' })
    expect(off.stderr).toMatch(
      /^ENV_INVALID the dashboard is off: expected a password in PGBOSS_DASHBOARD_AUTH_PASSWORD/,
    )

    const child = spawn(process.execPath, ['cli/main.ts', 'dashboard'], {
      env: {
        ...process.env,
        ...env,
        PGBOSS_DASHBOARD_AUTH_PASSWORD: 'hunter2',
        HOST: '127.0.0.1',
        PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = new Promise((resolve) => child.once('close', resolve))
    try {
      let output = ''
      child.stdout.on('data', (chunk) => {
        output += chunk
      })
      const url = await until('it listens', () => /http:\/\/[^\s/]+:(\d+)/.exec(output)?.[0])
      const status = async (authorization?: string) =>
        (await fetch(url, { headers: authorization ? { authorization } : {} })).status
      expect(await status()).toBe(401)
      expect(await status(`Basic ${btoa('admin:wrong')}`)).toBe(401)
      expect(await status(`Basic ${btoa('admin:hunter2')}`)).toBe(200)
    } finally {
      child.kill('SIGKILL')
      await ended
    }
  })
})
