import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Logger, pino } from 'pino'
import { startEmulator } from '../packages/sheets-emulator/index.ts'
import type { WritebackConfig } from '../src/config/define-config.ts'
import { readEnvironment } from '../src/config/environment.ts'
import type { Sql } from '../src/database/sql.ts'
import { WritebackError } from '../src/errors.ts'
import type { Target } from '../src/model/target.ts'
import { assertTarget } from '../src/operations/context.ts'
import { installJobs } from '../src/operations/install.ts'
import type { SheetTarget } from '../src/targets/sheet/config/target.ts'
import { type Drained, type DrainOptions, drainQueue } from './drain.ts'
import { addFault, type FailOptions, removeFaults, type SheetFault } from './faults.ts'
import { type PublishedJob, type PublishedJobFilter, publishedJobs } from './published-jobs.ts'
import { assertNoWorker, forgetEverything } from './queue.ts'
import { type CellOf, type Row, readRows, typeInto } from './rows.ts'

/** Options of {@link startTestSheet}. */
export interface TestSheetOptions {
  /** The database of the tests. @defaultValue DATABASE_URL */
  readonly databaseUrl?: string
  /**
   * Bound of everything that waits, in milliseconds. Less than the test runner's own, so that it is this error that is seen.
   * @defaultValue 4000: Vitest and Jest give a test five seconds
   */
  readonly withinMs?: number
  /** Where the worker logs, to see what it does. @defaultValue nowhere */
  readonly log?: Logger
}

/** Options of what waits. */
export interface WaitOptions {
  /** Bound in milliseconds. */
  readonly withinMs?: number
}

/** A local Google Sheet for tests, with the queue of the database that is written to. */
export interface TestSheet {
  /** Address of the sheet: the Sheets API, and a page to look at while a test stands still. */
  readonly url: string
  /** Variables for a worker or a command in a process of its own: it writes to this sheet. */
  readonly environment: Readonly<Record<'DATABASE_URL' | 'SHEETS_API_URL', string>>
  /**
   * Runs a worker in this process until nothing is queued, and stops it. Pauses after failures are skipped.
   * @throws WritebackError `NOT_DRAINED`, with the jobs that remain, those that failed and the dead letters, and why
   */
  drain(options?: DrainOptions): Promise<Drained>
  /** The rows of a target's tab, as a person sees them. */
  rows(target: string): Row[]
  /**
   * Waits until the rows are as wanted; for tests whose worker is a process of its own.
   * @throws WritebackError `NOT_IN_TIME`, with the rows
   */
  waitForRows(
    target: string,
    condition: (rows: readonly Row[]) => boolean,
    options?: WaitOptions,
  ): Promise<Row[]>
  /** The jobs that writes have published, in their order. */
  jobs(filter?: PublishedJobFilter): Promise<PublishedJob[]>
  /**
   * Types into a cell of a target's tab, as a person does; `''` empties it.
   * @example sheet.type('orders', { row: { Number: '0042' }, column: 'Total' }, '25')
   */
  type(target: string, cell: CellOf, text: string): void
  /** Lets the next calls of the Sheets API fail. */
  fail(fault: SheetFault, options?: FailOptions): void
  /** Lets all calls work again. */
  recover(): void
  /** Between tests: empty sheets, no jobs, no faults. Your own tables are yours to empty. */
  reset(): Promise<void>
  /** Closes everything. */
  stop(): Promise<void>
}

const WITHIN_MS = 4_000

/**
 * Starts a local Google Sheet that has the spreadsheets of the configuration, and sees to it that the database has the
 * library's queue. The database has to be one of tests, migrated, with no worker: jobs in it are deleted.
 *
 * @throws WritebackError `ENV_INVALID`, `DATABASE_UNAVAILABLE`, `TABLES_MISSING` where the migrations have not run,
 * `OPERATION_INVALID` in production and beside a worker
 *
 * @example
 * const sheet = await startTestSheet(config)
 * beforeEach(() => sheet.reset())
 * afterAll(() => sheet.stop())
 *
 * test('an order has its row', async () => {
 *   await prisma.order.create({ data: { number: '0042', total: '19.90' } })
 *   await sheet.drain()
 *   expect(sheet.rows('orders')).toEqual([{ Number: '0042', Total: '19.90' }])
 * })
 */
