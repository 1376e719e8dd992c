import type { Sql } from '../../database/sql.ts'
import type { TrackedTable } from './tracked.ts'
import type { Unfollowed } from './unfollowed.ts'

/*
 * No key leads to some of what a write changes: a record that one relation creates while another one writes the
 * same foreign key. The rows themselves tell that this transaction wrote them, and to ask every row of a table is
 * quick where the table is not large.
 */

/** A table that is searched, as a whole, for rows that the transaction wrote. */
export interface Search {
  readonly table: TrackedTable
  /** The models whose records are found by it. */
  readonly models: readonly string[]
}

/** Searched in some hundredths of a second. Larger tables are not, in a transaction of the application's. */
const LARGEST_SEARCHED_BYTES = 32 * 1024 * 1024

/** The searches that are not made, because the table is too large. */
export async function tooLarge(sql: Sql, searches: readonly Search[]): Promise<readonly Search[]> {
  if (searches.length === 0) return []
  // Of a partitioned table the rows are in its partitions.
  const rows = await sql.query<{ large: boolean }>(
    `select greatest(pg_relation_size(t.name::regclass),
         (select sum(pg_relation_size(relid)) from pg_partition_tree(t.name::regclass))) > $2::bigint as large
     from unnest($1::text[]) with ordinality as t (name, position) order by t.position`,
    [searches.map(({ table }) => table.sql), LARGEST_SEARCHED_BYTES],
  )
  return searches.filter((_, at) => rows[at]?.large)
}

/** What is not followed without these searches. */
export function unfollowedWithout(searches: readonly Search[]): Unfollowed[] {
  return searches.flatMap(({ table, models }) => {
    const because = `nested writes that no foreign key leads to, in the table ${table.sql}, which is too large to be searched for them`
    return models.map((model) => ({ model, because }))
  })
}
