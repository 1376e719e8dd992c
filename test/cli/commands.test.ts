import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProgram } from '../../cli/program.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestOperations, type TestOperations } from '../operations/support.ts'
import { type CommandResult, widest, writeback, writebackProcess } from './support.ts'

let test: TestOperations
beforeEach(async () => {
  test = await openTestOperations()
})
afterEach(() => test.close())

const run = (...args: string[]): Promise<CommandResult> => runIn(100, ...args)
const runIn = (columns: number, ...args: string[]): Promise<CommandResult> =>
  writeback(args, {
    DATABASE_URL: test.queue.database.url,
    SHEETS_API_URL: 'http://127.0.0.1:9/',
    WRITEBACK_ACTOR: 'ada',
    COLUMNS: String(columns),
  })

const LONG = `the function of column "Name" threw ${'and went on and on '.repeat(20)}`

describe('status', () => {
  it.each([80, 100, 140])(
    'tells by words, remedy and exit code that all is not well, in %i columns',
    async (columns) => {
      await test.die(['AAA'], 'COLUMN_FAILED', LONG)
      await test.queue.publish(['BBB'])
      await test.sql.query(`insert into pgboss.job (name, singleton_key) values ($1, 'x')`, [
        QUEUES.reconcile,
      ])
      const { code, stdout, stderr } = await runIn(columns, 'status')
      expect(stderr).toBe('')
      expect(code).toBe(4)
      expect(stdout).toContain('BROKEN')
      expect(stdout).toContain('no worker is alive, 1 job waits\n  Start one: writeback worker')
      // Where the machine is slow, the job has waited long enough to be a backlog.
      expect(stdout).toMatch(
        /airports +active +(░+ 0 of 1, no progress\n +)?1 waiting, the oldest for \d+s, 1 dead\n/,
      )
      expect(stdout).toMatch(/requests +active +none waiting\n/)
      expect(stdout).toContain('60 reads left, 60 writes left')
      expect(stdout).toMatch(/Queue +sync\.reconcile: \d waiting/)
      expect(widest(stdout)).toBeLessThanOrEqual(columns)
      // What was said of the dead letter is there to its last word, however narrow the terminal.
      expect(stdout.replace(/\s+/g, ' ')).toContain(LONG.trim())
      expect(stdout).not.toContain('…')
      expect(stdout).not.toContain('\u001B')
    },
  )

  it.each([80, 100])(
    'shows of a backlog what is done of all, the rate and the time left, in %i columns',
    async (columns) => {
      await test.sql.query(
        `insert into pgboss.job (name, policy, singleton_key, group_id, group_tier, data, created_on)
       select $1, 'short', 'airports:Airport:' || i, 'demo', 'airports', '{}', now() - interval '30 s'
       from generate_series(1, 38000) i`,
        [QUEUES.writeBack],
      )
      await test.sql.query(
        `insert into sync_progress (target, since, settled, behind_until, recent)
       select 'airports', now() - interval '30 s', 12000, now(), jsonb_object_agg(second, 400)
       from generate_series(extract(epoch from now())::bigint - 29, extract(epoch from now())::bigint) second`,
      )
      const { stdout } = await runIn(columns, 'status')
      expect(stdout).toMatch(
        /airports +active +█+░+ 12,000 of 50,000, \d{3}\/s, (\dm )?\d+s left\n +38,000 waiting, the oldest for \d+s\n/,
      )
      expect(widest(stdout)).toBeLessThanOrEqual(columns)
    },
  )

  it('prints one JSON text with the verdict', async () => {
    const { code, json } = await run('status', '--json')
    expect(code).toBe(3)
    expect(json()).toMatchObject({
      verdict: 'attention',
      complaints: [{ message: 'no worker is alive' }],
      targets: [{ target: 'airports', waiting: 0 }, { target: 'requests' }],
      workers: [],
    })
  })
})

describe('writeback', () => {
  it('--version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(await run('--version')).toMatchObject({ code: 0, stdout: `${version}\n` })
  })

  it('reconcile --wait says that no worker runs', async () => {
    const { code, stderr } = await run('reconcile', 'airports', '--wait', '--timeout', '2s')
    expect(code).toBe(1)
    expect(stderr).toContain('no worker is alive: the comparison waits for one')
    expect(stderr).toContain('start one with writeback worker')
  })
})

