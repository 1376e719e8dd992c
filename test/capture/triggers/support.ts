import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../prisma/generated/writeback/data-model.ts'
import { writebackContext } from '../../../src/capture/extension/context-comment.ts'
import { carryContext } from '../../../src/capture/extension/statement-context.ts'
import {
  readInstalled,
  renderTriggerMigration,
  type TriggerConfig,
} from '../../../src/capture/triggers/index.ts'
import { type Change, parseChange } from '../../../src/change/change.ts'
import type { ConfigOptions, WritebackConfig } from '../../../src/config/define-config.ts'
import type { Sql } from '../../../src/database/sql.ts'
import { installJobs } from '../../../src/operations/install.ts'
import { forClient } from '../../../src/targets/for-client.ts'
import { createTestDatabase } from '../../support/postgres.ts'

export const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

type Targets = ConfigOptions<PrismaClient>['targets']

/** One target for every kind of id, none of which shows anything of another model. */
export const plainTargets: Targets = [
  sheetTarget({ name: 'airports', spreadsheetId: 's1', tab: 'a', model: 'Airport', columns: ['name'] }),
  sheetTarget({ name: 'items', spreadsheetId: 's1', tab: 'b', model: 'RequestItem', columns: ['title'] }),
  sheetTarget({ name: 'notes', spreadsheetId: 's1', tab: 'c', model: 'Note', columns: ['body'] }),
  sheetTarget({ name: 'operators', spreadsheetId: 's2', tab: 'd', model: 'Operator', columns: ['name'] }),
  sheetTarget({ name: 'requests', spreadsheetId: 's2', tab: 'e', model: 'Request', columns: ['reference'] }),
  sheetTarget({ name: 'revenues', spreadsheetId: 's2', tab: 'f', model: 'Revenue', columns: ['amount'] }),
]

/** A queued job, in short. */
export interface QueuedJob {
  /** The singleton key. */
  readonly key: string
  readonly operation: string
  readonly context: Change['context']
}

/** A migrated database with queues and triggers, and ways to write to it. */
export interface TriggerWorld {
  readonly url: string
  readonly config: WritebackConfig
  /** A plain client: nothing but triggers captures. */
  readonly prisma: PrismaClient
  /** Connections that know nothing of Prisma. */
  readonly pool: pg.Pool
  readonly sql: Sql
  /** Takes the queued changes out of the queue; sorted by key. Fails for one that a worker could not read. */
  take(): Promise<QueuedJob[]>
  /** The same as `key operation` lines. */
  takeLines(): Promise<string[]>
  /** Targets that were asked to be compared, sorted; taken out of the queue. */
  takeReconciles(): Promise<string[]>
  close(): Promise<void>
}

/** @param install whether the triggers are installed at once */
export async function createTriggerWorld(targets: Targets, install = true): Promise<TriggerWorld> {
  const database = await createTestDatabase()
  const config = defineConfig({ targets })
  await installJobs(database.url, config)
  const pool = new pg.Pool({ connectionString: database.url, max: 8 })
  const sql = sqlOf(pool)
  // A new target is filled by a reconcile, of which nothing is tested here.
  await pool.query('delete from pgboss.job')
  if (install) await installTriggers(pool, config)
  // What the extension does for it; the extension itself would publish too.
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: database.url, max: 5 }),
    comments: [writebackContext()],
  })
  if (!carryContext(prisma)) throw new Error('this version of Prisma Client carries no context')
  const take = async () => {
    const { rows } = await pool.query<{ singleton_key: string; data: unknown; group_id: string }>(
      `delete from pgboss.job where name = 'sync.write-back' and state = 'created'
       returning singleton_key, data, group_id`,
    )
    return rows
      .map((row) => {
        const change = parseChange(row.data)
        return { key: row.singleton_key, operation: change.operation, context: change.context }
      })
      .sort((a, b) => (a.key < b.key ? -1 : 1))
  }
  return {
    url: database.url,
    config,
    prisma,
    pool,
    sql,
    take,
    takeLines: async () => (await take()).map((job) => `${job.key} ${job.operation}`),
    takeReconciles: async () => {
      const { rows } = await pool.query<{ data: { target: string } }>(
        `delete from pgboss.job where name = 'sync.reconcile' and state = 'created' returning data`,
      )
      return rows.map((row) => row.data.target).sort()
    },
    close: async () => {
      await prisma.$disconnect()
      await pool.end()
      await database.drop()
    },
  }
}

/** Writes the migration from what is installed to what the config wants, and runs it. */
export async function installTriggers(pool: pg.Pool, config: TriggerConfig): Promise<string | null> {
  const installed = await readInstalled(sqlOf(pool), config.schemas)
  const migration = renderTriggerMigration(config, installed, new Date())
  if (migration !== null) await pool.query(migration.sql)
  return migration?.sql ?? null
}

/** A pool as the library sees one. */
export function sqlOf(pool: Pick<pg.Pool, 'query'>): Sql {
  return {
    query: async <Row>(text: string, values?: readonly unknown[]) => {
      const { rows } = await pool.query(text, values as unknown[])
      return rows as Row[]
    },
  }
}
