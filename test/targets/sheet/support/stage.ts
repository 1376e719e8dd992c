import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import pg from 'pg'
import { pino } from 'pino'
import { type Emulator, HUMAN_TOKEN, startEmulator } from '../../../../packages/sheets-emulator/index.ts'
import { DEFAULT_SCHEMAS } from '../../../../src/config/schemas.ts'
import type { Sql } from '../../../../src/database/sql.ts'
import type { SheetTarget } from '../../../../src/targets/sheet/config/target.ts'
import {
  createSheetsClient,
  createSheetWriter,
  type Outcome,
  type SheetWriter,
  type SheetWriterOptions,
} from '../../../../src/targets/sheet/index.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/postgres.ts'
import { Person } from './person.ts'
import { dataModel, Records, tripTarget } from './records.ts'

/** Everything a test of the Sheets target works with: a spreadsheet, a database, records, a writer, a person. */
export interface Stage {
  readonly emulator: Emulator
  readonly database: TestDatabase
  readonly pool: pg.Pool
  readonly sql: Sql
  readonly spreadsheetId: string
  readonly records: Records
  readonly target: SheetTarget
  readonly writer: SheetWriter
  readonly person: Person
  /** Lines that were logged, as objects. */
  readonly log: Record<string, unknown>[]
  /** What `onIncomplete` was called with. */
  readonly incomplete: string[]
  /** Makes another writer on the same database and spreadsheet. */
  newWriter(options?: Partial<SheetWriterOptions>): SheetWriter
  /** Writes records of the stage's target (or another). @returns outcomes by id */
  write(
    ids: readonly string[],
    target?: SheetTarget,
    writer?: SheetWriter,
  ): Promise<ReadonlyMap<string, Outcome>>
  /** Looks for edits in the tab of the stage's target, as a job does. @returns ids of records that a batch is to see to */
  look(writer?: SheetWriter): Promise<readonly string[]>
  close(): Promise<void>
}

/** Sets the stage. @param options of the target */
export async function setStage(
  options: Partial<SheetTarget> = {},
  writerOptions: Partial<SheetWriterOptions> = {},
): Promise<Stage> {
  const emulator = await startEmulator()
  const database = await createTestDatabase()
  const pool = new pg.Pool({ connectionString: database.url, max: 4 })
  // Databases are dropped under open connections at the end of a test.
  pool.on('error', () => {})
  const sql: Sql = {
    query: async (text, values) => (await pool.query(text, values ? [...values] : undefined)).rows,
  }
  const spreadsheetId = emulator.createSpreadsheet({
    properties: { title: 'Test', timeZone: 'Europe/Berlin' },
  })
  const records = new Records()
  const log: Record<string, unknown>[] = []
  const incomplete: string[] = []
  const logger = pino(
    { level: 'debug', base: null },
    { write: (line: string) => void log.push(JSON.parse(line)) },
  )
  const client = (): sheets_v4.Sheets => createSheetsClient({ google: null, sheetsApiUrl: emulator.url })
  const writers: SheetWriter[] = []
  const newWriter = (more: Partial<SheetWriterOptions> = {}): SheetWriter => {
    const writer = createSheetWriter({
      sheets: client(),
      sql,
      databaseUrl: database.url,
      schemas: DEFAULT_SCHEMAS,
      dataModel,
      reader: records,
      log: logger,
      quota: { readsPerMinute: 100_000, writesPerMinute: 100_000 },
      holder: `test ${writers.length}`,
      onIncomplete: (target, reason) => incomplete.push(`${target}: ${reason}`),
      ...writerOptions,
      ...more,
    })
    writers.push(writer)
    return writer
  }
  const target = tripTarget(spreadsheetId, options)
  const writer = newWriter()
  return {
    emulator,
    database,
    pool,
    sql,
    spreadsheetId,
    records,
    target,
    writer,
    person: new Person(emulator.url, spreadsheetId, HUMAN_TOKEN),
    log,
    incomplete,
    newWriter,
    async write(ids, other = target, by = writer) {
      const outcomes = await by.write(other.spreadsheetId, [{ target: other, ids }])
      return outcomes.get(other.name) ?? new Map()
    },
    async look(by = writer) {
      const { signal } = new AbortController()
      const found = await by.findEdits?.(spreadsheetId, [target], undefined, signal)
      return found?.records.get(target.name) ?? []
    },
    async close() {
      await Promise.all(writers.map((one) => one.close()))
      await pool.end()
      await emulator.close()
      await database.drop()
    },
  }
}
