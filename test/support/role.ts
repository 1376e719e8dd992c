import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** A login role without special rights, that may read and write the tables of one database. */
export interface TestRole {
  readonly name: string
  /** The database's url, for this role. */
  readonly url: string
  drop(): Promise<void>
}

/** Makes a role for a database as an application's: no superuser, no owner of its tables. */
export async function createTestRole(databaseUrl: string): Promise<TestRole> {
  const name = `writeback_role_${randomBytes(6).toString('hex')}`
  const run = async (...statements: string[]) => {
    const client = new pg.Client(databaseUrl)
    await client.connect()
    try {
      for (const statement of statements) await client.query(statement)
    } finally {
      await client.end()
    }
  }
  await run(
    `create role ${name} login password 'secret'`,
    ...['public', 'pgboss'].flatMap((schema) => [
      `grant usage, create on schema ${schema} to ${name}`,
      `grant all on all tables in schema ${schema} to ${name}`,
      `grant all on all sequences in schema ${schema} to ${name}`,
      // What the release step makes later.
      `alter default privileges in schema ${schema} grant all on tables to ${name}`,
    ]),
  )
  const url = new URL(databaseUrl)
  url.username = name
  url.password = 'secret'
  return { name, url: url.href, drop: () => run(`drop owned by ${name}`, `drop role ${name}`) }
}
