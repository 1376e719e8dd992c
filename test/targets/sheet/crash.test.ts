import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Sql } from '../../../src/database/sql.ts'
import { LaneLocks } from '../../../src/lane/lock.ts'
import { SheetStore } from '../../../src/targets/sheet/store/store.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../tools/embedded-postgres.ts'

/*
 * Commits of a lane's session do not wait for the disk. Postgres crashes: what a call relied on that is in the sheet by now
 * has to be there still, or our own value counts as a person's edit.
 */

let postgres: EmbeddedPostgres
let databases = 0
beforeAll(async () => {
  postgres = await startEmbeddedPostgres()
})
afterAll(() => postgres?.stop())

/** A database with one record in `sync_record`, and a lane that is held. */
async function holdLane() {
  const url = await postgres.createDatabase(`crash_${databases++}`)
  const query = async (text: string) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query(text)).rows
    } finally {
      await client.end()
    }
  }
  await query('create table sync_record (target text, record_key text, base jsonb, intended jsonb)')
  await query(`insert into sync_record values ('trips', 'a', '{"Name": "one", "Seats": 1}')`)
  const locks = new LaneLocks(url, pino({ level: 'silent' }), 10_000)
  onTestFinished(() => locks.close())
  const lock = await locks.acquire('sheet', 1_000, AbortSignal.timeout(5_000))
  if (!lock) throw new Error('the lane is not free')
  return { query, sql: lock.sql, store: new SheetStore('public') }
}

test('what a call is about to write stays', async () => {
  const { query, sql, store } = await holdLane()
  await store.intend(sql, 'trips', new Map([['a', { Seats: [2] }]]))
  await postgres.restart('immediate')
  expect(await query('select intended from sync_record')).toEqual([{ intended: { Seats: [2] } }])
})

test.each<[string, unknown, (store: SheetStore, sql: Sql) => Promise<void>]>([
  [
    'cells',
    [{ base: { Name: 'one' } }],
    (store, sql) => store.forgetCells(sql, 'trips', new Map([['a', ['Seats']]])),
  ],
  ['columns', [{ base: { Name: 'one' } }], (store, sql) => store.forgetColumns(sql, 'trips', ['Seats'])],
  ['records', [], (store, sql) => store.forgetRecords(sql, 'trips')],
])('what was forgotten of %s stays forgotten', async (_, expected, forget) => {
  const { query, sql, store } = await holdLane()
  await forget(store, sql)
  await postgres.restart('immediate')
  expect(await query('select base from sync_record')).toEqual(expected)
})
