import { error, type Finding, ok, warning } from '../../targets/finding.ts'
import type { OperationsContext } from '../context.ts'

/** The oldest Postgres that pg-boss 12 runs on. */
const LEAST_VERSION = 130_000

/** Clocks further apart than this make times in logs and lists hard to read, in milliseconds. */
const SKEW_WARNING_MS = 5_000
/** Google refuses tokens of a clock that is further off than this, in milliseconds. */
const SKEW_ERROR_MS = 5 * 60_000

const TABLES = [
  ...['sync_target', 'sync_lane', 'sync_record', 'sync_conflict'],
  ...['sync_progress', 'sync_quota', 'sync_audit', 'sync_nonce'],
]

/** Version, connections, clock and the library's tables. */
export async function checkDatabase(context: OperationsContext): Promise<Finding[]> {
  return [...(await checkServer(context)), await checkClock(context), await checkTables(context)]
}

async function checkServer({ sql }: OperationsContext): Promise<Finding[]> {
  const [row] = await sql.query<{
    number: number
    version: string
    used: number
    most: number
    tls: boolean
  }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
       (select count(*)::int from pg_catalog.pg_stat_activity where backend_type = 'client backend') as used,
       current_setting('max_connections')::int as most,
       coalesce((select ssl from pg_catalog.pg_stat_ssl where pid = pg_backend_pid()), false) as tls`,
  )
  if (row === undefined) return []
  const { number, version, used, most, tls } = row
  const name = `PostgreSQL ${version.split(' ')[0]}, ${tls ? 'with' : 'without'} TLS`
  return [
    number < LEAST_VERSION
      ? error('database', `${name} is too old`, 'Upgrade to PostgreSQL 13 or newer')
      : ok('database', name),
    used > most * 0.9
      ? warning(
          'connections',
          `${used} of ${most} are used`,
          'A worker takes up to 5; run fewer, or raise the limit',
        )
      : ok('connections', `${used} of ${most} are used`),
  ]
}

async function checkClock({ sql }: OperationsContext): Promise<Finding> {
  const before = Date.now()
  const [row] = await sql.query<{ now: number }>(
    'select extract(epoch from clock_timestamp())::float8 * 1000 as now',
  )
  const after = Date.now()
  const skew = Math.round((row?.now ?? after) - (before + after) / 2)
  // The answer took a while, too: less than that cannot be told apart.
  const sure = Math.max(0, Math.abs(skew) - (after - before) / 2)
  const message = `this machine and the database differ by ${Math.abs(skew)} ms`
  const remedy = 'Set the clocks by NTP'
  if (sure > SKEW_ERROR_MS) return error('clock', `${message}: Google refuses tokens of such a clock`, remedy)
  return sure > SKEW_WARNING_MS ? warning('clock', message, remedy) : ok('clock', message)
}

async function checkTables({ sql, config }: OperationsContext): Promise<Finding> {
  const rows = await sql.query<{ name: string }>(
    'select tablename as name from pg_catalog.pg_tables where schemaname = $1 and tablename = any ($2)',
    [config.schemas.library, TABLES],
  )
  const missing = TABLES.filter((table) => !rows.some((row) => row.name === table))
  if (missing.length === 0)
    return ok('tables', `the library's tables are in schema ${config.schemas.library}`)
  return error(
    'tables',
    `schema ${config.schemas.library} lacks ${missing.join(', ')}`,
    'Add writeback.prisma to your schema (writeback init), make a migration and run writeback migrate',
  )
}
