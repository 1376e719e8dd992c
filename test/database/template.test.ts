import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { createTestDatabase } from '../support/postgres.ts'

const dropped: Array<() => Promise<void>> = []
afterAll(async () => {
  for (const drop of dropped) await drop()
})

test('test databases are made at the same time, and each has all tables and pg-boss of its own', async () => {
  const databases = await Promise.all(Array.from({ length: 6 }, createTestDatabase))
  dropped.push(...databases.map(({ drop }) => drop))

  expect(new Set(databases.map(({ url }) => url)).size).toBe(6)
  for (const { url } of databases) {
    const client = new pg.Client(url)
    await client.connect()
    const { rows } = await client.query(
      `select to_regclass('sync_target') as own, to_regclass('requests') as reference, to_regclass('pgboss.job') as jobs`,
    )
    await client.end()
    expect(rows).toEqual([{ own: 'sync_target', reference: 'requests', jobs: 'pgboss.job' }])
  }
})
