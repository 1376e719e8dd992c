import pg from 'pg'
import { expect } from 'vitest'
import type { Sql } from '../../../src/database/sql.ts'
import { ticketSequenceSql } from '../../../src/lane/tickets.ts'
import type { Target } from '../../../src/model/target.ts'
import type { DocumentPlace } from '../../../src/targets/documents/place.ts'
import { createTestDatabase } from '../../support/postgres.ts'
import { Interleaving, type Step } from './interleavings.ts'

/**
 * Workers that stop, sleep, wake, die and whose calls arrive late, in any order. SEED=... runs the same again; the number
 * is in the name of each test.
 */
export const seed = Number(process.env.SEED ?? Date.now() % 2_147_483_647)
export const RUNS = Number(process.env.RUNS ?? 120)

/** The library's database of such workers. */
export async function openLibrary() {
  const database = await createTestDatabase()
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  const sql: Sql = { query: async (text, values) => (await pool.query(text, values && [...values])).rows }
  await sql.query(ticketSequenceSql({ library: 'public', queue: 'pgboss' }))
  return {
    pool,
    sql,
    /** Does the steps, then expects that the place shows what the records are. */
    async endsRight<T extends Target>(
      all: readonly Step[],
      target: T,
      place: DocumentPlace<T>,
      shown: () => unknown,
    ): Promise<void> {
      await sql.query('truncate sync_record')
      const world = new Interleaving(sql, target, place)
      await world.run(all)
      const expected = Object.fromEntries([...world.values].map(([id, value]) => [id, { value }]))
      expect(await shown()).toEqual(expected)
    },
    async close() {
      await pool.end()
      await database.drop()
    },
  }
}
