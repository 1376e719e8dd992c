import type { Sql } from '../../../database/sql.ts'

/** Prisma Client, as far as it is needed to ask for the snapshot. */
export interface RawQueries {
  $queryRawUnsafe(query: string, ...values: unknown[]): PromiseLike<unknown>
}

/** What the database has seen at a moment. */
export interface Snapshot {
  readonly xmin: bigint
  readonly xmax: bigint
  /** On a replica; it may lag behind. */
  readonly isReplica: boolean
}

const SNAPSHOT = `select pg_snapshot_xmin(s)::text as xmin, pg_snapshot_xmax(s)::text as xmax,
  pg_is_in_recovery() as "isReplica" from pg_current_snapshot() s`

/** Asks for the snapshot of this moment. */
export async function snapshotOf(database: Sql | RawQueries): Promise<Snapshot> {
  const rows = await (isPrisma(database) ? database.$queryRawUnsafe(SNAPSHOT) : database.query(SNAPSHOT))
  const [row] = rows as { xmin: string; xmax: string; isReplica: boolean }[]
  if (row === undefined) throw new TypeError('expected one row of pg_current_snapshot(), got none')
  return { xmin: BigInt(row.xmin), xmax: BigInt(row.xmax), isReplica: row.isReplica }
}

/** A model may be called Query, so the client is asked for what no model is called. */
function isPrisma(database: Sql | RawQueries): database is RawQueries {
  return typeof (database as Partial<RawQueries>).$queryRawUnsafe === 'function'
}
