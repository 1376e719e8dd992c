import pg from 'pg'

/**
 * A new database while `work` runs.
 *
 * @param url of any database of the server
 * @param source a database that nobody is connected to: the new one is a copy of it
 */
export async function withDatabase<T>(
  url: string,
  name: string,
  work: (url: string) => Promise<T>,
  source?: string,
): Promise<T> {
  const admin = new pg.Client({ connectionString: databaseUrl(url, 'postgres') })
  await admin.connect()
  const quoted = admin.escapeIdentifier(name)
  try {
    const template = source === undefined ? '' : ` template ${admin.escapeIdentifier(source)}`
    await admin.query(`create database ${quoted}${template}`)
    return await work(databaseUrl(url, name))
  } finally {
    await admin.query(`drop database if exists ${quoted} with (force)`).catch(() => {})
    await admin.end()
  }
}

function databaseUrl(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${encodeURIComponent(name)}`
  return other.href
}
