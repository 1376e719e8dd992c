import pg from 'pg'

/** SQLSTATEs of an extension that this Postgres does not have: `feature_not_supported`, before 15 `undefined_file`. */
const NO_EXTENSION: ReadonlySet<string> = new Set(['0A000', '58P01'])
/** SQLSTATE `undefined_object`: an operator class, an access method or a type that nobody made. */
const UNDEFINED = '42704'

type SqlError = Error & { readonly code?: string }

/**
 * Makes the tables of a schema in an empty database. Extensions that this Postgres does not have are left out, and so
 * are the indexes that need them; columns of their types are text. None of it changes what is captured.
 *
 * @param sql as `prisma migrate diff` writes it, a comment before each statement
 * @returns what was left out, for people
 */
export async function makeTables(url: string, sql: string): Promise<string[]> {
  const leftOut: string[] = []
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statementsOf(sql)) await run(client, statement, leftOut)
  } finally {
    await client.end()
  }
  return leftOut
}

async function run(client: pg.Client, statement: string, leftOut: string[]): Promise<void> {
  try {
    await client.query(statement)
  } catch (cause) {
    const error = cause as SqlError
    const what = missing(statement, error)
    if (what !== undefined) {
      leftOut.push(`${what}: ${error.message}`)
      return
    }
    const type =
      error.code === UNDEFINED ? /^type "(\w+)" does not exist$/.exec(error.message)?.[1] : undefined
    const asText = type && withText(statement, type)
    if (!asText || asText === statement) throw error
    leftOut.push(`type ${type}, its columns are text: ${error.message}`)
    await run(client, asText, leftOut)
  }
}

/** The statements of a migration; what stands after the last comment, as a whole. */
function statementsOf(sql: string): string[] {
  return sql
    .split(/^(?=-- [A-Z]\w+$)/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

/** What a statement makes that a schema does without; undefined for anything else. */
function missing(statement: string, { code = '' }: SqlError): string | undefined {
  const extension = /^CREATE EXTENSION IF NOT EXISTS "?([^"\s;]+)/m.exec(statement)?.[1]
  if (extension && NO_EXTENSION.has(code)) return `extension ${extension}`
  const index = /^CREATE INDEX ("(?:[^"]|"")+")/m.exec(statement)?.[1]
  return index && code === UNDEFINED ? `index ${index}` : undefined
}

/** A statement that makes a table, with text in place of a type: `"place" vector(3)` as `"place" text`. */
function withText(statement: string, type: string): string {
  const column = new RegExp(`^(\\s*"(?:[^"]|"")+" )"?${type}"?(?:\\([^)]*\\))?`, 'gim')
  return statement.replace(column, '$1text')
}
