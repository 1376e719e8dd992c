import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { type Logger, pino } from 'pino'
import { type Prisma, PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { writeback } from '../../src/capture/extension/extension.ts'
import type { Change } from '../../src/change/change.ts'
import type { ConfigOptions, WritebackConfig } from '../../src/config/define-config.ts'
import { installJobs } from '../../src/operations/install.ts'
import { forClient } from '../../src/targets/for-client.ts'
import { createTestDatabase } from '../support/postgres.ts'

export const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

/** One target for every kind of id: autoincrement, cuid, composite, bigint, uuid, natural text. */
export const everyModel = [
  sheetTarget({ name: 'airports', spreadsheetId: 's1', tab: 'a', model: 'Airport', columns: ['name'] }),
  sheetTarget({ name: 'items', spreadsheetId: 's1', tab: 'b', model: 'RequestItem', columns: ['title'] }),
  sheetTarget({ name: 'notes', spreadsheetId: 's1', tab: 'c', model: 'Note', columns: ['body'] }),
  sheetTarget({ name: 'operators', spreadsheetId: 's1', tab: 'd', model: 'Operator', columns: ['name'] }),
  sheetTarget({ name: 'requests', spreadsheetId: 's1', tab: 'e', model: 'Request', columns: ['reference'] }),
  sheetTarget({ name: 'revenues', spreadsheetId: 's1', tab: 'f', model: 'Revenue', columns: ['amount'] }),
]

/** What a log said, one object a line. */
export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly code?: string
  readonly models?: readonly string[]
  readonly write?: string
  readonly site?: string
}

const EMPTY_QUEUE = "delete from pgboss.job where name = 'sync.write-back'"

// Quicker than truncate for tables of a few rows.
const EMPTY = `
  delete from "Revenue"; delete from requests; delete from tags; delete from operators; delete from airports;
  delete from countries; ${EMPTY_QUEUE};
  alter sequence operators_operator_id_seq restart; alter sequence tags_id_seq restart;
  alter sequence "Revenue_id_seq" restart;`

/** A logger that keeps what it is told. */
export function memoryLog(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = []
  return { log: pino({ level: 'trace' }, { write: (line: string) => lines.push(JSON.parse(line)) }), lines }
}

/** A queued job, in short. */
export interface Job {
  /** The singleton key. */
  readonly key: string
  readonly operation: string
  readonly context: unknown
  readonly priority: number
}

/** A database with queues, a plain client and an extended one. */
export interface World {
  readonly url: string
  readonly config: WritebackConfig
  readonly base: PrismaClient
  /** Extended; typed as the plain client, which is what the extension promises. */
  readonly prisma: PrismaClient
  readonly lines: LogLine[]
  /** A connection beside those of the clients. */
  readonly sql: pg.Client
  /** Every job that is queued, by key. */
  jobs(): Promise<Job[]>
  /** The keys of the queued jobs, sorted, one entry for every job. */
  keys(): Promise<string[]>
  /** Takes the jobs out of the queue and gives their keys. */
  takeKeys(): Promise<string[]>
  /** Empties every table and the queue, and starts sequences again. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** What a world may have of its own. */
export interface WorldOptions {
  readonly targets?: ConfigOptions<PrismaClient>['targets']
  readonly capture?: ConfigOptions<PrismaClient>['capture']
  readonly omit?: Prisma.PrismaClientOptions['omit']
  /** Connections of each client's pool. */
  readonly connections?: number
  /** Events that the extended client has. */
  readonly log?: readonly 'query'[]
  /** Extends the plain client before the library does. */
  readonly before?: (client: PrismaClient) => PrismaClient
  /** Extends the client after the library did. */
  readonly after?: (client: PrismaClient) => PrismaClient
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const database = await createTestDatabase()
  const config = defineConfig({
    targets: options.targets ?? everyModel,
    capture: options.capture ?? { mode: 'extension' },
  })
  await installJobs(database.url, config)
  const clientOf = () =>
    new PrismaClient({
      adapter: new PrismaPg({ connectionString: database.url, max: options.connections ?? 5 }),
      ...(options.omit && { omit: options.omit }),
      ...(options.log && { log: options.log.map((level) => ({ emit: 'event' as const, level })) }),
    })
  const base = clientOf()
  const own = clientOf()
  const { log, lines } = memoryLog()
  const before = options.before ?? ((client) => client)
  const after = options.after ?? ((client) => client)
  const prisma = after(before(own).$extends(writeback(config, { log })) as unknown as PrismaClient)

  const sql = new pg.Client(database.url)
  await sql.connect()

  const jobs = async () => {
    const { rows } = await sql.query<{ singleton_key: string; data: Change; priority: number }>(
      `select singleton_key, data, priority from pgboss.job
       where name = 'sync.write-back' and state = 'created' order by singleton_key collate "C", id`,
    )
    return rows.map((row) => ({
      key: row.singleton_key,
      operation: row.data.operation,
      context: row.data.context,
      priority: row.priority,
    }))
  }
  const keys = async () => (await jobs()).map((job) => job.key)
  return {
    url: database.url,
    config,
    base,
    prisma,
    lines,
    sql,
    jobs,
    keys,
    takeKeys: async () => {
      const taken = await keys()
      await sql.query(EMPTY_QUEUE)
      return taken
    },
    clear: async () => {
      await sql.query(EMPTY)
      lines.length = 0
    },
    close: async () => {
      await Promise.all([base.$disconnect(), own.$disconnect(), sql.end()])
      await database.drop()
    },
  }
}
