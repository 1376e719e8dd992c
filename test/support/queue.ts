import { PgBoss } from 'pg-boss'
import { inject } from 'vitest'
import type { WritebackConfig } from '../../src/config/define-config.ts'
import { publishStatement } from '../../src/queue/publish.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import config from '../../writeback.config.ts'
import { createTestDatabase, type TestDatabase } from './postgres.ts'

/** A database with the library's queues, and a pg-boss that neither supervises nor schedules. */
export interface TestQueue {
  readonly database: TestDatabase
  readonly boss: PgBoss
  readonly config: WritebackConfig
  /** Queues a job for each airport, as a write would. */
  publish(ids: readonly string[], priority?: number): Promise<void>
  /** The write-back jobs: state, attempts and id of the record. */
  jobs(): Promise<{ id: string; record: string; state: string; retry_count: number; started: boolean }[]>
  close(): Promise<void>
}

/** Opens a test database with the queues of the reference configuration. */
export async function openTestQueue(): Promise<TestQueue> {
  const database = await createTestDatabase(inject('queueTemplate'))
  const boss = new PgBoss({
    connectionString: database.url,
    supervise: false,
    schedule: false,
    migrate: false,
    createSchema: false,
    max: 4,
  })
  boss.on('error', () => {})
  await boss.start()
  // The comparisons that the release step asked for are as old as the template: they are asked for now.
  await boss.getDb().executeSql('update pgboss.job set created_on = now(), start_after = now()')
  const query = async (text: string, values?: unknown[]) => (await boss.getDb().executeSql(text, values)).rows
  return {
    database,
    boss,
    config,
    async publish(ids, priority) {
      const changes = ids.map((id) => ({ model: 'Airport', id, operation: 'update' as const }))
      const statement = publishStatement(config.schemas, config.targets, changes, undefined, priority)
      if (statement) await query(statement.text, [...statement.values])
    },
    jobs: () =>
      query(
        `select id, data->>'id' as record, state::text, retry_count, started_on is not null as started
         from pgboss.job where name = $1 order by singleton_key, created_on`,
        [QUEUES.writeBack],
      ),
    async close() {
      await boss.stop({ graceful: false })
      await database.drop()
    },
  }
}
