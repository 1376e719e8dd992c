import { PrismaPg } from '@prisma/adapter-pg'
import type { JobResult, JobWithMetadata, PgBoss } from 'pg-boss'
import { handle, rulesOfTargets } from '../../jobs/inbound.ts'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import type { WritebackConfig } from '../../src/config/define-config.ts'
import type { Sql } from '../../src/database/sql.ts'
import { capturedClient } from '../../src/inbound/captured-client.ts'
import { type SeenEdit, seeEdits } from '../../src/inbound/edits-seen.ts'
import { installJobs } from '../../src/operations/install.ts'
import { sqlOf } from '../../src/queue/boss.ts'
import { sendInbound } from '../../src/queue/inbound.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { ScriptedWriter, testRuntime } from '../support/runtime.ts'
import { editableConfig, type StageOptions } from './editable-config.ts'

/** A database with the library's queues and edits as somebody finds them in a spreadsheet. */
export interface Stage {
  readonly sql: Sql
  readonly boss: PgBoss
  /** The application's client, without the extension: no jobs. */
  readonly app: PrismaClient
  readonly config: WritebackConfig
  readonly queue: TestQueue
  readonly url: string
  /** Sets what is in the targets. */
  use(options: StageOptions): void
  /** Writes down that a record stands in a target, with its base. */
  agree(target: string, id: string, base: object): Promise<void>
  /** Edits that are found, with their jobs. */
  see(target: string, ...edits: Partial<SeenEdit>[]): Promise<void>
  /** Fetches the jobs and handles them. @returns outputs */
  work(batch?: number): Promise<JobResult[]>
  base(target: string, id: string): Promise<Record<string, unknown>>
  edits(): Promise<Record<string, unknown>[]>
  /** Queued write-back jobs: target and record, with the context. */
  outbound(): Promise<{ target: string; id: string; context: Record<string, string> | null }[]>
  clear(): Promise<void>
  close(): Promise<void>
}

export async function openStage(): Promise<Stage> {
  const queue = await openTestQueue()
  const { url } = queue.database
  let config = editableConfig()
  await installJobs(url, config)
  const sql = sqlOf(queue.boss)
  const app = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 3 }) })
  const own = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 3 }) })
  return {
    ...{ sql, app, queue, url, boss: queue.boss },
    get config() {
      return config
    },
    use(options) {
      config = editableConfig(options)
    },
    async agree(target, id, base) {
      await sql.query(`insert into sync_record (target, record_key, base) values ($1, $2, $3)`, [
        target,
        id,
        JSON.stringify(base),
      ])
    },
    async see(target, ...edits) {
      const all = edits.map((edit) => ({
        ...{ id: '1', kind: 'change' as const, column: '', base: null, shown: null, zone: 'Etc/UTC' },
        ...edit,
      }))
      await sendInbound(sql, config.schemas, target, await seeEdits(sql, config.schemas, target, all))
    },
    async work(batch = 1000) {
      const runtime = {
        ...testRuntime(
          { ...queue, config },
          new ScriptedWriter(() => ({ status: 'done', change: 'written' })),
        ),
        client: own,
      }
      const jobs = await queue.boss.fetch(QUEUES.inbound, { batchSize: batch, includeMetadata: true })
      const context = { client: capturedClient(own, config, runtime.log), sql, config }
      const results = await handle(
        runtime,
        context,
        rulesOfTargets({ config }),
        jobs as JobWithMetadata<unknown>[],
      )
      for (const { id, status, output } of results) {
        if (status === 'completed') await queue.boss.complete(QUEUES.inbound, id, output as object)
        else await queue.boss.fail(QUEUES.inbound, id, output as object)
      }
      return results
    },
    async base(target, id) {
      const [row] = await sql.query<{ base: Record<string, unknown> }>(
        'select base from sync_record where target = $1 and record_key = $2',
        [target, id],
      )
      return row?.base ?? {}
    },
    edits: () =>
      sql.query(
        `select column_name as "column", kind::text, state::text, open, code, reason, before, after, shown
         from sync_edit order by id`,
      ),
    outbound: () =>
      sql.query(
        `select data->>'target' as target, data->>'id' as id, data->'context' as context from pgboss.job
         where name = $1 order by 1, 2`,
        [QUEUES.writeBack],
      ),
    async clear() {
      config = editableConfig()
      await sql.query(
        'truncate sync_edit, sync_record, sync_conflict, requests, request_items, operators, countries, tags restart identity cascade',
      )
      await sql.query('delete from pgboss.job')
    },
    async close() {
      await app.$disconnect()
      await own.$disconnect()
      await queue.close()
    },
  }
}