describe('jobs, show, retry, discard', () => {
  it('lists what is not settled, and finds by state and error', async () => {
    await test.die(['AAA'], 'COLUMN_FAILED', LONG)
    await test.queue.publish(['BBB'])
    const { stdout } = await run('jobs')
    expect(stdout).toMatch(/dead +airports +AAA +\d+s\n {2}COLUMN_FAILED the function/)
    expect(stdout).toMatch(/waiting +airports +BBB/)
    expect(stdout.replace(/\s+/g, ' ')).toContain(LONG.trim())
    expect(widest(stdout)).toBeLessThanOrEqual(100)
    const found = (await run('jobs', '--state', 'dead', '--error', 'went on', '--json')).json() as {
      record: string
    }[]
    expect(found.map((job) => job.record)).toEqual(['AAA'])
    expect((await run('jobs', '--target', 'airports', '--record', 'CCC')).stdout).toBe('no such job\n')
  })

  it('tells a reason once, and copies ids and records whole, in 80 columns', async () => {
    const long = ['cm3k9x7f40000v8l2h1q9d8zp', 'cm3k9x7f40001v8l2h1q9d8zq']
    await test.die(long, 'COLUMN_FAILED', LONG)
    const { stdout } = await runIn(80, 'jobs')
    const ids = (await test.operations.listDeadLetters()).map(({ id }) => id)
    for (const word of [...long, ...ids]) expect(stdout).toMatch(new RegExp(`(^|\\s)${word}(\\s|$)`, 'm'))
    expect(stdout.replace(/\s+/g, ' ').split(LONG.trim())).toHaveLength(2)
    expect(stdout).toContain('\n  COLUMN_FAILED as above\n')
    expect(widest(stdout)).toBeLessThanOrEqual(80)
  })

  it('shows one job with its record, its error and why it waits', async () => {
    await test.queue.publish(['BBB'])
    await test.operations.pause('airports', { actor: 'ada' })
    const [job] = await test.operations.listJobs()
    const { code, stdout } = await run('show', job?.id ?? '', '--no-place')
    expect(code).toBe(0)
    expect(stdout).toContain('airports: Airport BBB')
    expect(stdout).toContain('Its target is paused; writeback resume airports')
    expect(stdout).toContain('No worker is alive.')
    expect(widest(stdout)).toBeLessThanOrEqual(100)
    // The sheet cannot be reached: the rest is shown all the same.
    const withSheet = await run('show', job?.id ?? '')
    expect(withSheet.code).toBe(0)
    expect(withSheet.stdout).toContain('The row was not read')
  })

  it('begins with the job in colour, too', async () => {
    await test.queue.publish(['BBB'])
    const [job] = await test.operations.listJobs()
    const env = { DATABASE_URL: test.queue.database.url, FORCE_COLOR: '1' }
    // Whether there are colours is decided when a process starts.
    const { stdout } = await writebackProcess(['show', job?.id ?? '', '--no-place'], env)
    expect(stripVTControlCharacters(stdout)).toMatch(/^Job +[0-9a-f-]{36} +waiting\n/)
    expect(stdout).not.toBe(stripVTControlCharacters(stdout))
  })

  it('says when a job that was named is not there, or is not one to retry', async () => {
    await test.queue.publish(['BBB'])
    const [waiting] = await test.operations.listJobs()
    for (const id of ['00000000-0000-4000-8000-000000000000', waiting?.id ?? '']) {
      for (const args of [
        ['retry', id, '--yes', '--json'],
        ['discard', id, '--preview'],
      ]) {
        const { code, stdout, stderr } = await run(...args)
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
        expect(stderr).toContain(`OPERATION_INVALID no dead letter or retrying job ${id}. It was settled or`)
      }
    }
    // A filter may find nothing.
    expect((await run('retry', '--record', 'CCC', '--yes')).code).toBe(0)
  })

  it('previews, wants a yes, retries and discards', async () => {
    await test.die(['AAA', 'BBB'])
    const preview = await run('retry', '--target', 'airports', '--preview')
    expect(preview.code).toBe(0)
    expect(preview.stdout).toMatch(/AAA[\s\S]*BBB|BBB[\s\S]*AAA/)
    const unasked = await run('retry', '--target', 'airports')
    expect(unasked).toMatchObject({
      code: 1,
      stderr: 'OPERATION_INVALID this needs a yes: expected --yes where there is no terminal to ask on\n',
    })
    expect(await test.operations.listDeadLetters()).toHaveLength(2)
    expect((await run('retry', '--record', 'AAA', '--yes', '--reason', 'fixed')).stdout).toContain(
      '1 queued again',
    )
    const discarded = await run('discard', '--error', 'CELL_TOO_LONG', '--yes', '--json')
    expect(discarded.json()).toEqual({ discarded: 1 })
    expect(
      (await test.operations.audit()).map(({ actor, action, subject }) => [actor, action, subject.reason]),
    ).toEqual([
      ['ada', 'discard', undefined],
      ['ada', 'retry', 'fixed'],
    ])
  })
})

