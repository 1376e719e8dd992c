import type { Sql } from '../../database/sql.ts'

/** A function as its text and the tables that fire it. */
interface FiredFunction {
  readonly name: string
  readonly body: string
  readonly triggers: readonly { readonly schema: string; readonly table: string }[]
}

/**
 * Columns that functions name and the database does not have, as `schema.table.column`, by the function's name: a
 * write that fires such a function fails.
 */
export async function goneColumns(
  sql: Sql,
  functions: readonly FiredFunction[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const mentioned = new Map(functions.map((one) => [one.name, mentionedBy(one)]))
  const tables = new Map(
    [...mentioned.values()].flat().map((one) => [JSON.stringify([one.schema, one.table]), one]),
  )
  if (tables.size === 0) return new Map()
  const rows = await sql.query<MentionedColumn>(
    `select n.nspname::text as schema, c.relname::text as "table", a.attname::text as "column"
     from unnest($1::text[], $2::text[]) as wanted (schema, name)
     join pg_catalog.pg_namespace n on n.nspname = wanted.schema
     join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
     join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`,
    [[...tables.values()].map((one) => one.schema), [...tables.values()].map((one) => one.table)],
  )
  const present = new Set(rows.map(keyOf))
  return new Map(
    [...mentioned].map(([name, columns]) => [
      name,
      columns
        .filter((one) => !present.has(keyOf(one)))
        .map(({ schema, table, column }) => `${schema}.${table}.${column}`)
        .sort(),
    ]),
  )
}

function keyOf({ schema, table, column }: MentionedColumn): string {
  return JSON.stringify([schema, table, column])
}

function mentionedBy({ body, triggers }: FiredFunction): readonly MentionedColumn[] {
  const tables = new Map(triggers.map((one) => [JSON.stringify([one.schema, one.table]), one]))
  const columns = [...tables.values()].flatMap((table) => mentionedColumns(body, table))
  return [...new Map(columns.map((one) => [keyOf(one), one])).values()]
}

/** A column that a function's text names. */
export interface MentionedColumn {
  readonly schema: string
  readonly table: string
  readonly column: string
}

/**
 * The columns of the host's tables that a trigger function of ours names, from its text: what was installed may be of
 * another version, and it is that text which fails when a column is gone. Rows of the statement are called `n` and `o`,
 * joined tables `r0`, `r1`, ... and `j0`, ..., each within its own query.
 *
 * @param table the table that fires the function
 */
function mentionedColumns(
  body: string,
  table: { readonly schema: string; readonly table: string },
): readonly MentionedColumn[] {
  const found = new Map<string, MentionedColumn>()
  for (const query of body.split('select distinct ')) {
    const aliases = new Map([
      ['n', table],
      ['o', table],
    ])
    for (const [, schema = '', name = '', alias = ''] of query.matchAll(JOIN)) {
      aliases.set(alias, { schema: unquoted(schema), table: unquoted(name) })
    }
    for (const [, alias = '', name = ''] of query.matchAll(COLUMN)) {
      const of = aliases.get(alias)
      if (of === undefined) continue
      const one = { schema: of.schema, table: of.table, column: unquoted(name) }
      found.set(keyOf(one), one)
    }
  }
  return [...found.values()]
}

const QUOTED = '"((?:[^"]|"")+)"'
const JOIN = new RegExp(`\\bjoin ${QUOTED}\\.${QUOTED} ([rj]\\d+) on `, 'g')
const COLUMN = new RegExp(`\\b([no]|[rj]\\d+)\\.${QUOTED}`, 'g')

function unquoted(name: string): string {
  return name.replaceAll('""', '"')
}
