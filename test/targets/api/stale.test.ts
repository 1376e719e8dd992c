import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../prisma/generated/writeback/data-model.ts'
import type { Sql } from '../../../src/database/sql.ts'
import { forClient, type PutCall } from '../../../src/index.ts'
import { ApiBatch } from '../../../src/targets/api/batch.ts'
import { MergeStore } from '../../../src/targets/api/store.ts'
import { DocumentStore } from '../../../src/targets/documents/store.ts'
import { ConflictStore } from '../../../src/targets/merge/conflicts.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'

/*
 * A worker that stalls, is thought dead, and wakes up after another one took its record. The steps are made one by one:
 * `take` is what a worker does before it writes, `write` the writing.
 */

let database: TestDatabase
let pool: pg.Pool
let sql: Sql
let puts: { fields: unknown; key: string }[]
let place: { fields: Record<string, unknown>; version: number }
/** Called by the next put, before it is carried out. */
let meanwhile: (() => Promise<void>) | undefined

beforeEach(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 4 })
  sql = { query: async (text, values) => (await pool.query(text, values ? [...values] : undefined)).rows }
  puts = []
  kept.clear()
  place = { fields: { stock: '100' }, version: 1 }
  meanwhile = undefined
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

const { apiTarget } = forClient<PrismaClient>(dataModel)
const kept = new Set<string>()
const target = apiTarget({
  name: 'stock',
  model: 'Request',
  document: ({ budget }) => ({ stock: budget }),
  get: () => ({ fields: place.fields, etag: `${place.version}` }),
  put: async (fields, { idempotencyKey: key, ifMatch }: PutCall) => {
    const stalls = meanwhile
    meanwhile = undefined
    await stalls?.()
    puts.push({ fields, key })
    if (kept.has(key)) return
    if (ifMatch !== `${place.version}`) throw Object.assign(new Error('changed'), { status: 412 })
    kept.add(key)
    place = { fields: { ...fields }, version: place.version + 1 }
  },
  fields: { stock: 'delta' },
  keysKeptHours: 24,
})
const signal = new AbortController().signal

const take = (ticket: bigint) =>
  new DocumentStore('public').intend(sql, 'stock', [{ id: 'a', keys: [] }], ticket)

async function write(ticket: bigint, stock: string) {
  const context = { sql, store: new MergeStore('public'), conflicts: new ConflictStore('public', 'place') }
  const batch = new ApiBatch(context, target, { abort: signal, leaving: signal })
  const shown = { document: { stock } }
  const one = {
    id: 'a',
    shown,
    record: {},
    before: undefined,
    keys: [],
    ticket,
    snapshot: { xmin: 0n, xmax: 0n },
  }
  return (await batch.run([one])).get('a')
}

async function agreeOn100(): Promise<void> {
  await take(1n)
  expect(await write(1n, '100')).toMatchObject({ status: 'written', change: 'unchanged' })
}

it('one that lost its record before it planned a write begins none', async () => {
  await agreeOn100()
  await take(2n)
  await take(3n)
  expect(await write(2n, '95')).toEqual({ status: 'superseded' })
  expect(puts).toEqual([])
  expect(await write(3n, '95')).toMatchObject({ status: 'written' })
  expect(place.fields.stock).toBe('95')
})

it('one that stalled with its call in hand makes the movement once, though another worker made it meanwhile', async () => {
  await agreeOn100()
  await take(2n)
  // The other worker finds the stored write, repeats it under its key, and writes what the database says by then.
  meanwhile = async () => {
    await take(3n)
    expect(await write(3n, '92')).toMatchObject({ status: 'written' })
    expect(place.fields.stock).toBe('92')
  }
  await write(2n, '95')
  expect(place.fields.stock).toBe('92')
  // The stalled call has the key that the other worker repeated.
  expect(puts.map(({ fields }) => (fields as { stock: string }).stock)).toEqual(['95', '92', '95'])
  expect(puts[2]?.key).toBe(puts[0]?.key)
  // What it stores at its end does not count: the base is the later worker's.
  const [row] = await sql.query<{ base: object; intended: object | null }>(
    'select base, intended from sync_record',
  )
  expect(row).toEqual({ base: { stock: '92' }, intended: null })
})

it('and where somebody else moved something too, that counts as well', async () => {
  await agreeOn100()
  await take(2n)
  meanwhile = async () => {
    place = { fields: { stock: '97' }, version: place.version + 1 }
    await take(3n)
    expect(await write(3n, '95')).toMatchObject({ status: 'written' })
  }
  await write(2n, '95')
  expect(place.fields.stock).toBe('92')
})
