import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'

/** How long a nonce is remembered: twice as long as a signature is good. */
const KEPT = '10 minutes'

/**
 * Notes a nonce, for all processes on the database.
 * @param schema Postgres schema of the `sync_` tables
 * @returns false when it was noted before
 */
export async function takeNonce(sql: Sql, schema: string, nonce: string): Promise<boolean> {
  const table = quoteTable(schema, 'sync_nonce')
  const taken = await sql.query(
    `with old as (delete from ${table} where seen_at < now() - interval '${KEPT}' and nonce <> $1)
     insert into ${table} (nonce) values ($1) on conflict do nothing returning 1`,
    [nonce],
  )
  return taken.length > 0
}
