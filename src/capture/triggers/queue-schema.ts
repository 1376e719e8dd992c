import type { Schemas } from '../../config/schemas.ts'
import { quoteIdentifier } from '../../database/quote.ts'
import type { Sql } from '../../database/sql.ts'
import { PUBLISH_ALL_FUNCTION } from '../../queue/publish-all-function.ts'
import { PUBLISH_FUNCTION } from '../../queue/publish-function.ts'
import { publishingSql } from '../../queue/publishing-sql.ts'
import { RELATED_FUNCTION } from '../../queue/related-function.ts'

/** The functions that publish. */
const PUBLISHING: readonly string[] = [PUBLISH_FUNCTION, PUBLISH_ALL_FUNCTION, RELATED_FUNCTION]

/** What publishing uses of pg-boss's tables. */
const USED_COLUMNS = {
  job: [
    'id',
    'name',
    'data',
    'state',
    'priority',
    'start_after',
    'created_on',
    'singleton_key',
    'group_id',
    'group_tier',
    'expire_seconds',
    'deletion_seconds',
    'keep_until',
    'retry_limit',
    'retry_delay',
    'retry_backoff',
    'retry_delay_max',
    'policy',
    'dead_letter',
    'heartbeat_seconds',
  ],
  queue: [
    'name',
    'policy',
    'notify',
    'expire_seconds',
    'deletion_seconds',
    'retention_seconds',
    'retry_limit',
    'retry_delay',
    'retry_backoff',
    'retry_delay_max',
    'dead_letter',
    'heartbeat_seconds',
  ],
} as const

/** What publishing finds in the database. */
export interface QueueSchema {
  /** Version of pg-boss's schema; null when it is not installed. */
  readonly version: number | null
  /** Columns that publishing uses and the schema does not have: `job.group_tier`. */
  readonly missingColumns: readonly string[]
  /** Columns of `job` that publishing does not know and that must be given a value. */
  readonly unknownRequiredColumns: readonly string[]
  /** Whether pg-boss's clock function is there. */
  readonly clock: boolean
  /** `missing`, `outdated`: a publishing function of another version of this library. */
  readonly publishFunction: 'present' | 'missing' | 'outdated'
}

/** Looks at what publishing needs: pg-boss's schema and the publishing function. Changes nothing. */
export async function readQueueSchema(sql: Sql, schemas: Schemas): Promise<QueueSchema> {
  const columns = await sql.query<{ table: string; column: string; required: boolean }>(
    `select c.relname::text as "table", a.attname::text as "column",
       a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attgenerated = '' as required
     from pg_catalog.pg_attribute a
     join pg_catalog.pg_class c on c.oid = a.attrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname in ('job', 'queue', 'version') and a.attnum > 0 and not a.attisdropped`,
    [schemas.queue],
  )
  const functions = await sql.query<{ schema: string; name: string; body: string }>(
    `select n.nspname::text as schema, p.proname::text as name, p.prosrc as body
     from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
     where (n.nspname = $1 and p.proname = 'job_now') or (n.nspname = $2 and p.proname = any ($3))`,
    [schemas.queue, schemas.library, PUBLISHING],
  )
  const has = (table: string, column?: string) =>
    columns.some((one) => one.table === table && (column === undefined || one.column === column))
  const used: readonly string[] = USED_COLUMNS.job
  const wanted = publishingSql(schemas)
  const publish = functions.filter((one) => PUBLISHING.includes(one.name))
  return {
    version: has('version') ? await readVersion(sql, schemas) : null,
    missingColumns: Object.entries(USED_COLUMNS).flatMap(([table, names]) =>
      names.filter((column) => !has(table, column)).map((column) => `${table}.${column}`),
    ),
    unknownRequiredColumns: columns
      .filter((one) => one.table === 'job' && one.required && !used.includes(one.column))
      .map((one) => `job.${one.column}`),
    clock: functions.some((one) => one.name === 'job_now'),
    publishFunction:
      publish.length < PUBLISHING.length
        ? 'missing'
        : publish.every((one) => wanted.includes(one.body))
          ? 'present'
          : 'outdated',
  }
}

async function readVersion(sql: Sql, schemas: Schemas): Promise<number | null> {
  const [row] = await sql.query<{ version: number }>(
    `select version from ${quoteIdentifier(schemas.queue)}.version`,
  )
  return row?.version ?? null
}
