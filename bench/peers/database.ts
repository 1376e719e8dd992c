import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import type { CommentPlugin } from '../../src/index.ts'
import type { QueueSize } from './peer.ts'

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