export async function startTestSheet(
  config: WritebackConfig,
  options: TestSheetOptions = {},
): Promise<TestSheet> {
  if (process.env.NODE_ENV === 'production') {
    throw new WritebackError('OPERATION_INVALID', {
      problem: 'a test sheet is for tests: it deletes the jobs of the database',
      got: 'NODE_ENV=production',
    })
  }
  const databaseUrl = options.databaseUrl ?? process.env.DATABASE_URL
  const emulator = await startEmulator()
  const close: (() => Promise<unknown>)[] = [() => emulator.close()]
  try {
    const environment = readEnvironment({
      DATABASE_URL: databaseUrl,
      SHEETS_API_URL: emulator.url,
      SHEETS_READS_PER_MINUTE: '100000',
      SHEETS_WRITES_PER_MINUTE: '100000',
    })
    const pool = new pg.Pool({ connectionString: environment.databaseUrl, max: 1, allowExitOnIdle: true })
    pool.on('error', () => {})
    close.push(() => pool.end())
    const sql: Sql = {
      query: async <R>(text: string, values?: readonly unknown[]) =>
        (await pool.query(text, values && [...values])).rows as R[],
    }
    await installJobs(environment.databaseUrl, config)
    const context = { config, environment, sql, log: options.log ?? pino({ level: 'silent' }) }
    const within = { withinMs: options.withinMs ?? WITHIN_MS }
    const targetOf = (name: string): SheetTarget => {
      const target = assertTarget({ config }, name)
      if (isSheet(target)) return target
      throw new WritebackError('OPERATION_INVALID', {
        problem: `target "${name}" has no rows`,
        expected: 'a target of sheetTarget({...})',
        got: `one of kind ${target.kind}`,
      })
    }
    const rows = (target: string) => readRows(emulator, targetOf(target))
    const sheet: TestSheet = {
      url: emulator.url,
      environment: { DATABASE_URL: environment.databaseUrl, SHEETS_API_URL: emulator.url },
      drain: (given) => drainQueue(context, { ...within, ...given }),
      rows,
      waitForRows: (target, condition, given) =>
        waitForRows(target, () => rows(target), condition, { ...within, ...given }),
      jobs: (filter) => publishedJobs(sql, config.schemas, filter),
      type: (target, cell, text) => typeInto(emulator, targetOf(target), cell, text),
      fail: (fault, given = {}) => addFault(emulator.control, fault, given),
      recover: () => removeFaults(emulator.control),
      async reset() {
        await assertNoWorker(sql)
        await forgetEverything(sql, config.schemas)
        removeFaults(emulator.control)
        for (const id of new Set(config.targets.filter(isSheet).map(({ spreadsheetId }) => spreadsheetId))) {
          emulator.control.spreadsheets.delete(id)
          emulator.createSpreadsheet({ properties: { title: id } }, id)
        }
      },
      async stop() {
        for (const step of close.splice(0).reverse()) await step()
      },
    }
    await sheet.reset()
    return sheet
  } catch (error) {
    for (const step of close.splice(0).reverse()) await step()
    throw error
  }
}

/** How often the rows are looked at, in milliseconds. */
const LOOK_EVERY_MS = 20

async function waitForRows(
  target: string,
  read: () => Row[],
  condition: (rows: readonly Row[]) => boolean,
  { withinMs }: { readonly withinMs: number },
): Promise<Row[]> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const rows = read()
    if (condition(rows)) return rows
    if (performance.now() > deadline) {
      // The rows of a test, in a sheet of this machine: nobody's data.
      throw new WritebackError('NOT_IN_TIME', {
        problem: `the rows of "${target}" are not as the test waits for`,
        expected: `them within ${withinMs} ms`,
        got: JSON.stringify(rows),
        remedy: 'See that a worker runs with the environment of the test sheet, or call drain()',
      })
    }
    await sleep(LOOK_EVERY_MS)
  }
}

function isSheet(target: Target): target is SheetTarget {
  return target.kind === 'sheet'
}
