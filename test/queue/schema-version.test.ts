import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { PgBoss as OldestPgBoss } from 'pg-boss-oldest'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { explain } from '../../cli/explain.ts'
import type { WritebackConfig } from '../../src/config/define-config.ts'
import { installJobs } from '../../src/operations/install.ts'
import { startBoss } from '../../src/queue/boss.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { installedPgBoss, QUEUE_SCHEMAS } from '../../src/queue/schema-version.ts'
import config from '../../writeback.config.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let client: pg.Client
beforeEach(async () => {
  database = await createTestDatabase()
  client = new pg.Client(database.url)
  await client.connect()
})
afterEach(async () => {
  await client.end()
  await database.drop()
})

const { version, schema } = installedPgBoss()

describe('the range of pg-boss', () => {
  const root = new URL('../../', import.meta.url)
  const manifest = (path: string) => JSON.parse(readFileSync(new URL(path, root), 'utf8'))

  it('is the one that is tested: from the oldest to the newest that may be installed', () => {
    const { dependencies, devDependencies } = manifest('package.json')
    const oldest = manifest('node_modules/pg-boss-oldest/package.json')
    const newest = manifest('node_modules/pg-boss/package.json')
    expect(devDependencies['pg-boss-oldest']).toBe(`npm:pg-boss@${oldest.version}`)
    const [major, minor] = newest.version.split('.').map(Number)
    expect(dependencies['pg-boss']).toBe(`>=${oldest.version} <${major}.${minor + 1}.0`)
    expect(QUEUE_SCHEMAS).toEqual({ oldest: oldest.pgboss.schema, newest: newest.pgboss.schema })
    // "npm run test:versions" says which of them runs.
    expect(version).toBe(process.env.TEST_PG_BOSS ?? newest.version)
  })

  it('is migrated from its oldest end by the release step, and changes are published on', async () => {
    await client.query('drop schema pgboss cascade')
    const boss = new OldestPgBoss({ connectionString: database.url, supervise: false, schedule: false })
    boss.on('error', () => {})
    await boss.start()
    await boss.createQueue(QUEUES.writeBackDead)
    await boss.createQueue(QUEUES.writeBack, { policy: 'short', partition: true, notify: true })
    await client.query(
      'create function sync_publish(text, text, text, text[], text[], jsonb, integer) returns integer return 0',
    )
    expect(await installJobs(database.url, config)).toMatchObject({
      queueSchemaBefore: QUEUE_SCHEMAS.oldest,
      queueSchemaVersion: schema,
    })
    const publish = async () =>
      (
        await client.query(
          `select sync_publish('a', 'Airport', 'l', array['1', '2'], array['update', 'update'])`,
        )
      ).rows[0].sync_publish
    expect([await publish(), await publish()]).toEqual([2, 0])

    // A worker of the release before works on.
    const jobs = await boss.fetch(QUEUES.writeBack, { batchSize: 10 })
    const settled = await boss.complete(
      QUEUES.writeBack,
      jobs.map(({ id }) => id),
    )
    await boss.supervise(QUEUES.writeBack)
    await boss.stop({ graceful: false })
    expect(settled).toMatchObject({ requested: 2, affected: 2 })
    expect(await publish()).toBe(2)
  })
})

/** An application's own pg-boss: its queue, and the version of its schema. */
async function application(schemaVersion: number): Promise<void> {
  await client.query(`select pgboss.create_queue('emails', '{"policy":"standard"}'::jsonb)`)
  await client.query('update pgboss.version set version = $1', [schemaVersion])
}
const state = async () => ({
  version: (await client.query('select version from pgboss.version')).rows[0].version,
  queues: (await client.query('select name from pgboss.queue')).rows.map((row) => row.name),
})
const start = (one: WritebackConfig, databaseUrl = database.url) =>
  startBoss({
    databaseUrl,
    schemas: one.schemas,
    log: pino({ level: 'silent' }),
    applicationName: 'test',
    works: false,
  })

