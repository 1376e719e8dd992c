import pg from 'pg'
import type { Sql } from './sql.ts'

/** Runs statements on a connection of their own, and closes it. */
export async function withConnection<Result>(
  databaseUrl: string,
  applicationName: string,
  work: (sql: Sql) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: applicationName })
  // Without a listener an error event would end the process; the statements reject by themselves.
  client.on('error', () => {})
  await client.connect()
  try {
    return await work({
      async query<Row>(text: string, values?: readonly unknown[]) {
        return (await client.query(text, values && [...values])).rows as Row[]
      },
    })
  } finally {
    await client.end()
  }
}
