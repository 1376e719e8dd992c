import type { Schemas } from '../config/schemas.ts'
import { WritebackError } from '../errors.ts'
import type { Sql } from './sql.ts'

/**
 * Checks that the library's tables are where the configuration says. With `?schema=` in the database's address, Prisma
 * makes them in that schema, and the configuration has to name it.
 *
 * @throws WritebackError `TABLES_MISSING`, with the schema that has them where there is one
 */
export async function assertLibraryTables(sql: Sql, { library }: Schemas): Promise<void> {
  const rows = await sql.query<{ schema: string }>(
    `select n.nspname::text as schema from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relname = 'sync_target' and c.relkind in ('r', 'p') order by 1`,
  )
  const schemas = rows.map(({ schema }) => schema)
  if (schemas.includes(library)) return
  const [other] = schemas
  throw new WritebackError('TABLES_MISSING', {
    problem: `the library's tables are not in schema "${library}"`,
    expected: 'them where the configuration says',
    got:
      other === undefined ? 'none in any schema' : `them in ${schemas.map((name) => `"${name}"`).join(', ')}`,
    remedy:
      other === undefined
        ? 'Run "writeback migrate"; "writeback init" adds the migrations of the library\'s tables'
        : `Put schemas: { library: '${other}' } into defineConfig, and make every adapter with new PrismaPg(..., { schema: '${other}' }): pg does not read ?schema= of the address`,
  })
}
