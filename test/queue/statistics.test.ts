import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqlOf } from '../../src/queue/boss.ts'
import { jobTableOf } from '../../src/queue/job-table.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { JobStatistics } from '../../src/queue/statistics.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { until } from '../support/wait.ts'

let queue: TestQueue
beforeEach(async () => {
  queue = await openTestQueue()
  // Postgres's own statistics would come in between.
  const { queue: schema } = queue.config.schemas
  await queue.boss
    .getDb()
    .executeSql(`alter table "${schema}"."${await table()}" set (autovacuum_enabled = false)`, [])
})
afterEach(() => queue.close())

const table = () => jobTableOf(sqlOf(queue.boss), queue.config.schemas, QUEUES.writeBack)

async function analyzed(): Promise<number> {
  const { rows } = await queue.boss
    .getDb()
    .executeSql(`select reltuples from pg_class where relname = $1`, [await table()])
  return Number(rows[0].reltuples)
}

/** Postgres reports what a transaction changed a moment after its end. */
async function changes(count: number): Promise<void> {
  await until('the changes are counted', async () => {
    const { rows } = await queue.boss
      .getDb()
      .executeSql(`select n_mod_since_analyze as count from pg_stat_user_tables where relname = $1`, [
        await table(),
      ])
    return Number(rows[0].count) >= count
  })
}

const ids = (count: number) => Array.from({ length: count }, (_, at) => `A${at}`)

describe('the statistics of the job table', () => {
  it('are made when a backlog has come, once a minute at most', async () => {
    await queue.publish(ids(2000))
    await changes(2000)
    const statistics = new JobStatistics(sqlOf(queue.boss), queue.config.schemas)
    const [first, second] = [statistics.refresh(), statistics.refresh()]
    expect(second).toBe(first)
    await first
    const rows = await analyzed()
    expect(rows).toBeGreaterThanOrEqual(2000)

    await queue.publish(ids(4000).slice(2000))
    await changes(2000)
    await statistics.refresh()
    expect(await analyzed()).toBe(rows)
    await new JobStatistics(sqlOf(queue.boss), queue.config.schemas).refresh()
    expect(await analyzed()).toBeGreaterThanOrEqual(4000)
  })

  it('are no reason to fail', async () => {
    const broken = { query: () => Promise.reject(new Error('no connection')) }
    await expect(new JobStatistics(broken, queue.config.schemas).refresh()).resolves.toBeUndefined()
  })

  it('are left alone while little has changed', async () => {
    await queue.publish(ids(100))
    await changes(100)
    const before = await analyzed()
    await new JobStatistics(sqlOf(queue.boss), queue.config.schemas).refresh()
    expect(await analyzed()).toBe(before)
  })
})
