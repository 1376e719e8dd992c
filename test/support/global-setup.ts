import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import type { TestProject } from 'vitest/node'
import { installJobs } from '../../src/operations/install.ts'
import { startEmbeddedPostgres } from '../../tools/embedded-postgres.ts'
import { applyMigrations } from '../../tools/migrate.ts'
import config from '../../writeback.config.ts'
import { forgetPacked } from '../package/pack.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A Postgres for the tests of this run, as a user that may create databases. */
    postgresUrl: string
    /** The database that test databases are copies of. */
    templateDatabase: string
    /** The same with the queues of the reference configuration. */
    queueTemplate: string
  }
}

/**
 * Nothing is kept beyond the run, so that nothing has to be brought to the disk in time, and no table lives long enough to
 * need a vacuum that comes once a minute.
 */
const THROWN_AWAY = {
  synchronous_commit: 'off',
  max_wal_size: '4GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
  // Of a password that nobody shall guess they would be 4,096, for each of thousands of connections, on both sides.
  scram_iterations: 1,
}

/** Where Linux keeps files in memory. */
const MEMORY = '/dev/shm'
/** Several times what the databases of a run take at one time; a container's default of 64 MB is too little. */
const NEEDED_BYTES = 4 * 2 ** 30

/**
 * A folder for the cluster: in memory, where there is enough of it. A test database is a copy of 460 files, which is thrown
 * away a moment later: on a disk's file system that took a fifth of the processor time of the tests with databases.
 */
function clusterFolder(): string {
  const hasRoom = () => {
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize >= NEEDED_BYTES
  }
  return mkdtempSync(join(existsSync(MEMORY) && hasRoom() ? MEMORY : tmpdir(), 'writeback-postgres-'))
}

/**
 * Starts one Postgres for the whole run (or takes that of TEST_DATABASE_URL) and makes the template of the test
 * databases: migrated by Prisma, with pg-boss's schema.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Of another run in a process that had this number.
  await forgetPacked(process.pid)
  const given = process.env.TEST_DATABASE_URL
  // Without fsync: what a test run leaves behind is thrown away. Tests of crashes start a Postgres of their own.
  const own = given
    ? undefined
    : await startEmbeddedPostgres({
        dataDir: clusterFolder(),
        persistent: false,
        fsync: false,
        maxConnections: 300,
        settings: THROWN_AWAY,
      })
  const url = given ?? own?.url ?? ''
  const template = `writeback_template_${randomBytes(4).toString('hex')}`
  const queues = `${template}_queues`
  try {
    // The same password again, with as many iterations as the settings say.
    if (own) await runStatement(url, `alter role postgres password '${new URL(url).password}'`)
    await makeTemplate(url, template)
    await runStatement(url, `create database "${queues}" template "${template}"`)
    await installJobs(urlOf(url, queues), config)
  } catch (error) {
    await own?.stop()
    throw error
  }
  project.provide('postgresUrl', url)
  project.provide('templateDatabase', template)
  project.provide('queueTemplate', queues)

  return async () => {
    await forgetPacked(process.pid)
    if (own) await own.stop()
    else
      for (const name of [queues, template])
        await runStatement(url, `drop database if exists "${name}" with (force)`)
  }
}

function urlOf(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: `/${database}` }).href
}

async function makeTemplate(url: string, template: string): Promise<void> {
  const target = urlOf(url, template)
  await runStatement(url, `create database "${template}"`)
  await applyMigrations(target)

  const boss = new PgBoss({ connectionString: target, supervise: false, schedule: false })
  boss.on('error', () => {})
  await boss.start()
  await boss.stop({ graceful: false })
}

async function runStatement(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
