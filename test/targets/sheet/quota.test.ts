import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sql } from '../../../src/database/sql.ts'
import { Quota } from '../../../src/lane/quota.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'
import { setStage } from './support/stage.ts'

let database: TestDatabase
let pool: pg.Pool
let sql: Sql
beforeAll(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 4 })
  sql = { query: async (text, values) => (await pool.query(text, values ? [...values] : undefined)).rows }
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const never = new AbortController().signal
const limits = { readsPerMinute: 4, writesPerMinute: 10 }

/** Whether a request is admitted within a moment. */
async function isAdmitted(quota: Quota, kind: 'read' | 'write', withinMs = 150): Promise<boolean> {
  return quota.admit(kind, AbortSignal.timeout(withinMs)).then(
    () => true,
    () => false,
  )
}

describe('the quota', () => {
  it('is shared by all workers of an account, reads and writes apart', async () => {
    const one = new Quota(sql, 'public', 'sheets', 'shared', limits)
    const other = new Quota(sql, 'public', 'sheets', 'shared', limits)
    for (let count = 0; count < 5; count++) {
      await one.admit('write', never)
      await other.admit('write', never)
    }
    expect(await isAdmitted(one, 'write')).toBe(false)
    expect(await isAdmitted(other, 'write')).toBe(false)
    expect(await isAdmitted(other, 'read')).toBe(true)
  })

  it('of another account is another', async () => {
    const one = new Quota(sql, 'public', 'sheets', 'a', { readsPerMinute: 1, writesPerMinute: 1 })
    await one.admit('write', never)
    expect(await isAdmitted(one, 'write')).toBe(false)
    expect(await isAdmitted(new Quota(sql, 'public', 'sheets', 'b', limits), 'write')).toBe(true)
  })

  it('is there again when the minute is over', async () => {
    const quota = new Quota(sql, 'public', 'sheets', 'minute', { readsPerMinute: 1, writesPerMinute: 1 })
    await quota.admit('write', never)
    expect(await isAdmitted(quota, 'write')).toBe(false)
    // As if the minute were over: the count is kept with the time at which it ends.
    await sql.query(`update sync_quota set expire = $1 where key like '%minute'`, [Date.now() - 1])
    expect(await isAdmitted(quota, 'write')).toBe(true)
  })

  it('spreads the second half of a minute, and says that it is low', async () => {
    const quota = new Quota(sql, 'public', 'sheets', 'spread', { readsPerMinute: 600, writesPerMinute: 600 })
    for (let count = 0; count < 300; count++) await quota.admit('read', never)
    expect(quota.isLow).toBe(false)
    const started = performance.now()
    await quota.admit('read', never)
    await quota.admit('read', never)
    expect(quota.isLow).toBe(true)
    // About 60 s for 300 requests.
    expect(performance.now() - started).toBeGreaterThan(200)
  })

  it('stops everybody for a while when the API refuses, and asks for less afterwards', async () => {
    const one = new Quota(sql, 'public', 'sheets', 'refused', { readsPerMinute: 100, writesPerMinute: 100 })
    const other = new Quota(sql, 'public', 'sheets', 'refused', { readsPerMinute: 100, writesPerMinute: 100 })
    await one.admit('write', never)
    await one.refused('write')
    expect(await isAdmitted(one, 'write')).toBe(false)
    expect(await isAdmitted(other, 'write')).toBe(false)
    const [row] = await sql.query<{ expire: string }>(
      `select expire from sync_quota where key like 'sheets-write%refused'`,
    )
    const wait = Number(row?.expire) - Date.now()
    expect(wait).toBeGreaterThan(2_000)
    expect(wait).toBeLessThan(5_500)
  })

  it('waits no longer when the caller gives up', async () => {
    const quota = new Quota(sql, 'public', 'sheets', 'aborted', { readsPerMinute: 1, writesPerMinute: 1 })
    await quota.admit('write', never)
    const started = performance.now()
    await expect(quota.admit('write', AbortSignal.timeout(50))).rejects.toThrow()
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

describe('a refusal for quota', () => {
  it('is waited out: the records are written, no attempt and no circuit is touched', async () => {
    const stage = await setStage()
    try {
      stage.records.put(stage.target, 'a', { name: 'x', seats: 1 })
      stage.emulator.control.faults.add({ kind: 'status', status: 429, match: { calls: 'write' } })
      const started = performance.now()
      expect((await stage.write(['a'])).get('a')).toEqual({ status: 'done', change: 'written' })
      expect(performance.now() - started).toBeGreaterThan(3_000)
      const [lane] = await stage.sql.query<{ circuit: string }>('select circuit from sync_lane')
      expect(lane?.circuit).toBe('closed')
    } finally {
      await stage.close()
    }
  })
})
