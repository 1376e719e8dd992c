import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../tools/embedded-postgres.ts'

/** Few enough to be used up. */
const MAX_CONNECTIONS = 60

/** How long a statement of the harness may wait for a database that is away, in milliseconds. */
const AWAY_MS = 60_000

/** SQLSTATEs and errors of a connection that is gone, or of a server that takes none. */
const GONE = /^(08|57P|53300|ECONN|EPIPE)|Connection terminated|server closed|timeout exceeded/

/** A Postgres of the torture's own. */
export interface TortureDatabase {
  readonly postgres: EmbeddedPostgres
  /** The database as the application and its workers use it: a plain role that owns it. */
  readonly url: string
  /** The same as superuser, who finds a connection when no other is left. */
  readonly adminUrl: string
  /** A statement of the harness; it waits for a database that is away. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** A connection of the harness's own, as superuser. */
  connect(): Promise<pg.Client>
  /** A connection like those of the application. */
  connectAsApp(): Promise<pg.Client>
  stop(): Promise<void>
}

/** Where a database comes from. */
export interface DatabaseOptions {
  /** A cluster that stays, in this folder. */
  readonly dataDir?: string
  /** A cluster that stays as it is, and of which a copy is started. */
  readonly copyOf?: string
}

export async function startDatabase({ dataDir, copyOf }: DatabaseOptions = {}): Promise<TortureDatabase> {
  const folder = dataDir ?? (copyOf && copyFolder(copyOf))
  // What is committed must stay when Postgres crashes; that the machine does not is all that fsync=off relies on.
  const postgres = await startEmbeddedPostgres({
    fsync: false,
    maxConnections: MAX_CONNECTIONS,
    persistent: dataDir !== undefined,
    ...(folder && { dataDir: folder }),
  })
  const adminUrl = await postgres.createDatabase('torture')
  const admin = new pg.Pool({ connectionString: adminUrl, max: 2, application_name: 'torture harness' })
  admin.on('error', () => {})
  const query = async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) => {
    const deadline = Date.now() + AWAY_MS
    for (;;) {
      try {
        return (await admin.query<Row>(text, [...values])).rows
      } catch (error) {
        const { code = '', message } = error as { code?: string; message: string }
        if (!(GONE.test(code) || GONE.test(message)) || Date.now() > deadline) throw error
        await sleep(100)
      }
    }
  }
  if (copyOf === undefined) {
    await query(`create role app login password 'app'`)
    await query('alter database torture owner to app')
  }
  const url = new URL(adminUrl)
  url.username = 'app'
  url.password = 'app'
  return {
    postgres,
    url: url.href,
    adminUrl,
    query,
    connect: () => connect(adminUrl),
    connectAsApp: () => connect(url.href),
    async stop() {
      await admin.end()
      await postgres.stop()
    },
  }
}

/** With owners and rights: Postgres may run as another user. */
function copyFolder(from: string): string {
  const to = mkdtempSync(join(tmpdir(), 'writeback-postgres-'))
  execFileSync('cp', ['-a', `${from}/.`, to])
  return to
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'torture harness' })
  client.on('error', () => {})
  await client.connect()
  return client
}
