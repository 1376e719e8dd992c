import type { Schemas } from '../config/schemas.ts'
import { quoteIdentifier, quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'

/** pg-boss's foreign keys of a job table: from the job's queue, and from its dead letter queue, to `queue`. */
const REFERENCES = ['q_fkey', 'dlq_fkey'] as const

/**
 * The table in which pg-boss keeps a queue's jobs: one of its own for a queue with `partition`, else the table of
 * all others.
 *
 * @returns its name without the schema; null when there is no such queue
 */
export async function jobTableOf(sql: Sql, schemas: Schemas, queue: string): Promise<string | null> {
  const [row] = await sql.query<{ name: string }>(
    `select table_name as name from ${quoteIdentifier(schemas.queue)}.queue where name = $1`,
    [queue],
  )
  return row?.name ?? null
}

/**
 * Takes the foreign keys to `queue` off the table of a queue that has one of its own. With them every job locks the
 * same two rows of `queue`, and writers that publish at the same time wait for each other there.
 *
 * What they guard is guarded without them: the table's check allows this queue's name only, pg-boss's `delete_queue`
 * drops the table before the queue, and a dead letter queue that a queue names cannot be deleted (`queue` refers to
 * itself). pg-boss compares no foreign keys of job tables (`detectSchemaDrift`) and no migration of its drops them.
 *
 * Safe to run again; it takes no lock when there is nothing to do.
 */
export async function dropQueueReferences(sql: Sql, schemas: Schemas, queue: string): Promise<void> {
  const table = await jobTableOf(sql, schemas, queue)
  if (table === null) return
  const present = await sql.query<{ name: string }>(
    `select c.conname::text as name
     from pg_catalog.pg_constraint c
     join pg_catalog.pg_class t on t.oid = c.conrelid
     join pg_catalog.pg_namespace n on n.oid = t.relnamespace
     where n.nspname = $1 and t.relname = $2 and c.contype = 'f' and c.conname = any ($3)`,
    [schemas.queue, table, [...REFERENCES]],
  )
  if (present.length === 0) return
  const drops = present.map(({ name }) => `drop constraint if exists ${quoteIdentifier(name)}`)
  await sql.query(`alter table ${quoteTable(schemas.queue, table)} ${drops.join(', ')}`)
}
