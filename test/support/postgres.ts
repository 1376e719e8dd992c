import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { inject } from 'vitest'

/** Any number, as long as every test process uses the same. */
const COPY_LOCK = 7_291_301

/** A database for one test file or test. */
export interface TestDatabase {
  /** Its url; the tables of the reference schema, of the library and of pg-boss (schema pgboss) are there, empty. */
  readonly url: string
  readonly name: string
  /** Removes it, connections to it included. */
  drop(): Promise<void>
}

/**
 * Makes a database as a copy of the template: migrated, and with pg-boss's schema. Takes a few hundredths of a second.
 *
 * @example
 * const database = await createTestDatabase()
 * afterAll(() => database.drop())
 *
 * @param template another database to copy, which nobody is connected to
 */
export async function createTestDatabase(template = inject('templateDatabase')): Promise<TestDatabase> {
  const name = `writeback_test_${randomBytes(6).toString('hex')}`
  await withAdmin(async (client) => {
    // Postgres refuses to copy a database that another session is copying at that moment.
    await client.query('select pg_advisory_lock($1)', [COPY_LOCK])
    try {
      await client.query(`create database "${name}" template "${template}"${await copyingFiles(client)}`)
    } finally {
      await client.query('select pg_advisory_unlock($1)', [COPY_LOCK])
    }
  })
  return { url: urlOf(name), name, drop: () => dropDatabase(name) }
}

/** Makes an empty database: no tables, no migrations. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const name = `writeback_empty_${randomBytes(6).toString('hex')}`
  await withAdmin(async (client) =>
    client.query(`create database "${name}" template template0${await copyingFiles(client)}`),
  )
  return { url: urlOf(name), name, drop: () => dropDatabase(name) }
}

/** Copying files takes a fifth of the work of Postgres's own choice, which writes each page to its log. */
async function copyingFiles(client: pg.ClientBase): Promise<string> {
  // Before Postgres 15 there was no other way, and no word for it.
  const { rows } = await client.query("select current_setting('server_version_num')::int >= 150000 as has")
  return rows[0].has ? ' strategy file_copy' : ''
}

function urlOf(name: string): string {
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${name}`
  return url.href
}

/** How long connections that are being closed may take, in milliseconds. */
const LEAVE_WITHIN_MS = 5_000

async function dropDatabase(name: string): Promise<void> {
  await withAdmin(async (client) => {
    // A client that is cut off while it closes throws where no test can catch it, so the last ones may leave first.
    const deadline = Date.now() + LEAVE_WITHIN_MS
    const inUse = async () =>
      ((await client.query('select from pg_stat_activity where datname = $1', [name])).rowCount ?? 0) > 0
    while ((await inUse()) && Date.now() < deadline) await sleep(10)
    await client.query(`drop database if exists "${name}" with (force)`)
  })
}

/**
 * Connections that make and remove databases stay open for all tests of a process: connecting costs Postgres as much as the
 * copy. They do not keep the process alive.
 */
let administrators: pg.Pool | undefined

async function withAdmin(action: (client: pg.ClientBase) => Promise<unknown>): Promise<void> {
  if (administrators === undefined) {
    const pool = { connectionString: inject('postgresUrl'), idleTimeoutMillis: 0, allowExitOnIdle: true }
    administrators = new pg.Pool(pool)
    administrators.on('error', () => {})
  }
  const client = await administrators.connect()
  try {
    await action(client)
  } finally {
    client.release()
  }
}
