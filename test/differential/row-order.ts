import { quoteIdentifier, quoteTable } from '../../src/database/quote.ts'
import type { AnyPrismaClient } from './application.ts'
import type { Operation } from './operations.ts'

/**
 * Puts the rows in the order of their key where an operation takes only some of them. A `limit` has no order: which rows
 * it takes depends on where they stand, and that on when Postgres tidied up. Done before, the operation takes the same
 * rows in a repetition of the run.
 *
 * @param client one without capture, or a transaction of it
 */
export async function orderRows(client: AnyPrismaClient, operations: readonly Operation[]): Promise<void> {
  for (const { limited } of operations) {
    if (limited === undefined) continue
    const table = quoteTable(limited.schema ?? 'public', limited.table)
    const [index] = await client.$queryRawUnsafe<{ name: string }[]>(KEY_INDEX, table)
    if (index) await client.$executeRawUnsafe(`cluster ${table} using ${quoteIdentifier(index.name)}`)
  }
}

/** A unique index over all rows, the primary key first. */
const KEY_INDEX = `select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
  where i.indrelid = $1::text::regclass and i.indisunique and i.indpred is null and i.indexprs is null
  order by i.indisprimary desc, c.relname limit 1`
