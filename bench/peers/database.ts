import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import type { CommentPlugin } from '../../src/index.ts'
import type { QueueSize, Tenths } from './peer.ts'

/** Connections of an application. */
const APP_CONNECTIONS = 8

/** The Prisma client of an application (or, with fewer connections, of a worker). */
export function openClient(
  databaseUrl: string,
  max: number = APP_CONNECTIONS,
  comments: CommentPlugin[] = [],
): PrismaClient {
  // A connection that Postgres ends while it is idle is an error event, which is not what is measured.
  const adapter = new PrismaPg({ connectionString: databaseUrl, max }, { onPoolError: () => {} })
  return new PrismaClient({ adapter, comments })
}

/** A pool of connections, for statements that are no application's. */
export function openPool(connectionString: string, options: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({ connectionString, ...options })
  // The server may go before the pool has closed its last connection.
  pool.on('error', () => {})
  return pool
}

/** Runs one statement on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(
  databaseUrl: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    return (await client.query<Row>(text, [...values])).rows
  } finally {
    await client.end()
  }
}

/** Bytes of the tables of a schema, or of one table of it, with what is stored out of line, and of their indexes. */
export async function sizeOf(databaseUrl: string, schema: string, table = '%'): Promise<QueueSize> {
  const [row] = await query<{ tables: string; indexes: string }>(
    databaseUrl,
    `select coalesce(sum(pg_table_size(c.oid)), 0) as tables, coalesce(sum(pg_indexes_size(c.oid)), 0) as indexes
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname like $2 and c.relkind = 'r'`,
    [schema, table],
  )
  return { table: Number(row?.tables ?? 0), index: Number(row?.indexes ?? 0) }
}

/** The tenths of the completed jobs of a pg-boss queue. */
export async function pgBossTenths(databaseUrl: string, queue: string): Promise<Tenths> {
  const [row] = await query<{ started: Date; tenths: Date[] }>(
    databaseUrl,
    `select min(started_on) as started,
            percentile_disc(array[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
              within group (order by completed_on) as tenths
     from pgboss.job where name = $1 and state = 'completed'`,
    [queue],
  )
  return row ? [row.started, ...row.tenths].map((date) => date.getTime()) : []
}

/** Records that jobs of a pg-boss queue are about that are not settled. @param field name of the id in the job's data */
export async function pgBossPending(
  databaseUrl: string,
  queue: string,
  field: string,
): Promise<ReadonlySet<string>> {
  const rows = await query<{ id: string }>(
    databaseUrl,
    `select distinct data->>$2 as id from pgboss.job
     where name = $1 and state in ('created', 'retry', 'active')`,
    [queue, field],
  )
  return new Set(rows.map((row) => row.id))
}

/** Number of jobs of a pg-boss queue that are not settled. */
export async function pgBossUnsettled(databaseUrl: string, queue: string): Promise<number> {
  const [row] = await query<{ count: string }>(
    databaseUrl,
    `select count(*) from pgboss.job where name = $1 and state in ('created', 'retry', 'active')`,
    [queue],
  )
  return Number(row?.count)
}

/** Thrown to roll a transaction back. */
export class Abandoned extends Error {}

/** Awaits a transaction that ends by throwing {@link Abandoned}. */
export async function abandoned(transaction: Promise<unknown>): Promise<void> {
  try {
    await transaction
  } catch (error) {
    if (!(error instanceof Abandoned)) throw error
  }
}

/** The items in pieces of at most `size`. */
export function* chunks<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}
