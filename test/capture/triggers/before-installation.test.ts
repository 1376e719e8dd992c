import pg from 'pg'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { renderTriggerMigration } from '../../../src/capture/triggers/index.ts'
import { installJobs } from '../../../src/operations/install.ts'
import { type CliResult, prismaCli } from '../../../tools/migrate.ts'
import { copyOf, createProject, MIGRATIONS, type Project, query } from '../../database/fixtures.ts'
import { untilBlocked } from '../../operations/support.ts'
import { createEmptyDatabase, type TestDatabase } from '../../support/postgres.ts'
import { defineConfig, plainTargets, sqlOf } from './support.ts'

/*
 * Writes to captured tables where the release step has never run: migrations that insert, shadow databases, seeds,
 * `prisma db push`. They pass, and the first release step compares every tab with its whole table.
 */

const config = defineConfig({ targets: plainTargets })
const names = plainTargets.map(({ name }) => name).sort()
const insert = (iata: string) =>
  `insert into airports (iata_code, name, country, latitude, longitude) values ('${iata}', 'x', 'DE', 1, 1)`

/** The reference project with the triggers' migration and, after it, one that inserts into a mirrored table. */
function projectWithDataMigration(atEnd: (remove: () => void) => void): Project {
  const project = createProject(atEnd)
  project.copyMigrations(MIGRATIONS)
  const migration = renderTriggerMigration(config, [], new Date())
  project.addMigration('20270101000000_writeback_triggers', migration?.sql ?? '')
  project.addMigration('20270102000000_airports', `${insert('BER')};\nupdate airports set name = 'y';`)
  return project
}

async function ok(run: Promise<CliResult>): Promise<void> {
  const { status, output } = await run
  expect(status, output).toBe(0)
}

const jobs = async (url: string, queue: string) =>
  (await query(url, `select singleton_key as key from pgboss.job where name = '${queue}'`))
    .map(({ key }) => String(key))
    .sort()

let project: Project
/** What the project's migrations make of an empty database. */
let migrated: TestDatabase
beforeAll(async () => {
  const removals: (() => void)[] = []
  project = projectWithDataMigration((remove) => removals.push(remove))
  migrated = await createEmptyDatabase()
  await ok(project.prisma(['migrate', 'deploy'], migrated.url))
  return async () => {
    for (const remove of removals) remove()
    await migrated.drop()
  }
})

describe('a database in which the release step has never run', () => {
  let url: string
  beforeEach(async () => {
    ;({ url } = await copyOf(migrated))
  })

  test('takes a migration that writes to a mirrored table, and the first release step compares every tab', async () => {
    expect(await query(url, 'select iata_code, name from airports')).toEqual([
      { iata_code: 'BER', name: 'y' },
    ])
    const { newTargets, compared } = await installJobs(url, config)
    expect([...newTargets].sort()).toEqual(names)
    expect([...compared].sort()).toEqual(names)
    expect(await jobs(url, 'sync.reconcile')).toEqual(names)
    expect(await jobs(url, 'sync.write-back')).toEqual([])

    await query(url, insert('MUC'))
    expect(await jobs(url, 'sync.write-back')).toEqual(['airports:Airport:MUC'])
  })

  test('as a shadow database does', async () => {
    const diff = ['migrate', 'diff', '--from-migrations', project.migrations, '--to-schema', 'prisma/schema']
    await ok(prismaCli([...diff, '--exit-code'], { url }))
  })

  test('takes TRUNCATE and deletes, too', async () => {
    await query(url, 'delete from airports')
    await query(url, 'truncate requests cascade')
    await installJobs(url, config)
    expect(await jobs(url, 'sync.reconcile')).toEqual(names)
  })

  test('is as good as new after `prisma migrate reset`, which leaves the queue and drops its functions', async () => {
    await installJobs(url, config)
    await query(url, insert('MUC'))
    await query(url, 'drop schema public cascade; create schema public')
    await ok(project.prisma(['migrate', 'deploy'], url))
    // The seed.
    await query(url, insert('OSL'))
    const { newTargets } = await installJobs(url, config)
    expect([...newTargets].sort()).toEqual(names)
    expect(await jobs(url, 'sync.reconcile')).toEqual(names)
    await query(url, insert('CDG'))
    expect(await jobs(url, 'sync.write-back')).toEqual(['airports:Airport:CDG', 'airports:Airport:MUC'])
  })

  test('makes the release step wait for a write that passed, and the next write is published', async () => {
    const clients = await Promise.all([1, 2].map(() => connect(url)))
    const [passing, next] = clients as [pg.Client, pg.Client]
    await passing.query('begin')
    await passing.query(insert('OSL'))
    let isDone = false
    const installing = installJobs(url, config).finally(() => {
      isDone = true
    })
    const pool = new pg.Pool({ connectionString: url, max: 1 })
    onTestFinished(() => pool.end())
    await untilBlocked(sqlOf(pool), 'advisory')
    const later = next.query(insert('CDG'))
    await untilBlocked(sqlOf(pool), 'advisory', 2)
    expect(isDone).toBe(false)
    await passing.query('commit')
    await Promise.all([installing, later])
    expect(await jobs(url, 'sync.write-back')).toEqual(['airports:Airport:CDG'])
    expect(await jobs(url, 'sync.reconcile')).toEqual(names)
  })

  test('lets no write pass on an old snapshot once it is installed', async () => {
    const client = await connect(url)
    await client.query('begin isolation level repeatable read')
    await client.query('select 1 from airports')
    await installJobs(url, config)
    await expect(client.query(insert('OSL'))).rejects.toThrow(/prisma-writeback .*writeback migrate/)
    await client.query('rollback')
  })
})

describe('a database in which the release step has run', () => {
  let url: string
  beforeEach(async () => {
    ;({ url } = await copyOf(migrated))
    await installJobs(url, config)
    await query(url, "delete from pgboss.job where name = 'sync.reconcile'")
  })

  test.each([
    ['the publishing function', 'drop function sync_publish'],
    ['the function of the second look', 'drop function sync_related'],
    ["pg-boss's schema", 'drop schema pgboss cascade'],
    ['the queue', `select pgboss.delete_queue('sync.write-back')`],
  ])('refuses a write without its job when %s is gone, and says what to run', async (_what, sql) => {
    await query(url, sql)
    await expect(query(url, insert('MUC'))).rejects.toMatchObject({
      code: 'SY001',
      message: expect.stringMatching(/^prisma-writeback .*Run "writeback migrate"$/),
    })
    expect(await query(url, 'select iata_code from airports')).toEqual([{ iata_code: 'BER' }])
    await installJobs(url, config)
    await query(url, insert('MUC'))
    expect(await jobs(url, 'sync.write-back')).toEqual(['airports:Airport:MUC'])
  })

  test('compares every tab when the queue had to be made anew: what was queued is gone', async () => {
    await query(url, insert('MUC'))
    await query(url, 'drop schema pgboss cascade')
    const { newTargets, compared } = await installJobs(url, config)
    expect(newTargets).toEqual([])
    expect([...compared].sort()).toEqual(names)
    expect(await jobs(url, 'sync.reconcile')).toEqual(names)
  })
})

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, statement_timeout: 20_000 })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}