describe('acts', () => {
  it('pauses, resumes, recovers, cleans up, reconciles and lists conflicts', async () => {
    expect((await run('pause', 'airports', '--reason', 'moving house')).stdout).toContain(
      'airports is paused',
    )
    expect((await run('pause', 'airports', '--json')).json()).toMatchObject({ changed: false })
    expect((await run('resume', 'airports')).stdout).toBe('airports goes on\n')
    expect((await run('recover')).stdout).toBe('0 stuck jobs: 0 returned, 0 dead\n')
    expect((await run('cleanup')).stdout).toContain('deleted 0 settled jobs')
    await test.sql.query(`delete from pgboss.job where name = $1`, [QUEUES.reconcile])
    expect((await run('reconcile', 'airports', '--json')).json()).toEqual({
      jobId: expect.any(String),
      isNew: true,
    })
    await test.sql.query(
      `insert into sync_conflict (target, record_key, column_name, winner, reason, base, database, sheet)
       values ('airports', 'AAA', 'Name', 'none', 'edited by a person', '"a"', '"b"', $1::jsonb)`,
      [JSON.stringify('long '.repeat(100))],
    )
    const { stdout } = await run('conflicts')
    expect(stdout).toMatch(/waits for a decision, \d+s ago\n {4}airports, record AAA, column Name\n/)
    expect(stdout).toMatch(/database +b\n/)
    expect(widest(stdout)).toBeLessThanOrEqual(100)
  })
})

// What people get wrong in arguments is in test/wrong-inputs.
describe('errors', () => {
  it('never show the password of the database', async () => {
    const env = {
      DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:9/none',
      SHEETS_API_URL: 'http://127.0.0.1:9/',
    }
    const result = await writeback(['status'], env)
    expect(result.code).toBe(1)
    expect(result.stderr).toMatch(
      /^DATABASE_UNAVAILABLE Postgres cannot be used: got .*See that Postgres runs/,
    )
    expect(result.stderr).not.toContain('hunter2')
    const doctor = await writeback(['doctor', '--json'], env)
    expect(doctor.code).toBe(4)
    expect(doctor.json()).toMatchObject([
      { severity: 'error', subject: 'database', remedy: expect.stringContaining('See that Postgres runs') },
      { severity: 'error', subject: 'sheet demo', message: expect.stringContaining('SHEET_UNAVAILABLE') },
    ])
    expect(doctor.stdout).not.toContain('hunter2')
  })

  it('says what to do before the release step', async () => {
    await test.sql.query('drop schema pgboss cascade')
    expect((await run('status')).stderr).toMatch(/^QUEUE_MISSING .*writeback migrate/)
    const doctor = await run('doctor', '--no-places')
    expect(doctor.code).toBe(4)
    expect(doctor.stdout).toMatch(/^x {2}pg-boss: [\s\S]*Run "writeback migrate"/)
  })

  it("says what to do where the library's tables are missing", async () => {
    await test.sql.query('drop table sync_target cascade')
    expect((await run('status')).stderr).toMatch(/^TABLES_MISSING .*schema "public".*writeback migrate/)
  })
})

describe('help', () => {
  it('names every command, and each that prints has JSON', async () => {
    const { code, stdout } = await writeback(['--help'])
    expect(code).toBe(0)
    for (const command of createProgram().commands) {
      expect(stdout).toMatch(new RegExp(`^  ${command.name()}`, 'm'))
      const json = command.options.some((option) => option.long === '--json')
      expect(json, command.name()).toBe(
        !['worker', 'dashboard', 'sheet', 'sheet-script'].includes(command.name()),
      )
    }
  })
})
