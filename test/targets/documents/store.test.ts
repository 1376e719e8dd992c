import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Sql } from '../../../src/database/sql.ts'
import { Tickets, ticketSequenceSql } from '../../../src/lane/tickets.ts'
import { DocumentStore } from '../../../src/targets/documents/store.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'

const store = new DocumentStore('public')
let database: TestDatabase
let client: pg.Client
let sql: Sql
beforeEach(async () => {
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  sql = { query: async (text, values) => (await client.query(text, values && [...values])).rows }
})
afterEach(async () => {
  await client.end()
  await database.drop()
})

const intend = (ticket: bigint, ...keys: string[]) => store.intend(sql, 'cache', [{ id: 'a', keys }], ticket)
const keys = async () => (await store.load(sql, 'cache', ['a'])).get('a')?.keys

it('notes the keys of a call before it, beside those of the one before: nobody may come back to store them', async () => {
  expect(await intend(1n, 'k1')).toEqual(new Map([['a', ['k1']]]))
  await store.save(sql, 'cache', 1n, [{ id: 'a', hash: 'h', keys: ['k1'], base: {} }])
  expect((await intend(2n, 'k2'))?.get('a')).toEqual(['k1', 'k2'])
  expect(await keys()).toEqual(['k1', 'k2'])
  // The worker dies here; the record goes on to a third key.
  expect((await intend(3n, 'k3'))?.get('a')).toEqual(['k1', 'k2', 'k3'])
  await store.save(sql, 'cache', 3n, [{ id: 'a', hash: 'h', keys: ['k3'], base: {} }])
  expect(await keys()).toEqual(['k3'])
})

it('leaves a record alone that a later ticket has been noted for', async () => {
  await intend(2n, 'k2')
  expect(await intend(1n, 'k1')).toEqual(new Map())
  await store.save(sql, 'cache', 1n, [{ id: 'a', hash: 'h', keys: ['k1'], base: {} }])
  expect(await keys()).toEqual(['k2'])
})

it('draws tickets that rise, with the snapshot in which each was drawn', async () => {
  await sql.query(ticketSequenceSql({ library: 'public', queue: 'pgboss' }))
  const tickets = new Tickets('public')
  const first = await tickets.draw(sql)
  expect(first.xmin).toBeLessThanOrEqual(first.xmax)
  // A statement that writes has a transaction of its own, which is over when the next ticket is drawn.
  await intend(first.ticket, 'k')
  const second = await tickets.draw(sql)
  expect(second.ticket).toBeGreaterThan(first.ticket)
  expect(second.xmax).toBeGreaterThan(first.xmax)
})