describe("an application's own pg-boss in the same schema", () => {
  it.each([
    ['of version 11', 26],
    ['of a later version', schema + 1],
  ])('%s is left as it is by the release step, which names versions and option', async (_, theirs) => {
    await application(theirs)
    const refused = installJobs(database.url, config)
    await expect(refused).rejects.toMatchObject({
      code: 'QUEUE_VERSION',
      expected: `version ${schema}, of the installed pg-boss ${version}`,
      got: `version ${theirs}`,
      remedy: expect.stringContaining(`schemas: { queue: 'pgboss_writeback' }`),
    })
    expect(await state()).toEqual({ version: theirs, queues: ['emails'] })
    // Workers and commands say the same, and not "writeback migrate", which would refuse again.
    const failed = start(config)
    await expect(failed).rejects.toMatchObject({ code: 'QUEUE_VERSION', got: `version ${theirs}` })
    await expect(failed).rejects.toThrow(`schemas: { queue: 'pgboss_writeback' }`)
  })

  it('is left as it is beside a schema of its own for the library, which works', async () => {
    await application(26)
    const own = { ...config, schemas: { ...config.schemas, queue: 'pgboss_writeback' } }
    expect(await installJobs(database.url, own)).toMatchObject({
      queueSchemaVersion: schema,
      queueSchemaBefore: null,
    })
    const boss = await start(own)
    await boss.stop({ graceful: false, close: true })
    expect(await state()).toEqual({ version: 26, queues: ['emails'] })
  })

  it('of the same version is shared', async () => {
    await application(schema)
    expect(await installJobs(database.url, config)).toMatchObject({ queueSchemaBefore: schema })
    expect((await state()).queues).toContain('emails')
  })
})

describe('a queue of the library in another version', () => {
  it('that is newer is not used: its pg-boss is the one to install', async () => {
    await installJobs(database.url, config)
    await client.query('update pgboss.version set version = $1', [schema + 1])
    for (const attempt of [() => installJobs(database.url, config), () => start(config)]) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'QUEUE_VERSION',
        got: `version ${schema + 1}`,
        remedy: expect.stringContaining('npm ls pg-boss'),
      })
    }
  })

  it('that is older waits for the release step', async () => {
    await installJobs(database.url, config)
    await client.query('update pgboss.version set version = $1', [schema - 1])
    await expect(start(config)).rejects.toMatchObject({
      code: 'QUEUE_VERSION',
      expected: `version ${schema}, of pg-boss ${version}`,
      remedy: 'Run "writeback migrate" in the release step',
    })
  })

  it('that is not there at all is told apart', async () => {
    await client.query('drop schema pgboss cascade')
    await expect(start(config)).rejects.toMatchObject({ code: 'QUEUE_MISSING' })
  })
})

describe('a database that refuses connections', () => {
  let admin: pg.Client
  const role = `refused_${randomBytes(4).toString('hex')}`
  beforeEach(async () => {
    admin = new pg.Client(inject('postgresUrl'))
    await admin.connect()
    await admin.query(`create role ${role} login password 'secret'`)
  })
  afterEach(async () => {
    await admin.query(`alter database "${database.name}" allow_connections true`)
    await admin.query(`drop role ${role}`)
    await admin.end()
  })
  const asRole = (change: Partial<Pick<URL, 'username' | 'password' | 'port'>>) =>
    Object.assign(new URL(database.url), change).href

  it.each([
    ['allows none', () => `alter database "${database.name}" allow_connections false`, {}],
    [
      'has none left for this user',
      () => `alter role ${role} connection limit 0`,
      { username: role, password: 'secret' },
    ],
    [
      'grants none to this user',
      () => `revoke connect on database "${database.name}" from public`,
      { username: role, password: 'secret' },
    ],
    ['is not there', () => 'select', { port: '1' }],
  ])('because it %s is unavailable, and not without a queue', async (_, statement, change) => {
    await admin.query(statement())
    const url = asRole(change)
    const error = await start(config, url).catch((thrown) => thrown)
    expect(error).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      remedy: expect.stringContaining('DATABASE_URL'),
    })
    expect(error.got).not.toBe('AggregateError')
    expect(error.message).not.toContain('secret')
    await expect(installJobs(url, config).catch((thrown) => explain(thrown))).resolves.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    })
  })
})
