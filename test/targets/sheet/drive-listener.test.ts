import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Emulator, startEmulator } from '../../../packages/sheets-emulator/index.ts'
import { readEnvironment } from '../../../src/config/environment.ts'
import { DEFAULT_SCHEMAS } from '../../../src/config/schemas.ts'
import type { Sql } from '../../../src/database/sql.ts'
import { editsSchema } from '../../../src/targets/sheet/config/edits.ts'
import type { SheetTarget } from '../../../src/targets/sheet/config/target.ts'
import { driveListener } from '../../../src/targets/sheet/drive-listener.ts'
import type { EditListener } from '../../../src/targets/target.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'
import { tripTarget } from './support/records.ts'

let emulator: Emulator
let database: TestDatabase
let pool: pg.Pool
let sql: Sql
beforeEach(async () => {
  emulator = await startEmulator()
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 2 })
  pool.on('error', () => {})
  sql = { query: async (text, values) => (await pool.query(text, values ? [...values] : undefined)).rows }
})
afterEach(async () => {
  await pool.end()
  await emulator.close()
  await database.drop()
})

/** A target whose edits Drive tells of, asked as often as the test calls. */
const editable = (spreadsheetId: string, everySeconds = 0): SheetTarget =>
  tripTarget(spreadsheetId, {
    edits: { ...editsSchema.parse({}), detect: { everySeconds, drive: true, script: false } },
  })

async function listen(targets: readonly SheetTarget[], holder = 'one'): Promise<EditListener> {
  const listener = await driveListener(targets, {
    sql,
    schemas: DEFAULT_SCHEMAS,
    environment: readEnvironment({ DATABASE_URL: database.url, SHEETS_API_URL: emulator.url }),
    holder,
  })
  return listener ?? expect.fail('nobody listens')
}

/** What one look tells; undefined when it tells nothing. */
async function hear(listener: EditListener): Promise<readonly string[] | undefined> {
  let heard: readonly string[] | undefined
  await listener.ask(async (lanes) => {
    heard = lanes
  }, new AbortController().signal)
  return heard
}

const type = (id: string, text: string) => emulator.human(id).act('type', { cell: 'A1', text })
/** As the worker writes: with its own token, which is none here. */
const write = (id: string) =>
  fetch(`${emulator.url}v4/spreadsheets/${id}:batchUpdate`, {
    method: 'POST',
    body: JSON.stringify({ requests: [{ addSheet: {} }] }),
  }).then((response) => expect(response.status).toBe(200))

test('nobody is asked where no target wants it', async () => {
  const quiet = tripTarget('a', { edits: editsSchema.parse({}) })
  const environment = readEnvironment({ DATABASE_URL: database.url })
  const services = { sql, schemas: DEFAULT_SCHEMAS, environment, holder: 'one' }
  expect(await driveListener([quiet, tripTarget('b', {})], services)).toBeUndefined()
})

test('one call tells which of our spreadsheets people changed, from the first look on', async () => {
  const [a, b, other] = [1, 2, 3].map(() => emulator.createSpreadsheet()) as [string, string, string]
  type(a, 'before the first look')
  const listener = await listen([editable(a), editable(b)])
  expect(await hear(listener)).toBeUndefined()
  expect(await hear(listener)).toBeUndefined()
  type(b, '1')
  type(other, '1')
  emulator.control.calls.reset()
  expect(await hear(listener)).toEqual([b])
  expect(emulator.control.calls.counts()).toMatchObject({ read: { calls: 0 }, drive: { calls: 1 } })
  type(a, '2')
  type(b, '2')
  type(b, '3')
  expect(await hear(listener)).toEqual([a, b].sort())
  expect(await hear(listener)).toBeUndefined()
})

test('many changed files come in pages', async () => {
  const ids = Array.from({ length: 1_005 }, () => emulator.createSpreadsheet())
  const last = ids.at(-1) ?? ''
  const listener = await listen([editable(last)])
  await hear(listener)
  for (const id of ids) type(id, 'x')
  emulator.control.calls.reset()
  expect(await hear(listener)).toEqual([last])
  expect(emulator.control.calls.counts().drive.calls).toBe(2)
})

test('what the worker wrote itself is no news; a person’s change after it is', async () => {
  const a = emulator.createSpreadsheet()
  const listener = await listen([editable(a)])
  await hear(listener)
  await write(a)
  expect(await hear(listener)).toBeUndefined()
  type(a, 'after')
  expect(await hear(listener)).toEqual([a])
})

test('the place in the list outlives workers, and all share one look within the interval', async () => {
  const a = emulator.createSpreadsheet()
  const first = await listen([editable(a)])
  await hear(first)
  type(a, '1')
  // Another worker goes on where the first one was.
  const second = await listen([editable(a)], 'two')
  expect(await hear(second)).toEqual([a])
  expect(await hear(first)).toBeUndefined()
  type(a, '2')
  const slow = await listen([editable(a, 60)], 'three')
  expect(slow.everyMs).toBe(60_000)
  emulator.control.calls.reset()
  expect(await hear(slow)).toBeUndefined()
  expect(emulator.control.calls.counts().drive.calls).toBe(0)
})

test('what could not be handed on is told again', async () => {
  const a = emulator.createSpreadsheet()
  const listener = await listen([editable(a)])
  await hear(listener)
  type(a, '1')
  const refused = listener.ask(() => Promise.reject(new Error('no database')), new AbortController().signal)
  await expect(refused).rejects.toThrow('no database')
  expect(await hear(listener)).toEqual([a])
})

test('a place that Drive does not know any more: every spreadsheet may have changed', async () => {
  const [a, b] = [emulator.createSpreadsheet(), emulator.createSpreadsheet()]
  const listener = await listen([editable(a), editable(b)])
  await hear(listener)
  await sql.query(`update sync_lane set place = '{"pageToken": "lost"}'`)
  expect(await hear(listener)).toEqual([a, b].sort())
  expect(await hear(listener)).toBeUndefined()
})

test('trouble with Drive has a class, and nothing is missed after it', async () => {
  const a = emulator.createSpreadsheet()
  const listener = await listen([editable(a)])
  await hear(listener)
  type(a, '1')
  emulator.control.faults.add({ kind: 'status', status: 403, match: { calls: 'drive' } })
  await expect(hear(listener)).rejects.toMatchObject({ kind: 'forbidden', code: 'SHEET_FORBIDDEN' })
  expect(await hear(listener)).toEqual([a])
})
