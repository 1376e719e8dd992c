import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from '../../src/database/sql.ts'
import { type Operations, openOperations } from '../../src/operations/operations.ts'
import { sqlOf } from '../../src/queue/boss.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'

/** Who acts in these tests. */
export const ACTOR = { actor: 'ada', reason: 'a test' }

/** A database with queues, the operations on it, and ways to get jobs into every state. */
export interface TestOperations {
  readonly queue: TestQueue
  readonly operations: Operations
  readonly sql: Sql
  /** Publishes jobs for these records and lets each become a dead letter. */
  die(records: readonly string[], code?: string, message?: string): Promise<void>
  /** Publishes jobs for these records and lets each fail once: they wait for another attempt. */
  fail(records: readonly string[], code?: string, message?: string): Promise<void>
  close(): Promise<void>
}

/** Opens a test database with the operations on it. */
export async function openTestOperations(): Promise<TestOperations> {
  const queue = await openTestQueue()
  const operations = await openOperations(queue.config, {
    databaseUrl: queue.database.url,
    variables: VARIABLES,
  })
  const sql = sqlOf(queue.boss)
  const fetchAll = async (records: readonly string[]) => {
    await queue.publish(records)
    const jobs = await queue.boss.fetch<{ id: string }>(QUEUES.writeBack, { batchSize: 1000 })
    if (jobs.length !== records.length) throw new Error(`fetched ${jobs.length} of ${records.length}`)
    return jobs.map((job) => job.id)
  }
  return {
    queue,
    operations,
    sql,
    async die(records, code = 'CELL_TOO_LONG', message = 'a cell is too long') {
      const ids = await fetchAll(records)
      // The last attempt is used up.
      await sql.query(`update pgboss.job set retry_count = retry_limit where id = any ($1::uuid[])`, [ids])
      await queue.boss.fail(QUEUES.writeBack, ids, { code, message })
    },
    async fail(records, code = 'COLUMN_FAILED', message = 'the function of column "Name" threw') {
      await queue.boss.fail(QUEUES.writeBack, await fetchAll(records), { code, message })
    },
    async close() {
      await operations.close()
      await queue.close()
    },
  }
}

const VARIABLES = { SHEETS_READS_PER_MINUTE: '60', SHEETS_WRITES_PER_MINUTE: '60' }

/**
 * Waits for other transactions to be blocked.
 * @param event kind of lock that they wait for: `advisory`
 */
export async function untilBlocked(sql: Sql, event?: string, least = 1): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const [row] = await sql.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
       where wait_event_type = 'Lock' and wait_event = coalesce($1, wait_event) and datname = current_database()`,
      [event],
    )
    if (row && row.count >= least) return
    await sleep(20)
  }
  throw new Error('nobody is blocked')
}
