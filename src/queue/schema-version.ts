import { createRequire } from 'node:module'
import type { Schemas } from '../config/schemas.ts'
import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { WritebackError } from '../errors.ts'
import { QUEUES } from './queue-names.ts'

/**
 * Versions of pg-boss's schema that this library is tested with: those of the oldest and the newest pg-boss that
 * package.json allows (12.35 to 12.38).
 */
export const QUEUE_SCHEMAS = { oldest: 43, newest: 46 } as const

/** Whether this library is tested with a version of pg-boss's schema. */
export function isKnownQueueSchema(version: number): boolean {
  return version >= QUEUE_SCHEMAS.oldest && version <= QUEUE_SCHEMAS.newest
}

/** The pg-boss that is installed beside this library. */
interface InstalledPgBoss {
  readonly version: string
  /** The version of the schema that it makes. */
  readonly schema: number
}

/** What is in a database under the name of pg-boss's schema. */
export interface FoundQueueSchema {
  /** Version of pg-boss's schema; null where it is not installed. */
  readonly version: number | null
  /** Whether it has queues of this library: the release step has run here. */
  readonly isOurs: boolean
  /** Whether it has queues of others. */
  readonly isShared: boolean
}

/** Reads what is there. */
export async function findQueueSchema(sql: Sql, schemas: Schemas): Promise<FoundQueueSchema> {
  const has = async (table: string) => {
    const [row] = await sql.query<{ name: string | null }>('select to_regclass($1)::text as name', [
      quoteTable(schemas.queue, table),
    ])
    return row?.name != null
  }
  if (!(await has('version'))) return { version: null, isOurs: false, isShared: false }
  const [row] = await sql.query<{ version: number }>(
    `select version from ${quoteTable(schemas.queue, 'version')}`,
  )
  // Before version 10 there was no such table: those are not ours.
  const queues = (await has('queue'))
    ? await sql.query<{ name: string }>(`select name from ${quoteTable(schemas.queue, 'queue')}`)
    : []
  const ours: readonly string[] = Object.values(QUEUES)
  return {
    version: row?.version ?? null,
    isOurs: queues.some(({ name }) => ours.includes(name)),
    isShared: queues.some(({ name }) => !ours.includes(name)),
  }
}

/** The pg-boss that this library runs. */
export function installedPgBoss(): InstalledPgBoss {
  const manifest = createRequire(import.meta.url)('pg-boss/package.json')
  return { version: manifest.version, schema: manifest.pgboss.schema }
}

/**
 * Why the release step must not touch a schema, or null where it may: a newer one would not become what this pg-boss
 * knows, and an older one that others have made is theirs to migrate, for their program may not run on it afterwards.
 */
export function installRefusal(found: FoundQueueSchema, schemas: Schemas): WritebackError | null {
  const { version, isOurs } = found
  const { schema } = installedPgBoss()
  if (version === null || version === schema) return null
  if (version > schema) return otherVersion(found, schemas)
  return isOurs || version >= QUEUE_SCHEMAS.oldest ? null : otherVersion(found, schemas)
}

/** Why workers and commands cannot use a schema, or null where its version is theirs. */
export function useRefusal(found: FoundQueueSchema, schemas: Schemas): WritebackError | null {
  const { version, isOurs } = found
  const installed = installedPgBoss()
  if (version === null || version === installed.schema) return null
  if (version > installed.schema || !isOurs) return otherVersion(found, schemas)
  return new WritebackError('QUEUE_VERSION', {
    problem: `pg-boss's schema "${schemas.queue}" is older than the installed pg-boss`,
    expected: `version ${installed.schema}, of pg-boss ${installed.version}`,
    got: `version ${version}`,
    remedy: 'Run "writeback migrate" in the release step',
  })
}

/** Two programs with different versions of pg-boss, and one schema. */
function otherVersion({ version, isOurs, isShared }: FoundQueueSchema, schemas: Schemas): WritebackError {
  const installed = installedPgBoss()
  const whose =
    isOurs && !isShared ? 'that another version of pg-boss has made' : "of the application's own pg-boss"
  return new WritebackError('QUEUE_VERSION', {
    problem: `schema "${schemas.queue}" is one ${whose}, in another version; nothing was changed`,
    expected: `version ${installed.schema}, of the installed pg-boss ${installed.version}`,
    got: `version ${version ?? 'unknown'}`,
    // Jobs that are queued would stay behind in the old one.
    remedy: isOurs
      ? 'Bring every program that uses it to this version of pg-boss ("npm ls pg-boss")'
      : `Give this library a schema of its own: schemas: { queue: '${schemas.queue}_writeback' } in defineConfig, then "writeback migrate". Or bring the application's pg-boss to this version`,
  })
}
