import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  checkTriggers,
  installedTargets,
  readInstalled,
  renderTriggerMigration,
} from '../../../src/capture/triggers/index.ts'
import { publishFunctionSql } from '../../../src/queue/publish-function.ts'
import { publishingSql } from '../../../src/queue/publishing-sql.ts'
import { QUEUE_SCHEMAS } from '../../../src/queue/schema-version.ts'
import { createEmptyDatabase, createTestDatabase } from '../../support/postgres.ts'
import {
  createTriggerWorld,
  defineConfig,
  installTriggers,
  plainTargets,
  sheetTarget,
  sqlOf,
  type TriggerWorld,
} from './support.ts'

const run = promisify(execFile)
const target = (name: string, model: 'Airport' | 'Request', include?: object) =>
  sheetTarget({
    ...{ name, spreadsheetId: 's', tab: name, model, columns: [{ header: 'x', value: () => 1 }] },
    ...(include && { include: include as never }),
  })
const insert = (iata: string) =>
  `insert into airports (iata_code, name, country, latitude, longitude) values ('${iata}', 'x', 'DE', 1, 1)`

let world: TriggerWorld

beforeEach(async () => {
  world = await createTriggerWorld(plainTargets)
})

afterEach(() => world.close())

const findings = async () =>
  (await checkTriggers(world.sql, world.config)).map((one) => `${one.severity} ${one.code} ${one.subject}`)

describe('the migration', () => {
  test('leaves a database that has what the config wants', async () => {
    expect(await checkTriggers(world.sql, world.config)).toEqual([])
    expect(await installTriggers(world.pool, world.config)).toBeNull()
    expect([...(await installedTargets(world.sql, world.config.schemas))].sort()).toEqual(
      plainTargets.map((one) => one.name),
    )
  })

  test('has a name like those of Prisma, and may run twice', async () => {
    const migration = renderTriggerMigration(world.config, [], new Date('2026-11-21T09:08:07.000Z'))
    expect(migration?.name).toBe('20261121090807_writeback_triggers')
    await world.pool.query(migration?.sql ?? '')
    await world.pool.query(migration?.sql ?? '')
    expect(await checkTriggers(world.sql, world.config)).toEqual([])
    await world.pool.query(insert('AAA'))
    expect(await world.takeLines()).toEqual(['airports:Airport:AAA create'])
  })

  test('touches what changed alone, and drops what no target needs', async () => {
    const fewer = { ...world.config, targets: [target('requests', 'Request', { operator: true })] }
    const migration = renderTriggerMigration(
      fewer,
      await readInstalled(world.sql, world.config.schemas),
      new Date(),
    )
    expect(migration?.changed).toEqual(['operators'])
    expect([...(migration?.removed ?? [])].sort()).toEqual([
      'sync_on_Revenue',
      'sync_on_airports',
      'sync_on_notes',
      'sync_on_request_items',
    ])
    await world.pool.query(migration?.sql ?? '')
    expect(await checkTriggers(world.sql, fewer)).toEqual([])
    await world.pool.query(insert('AAA'))
    expect(await world.takeLines()).toEqual([])

    const none = { ...world.config, targets: [] }
    expect((await checkTriggers(world.sql, none)).every((one) => one.code === 'triggers-obsolete')).toBe(true)
    await installTriggers(world.pool, none)
    expect(await checkTriggers(world.sql, none)).toEqual([])
    const { rows } = await world.pool.query(
      `select tgname from pg_trigger where tgname like 'sync%' and tgname not like '%_old_columns'`,
    )
    expect(rows).toEqual([])
  })

  test('runs where neither pg-boss nor the publishing function is, as in a shadow database', async () => {
    const database = await createTestDatabase()
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    try {
      await pool.query('drop schema pgboss cascade')
      await installTriggers(pool, world.config)
      const codes = (await checkTriggers(sqlOf(pool), world.config)).map((one) => one.code)
      expect(codes).toEqual(['queue-schema-missing'])
    } finally {
      await pool.end()
      await database.drop()
    }
  })

  test('follows a renamed table', async () => {
    await world.pool.query('alter table airports rename to "air ports"')
    const { models } = world.config.dataModel
    const Airport = { ...models.Airport, table: 'air ports' }
    const renamed = {
      ...world.config,
      dataModel: { ...world.config.dataModel, models: { ...models, Airport } },
    } as typeof world.config
    expect((await checkTriggers(world.sql, renamed)).map((one) => one.subject)).toEqual([
      'table public.air ports',
      'function sync_on_airports',
    ])
    await installTriggers(world.pool, renamed)
    expect(await checkTriggers(world.sql, renamed)).toEqual([])
    await world.pool.query(insert('AAA').replace('airports', '"air ports"'))
    expect(await world.takeLines()).toEqual(['airports:Airport:AAA create'])
  })
})

describe('the check sees', () => {
  test('a database without triggers', async () => {
    const bare = await createTriggerWorld(plainTargets, false)
    try {
      const all = await checkTriggers(bare.sql, bare.config)
      expect(new Set(all.map((one) => one.code))).toEqual(new Set(['triggers-missing']))
      expect(await installedTargets(bare.sql, bare.config.schemas)).toEqual(new Set())
    } finally {
      await bare.close()
    }
  })

  test.each([
    ['a dropped trigger', 'drop trigger sync_update on airports'],
    ['a disabled trigger', 'alter table airports disable trigger sync_delete'],
    ['one that fires in replicas alone', 'alter table airports enable replica trigger sync_insert'],
    ['triggers that a table lost when it was made anew', 'drop function sync_on_airports() cascade'],
    [
      'a function that somebody edited',
      `create or replace function sync_on_airports() returns trigger language plpgsql security definer
       set search_path = pg_catalog, pg_temp as 'begin return null; end'`,
    ],
    ['a function with other rights', 'alter function sync_on_airports() security invoker'],
    ['a function with another search path', 'alter function sync_on_airports() set search_path = public'],
  ])('%s', async (_name, sql) => {
    await world.pool.query(sql)
    expect(await findings()).toEqual([expect.stringMatching(/^error triggers-\w+ table public.airports$/)])
  })

  test('a target that is not captured any more', async () => {
    await world.pool.query('alter table airports disable trigger sync_update')
    const captured = await installedTargets(world.sql, world.config.schemas)
    expect(captured.has('airports')).toBe(false)
    expect(captured.has('notes')).toBe(true)
  })

  test('an include that reads more than it did', async () => {
    const config = { ...world.config, targets: [target('requests', 'Request', { tags: true })] }
    const subjects = (await checkTriggers(world.sql, config)).map((one) => `${one.code} ${one.subject}`)
    expect(subjects).toContain('triggers-missing table public._RequestToTag')
    expect(subjects).toContain('triggers-missing table public.tags')
  })
})

describe("pg-boss's schema", () => {
  test('a newer version that still has what publishing uses: a warning, and writes are captured', async () => {
    await world.pool.query('update pgboss.version set version = $1', [QUEUE_SCHEMAS.newest + 1])
    await world.pool.query('alter table pgboss.job add column something_new text')
    expect(await findings()).toEqual(['warning queue-schema-unknown pg-boss'])
    await world.pool.query(insert('AAA'))
    expect(await world.takeLines()).toEqual(['airports:Airport:AAA create'])
  })

  test('a version without a column that publishing uses: an error, and a write fails whole', async () => {
    await world.pool.query('update pgboss.version set version = version + 1')
    await world.pool.query('alter table pgboss.job rename column group_tier to tier')
    const [finding] = await checkTriggers(world.sql, world.config)
    expect(finding).toMatchObject({ severity: 'error', code: 'queue-schema-incompatible' })
    expect(finding?.message).toContain('it has no column job.group_tier')
    await expect(world.pool.query(insert('AAA'))).rejects.toThrow(/group_tier/)
    // Neither lost nor silent: the record is not there either.
    expect((await world.pool.query('select from airports')).rowCount).toBe(0)
  })

  test('a version with a column that wants a value', async () => {
    await world.pool.query('alter table pgboss.queue add column shard int not null default 1')
    await world.pool.query('alter table pgboss.job add column shard int not null')
    const [finding] = await checkTriggers(world.sql, world.config)
    expect(finding?.message).toContain('its column job.shard needs a value')
    await expect(world.pool.query(insert('AAA'))).rejects.toThrow(/shard/)
  })

  test('none at all, and a publishing function of another version', async () => {
    await world.pool.query(
      publishFunctionSql(world.config.schemas).replace('v_total integer := 0;', 'v_total integer := -0;'),
    )
    expect(await findings()).toEqual(['error publish-function function sync_publish'])
    await world.pool.query('drop function sync_publish')
    expect(await findings()).toEqual(['error publish-function function sync_publish'])
    await world.pool.query('drop schema pgboss cascade')
    expect(await findings()).toEqual(['error queue-schema-missing pg-boss'])
  })

  test('under another name', async () => {
    await world.pool.query('alter schema pgboss rename to "queue"')
    const config = { ...world.config, schemas: { ...world.config.schemas, queue: 'queue' } }
    // pg-boss's own functions name their schema.
    await world.pool.query(
      'create or replace function queue.job_now() returns timestamptz language sql stable as $$ select pg_catalog.now() $$',
    )
    await world.pool.query(publishingSql(config.schemas))
    await installTriggers(world.pool, config)
    expect(await checkTriggers(world.sql, config)).toEqual([])
    await world.pool.query(insert('AAA'))
    await world.pool.query('truncate airports cascade')
    const { rows } = await world.pool.query(
      'select name, singleton_key from queue.job order by name, singleton_key',
    )
    expect(rows).toEqual([
      { name: 'sync.reconcile', singleton_key: 'airports' },
      { name: 'sync.reconcile', singleton_key: 'items' },
      { name: 'sync.write-back', singleton_key: 'airports:Airport:AAA' },
    ])
  })
})

describe('rights', () => {
  test('a program that may write the table needs no rights on the queue', async () => {
    const role = `writer_${world.config.targets.length}_${Date.now()}`
    await world.pool.query(
      `create role ${role} nosuperuser; grant insert, update, select on airports to ${role}`,
    )
    const client = await world.pool.connect()
    try {
      await client.query(`set role ${role}`)
      await client.query(insert('AAA'))
      await expect(client.query('select * from pgboss.job')).rejects.toThrow(/permission denied/)
      await expect(client.query('select sync_on_airports()')).rejects.toThrow()
    } finally {
      client.release(true)
      await world.pool.query(`drop owned by ${role}; drop role ${role}`)
    }
    expect(await world.takeLines()).toEqual(['airports:Airport:AAA create'])
  })

  test('nobody else may make a trigger of the function', async () => {
    const role = `maker_${world.config.targets.length}_${Date.now()}`
    await world.pool.query(`create role ${role} nosuperuser; grant create on schema public to ${role}`)
    const client = await world.pool.connect()
    try {
      await client.query(`set role ${role}`)
      await client.query('create table decoy (iata_code text)')
      await expect(
        client.query(`create trigger sync_insert after insert on decoy referencing new table as sync_new
          for each statement execute function sync_on_airports()`),
      ).rejects.toThrow(/permission denied for function/)
    } finally {
      client.release(true)
      await world.pool.query(`drop owned by ${role}; drop role ${role}`)
    }
  })

  test('row-level security does not hide the mirrored records', async () => {
    const config = defineConfig({ targets: [target('requests', 'Request', { operator: true })] })
    await installTriggers(world.pool, config)
    await world.pool.query(`
      insert into countries (code, name) values ('DE', 'x');
      insert into operators (operator_id, operator_code, display_name, country_code, updated_at) values (1, 'o', 'o', 'DE', now());
      insert into requests (id, reference, customer_name, operator_id, updated_at) values ('a', 'a', 'a', 1, now());
      delete from pgboss.job;
      alter table requests enable row level security;
      create policy nothing on requests using (false)`)
    const role = `limited_${Date.now()}`
    await world.pool.query(
      `create role ${role} nosuperuser; grant select, update on operators, requests to ${role}`,
    )
    const client = await world.pool.connect()
    try {
      await client.query(`set role ${role}`)
      expect((await client.query('select * from requests')).rowCount).toBe(0)
      await client.query(`update operators set display_name = 'new'`)
    } finally {
      client.release(true)
      await world.pool.query(`drop owned by ${role}; drop role ${role}`)
    }
    expect(await world.takeLines()).toEqual(['requests:Request:a update'])
  })
})

/** Major version of a Postgres, of a program or a server. */
const major = (text: string) => Number(/(\d+)/.exec(text)?.[1])

test('survives pg_dump and restore', async ({ skip }) => {
  const version = await run('pg_dump', ['--version']).then(
    ({ stdout }) => stdout,
    () => null,
  )
  if (version === null) return skip('pg_dump is not on the path')
  // pg_dump refuses a server newer than itself: then one of its own version is dumped, where there is one.
  const { rows } = await world.pool.query<{ server_version: string }>('show server_version')
  if (major(version) < major(rows[0]?.server_version ?? '')) {
    return skip(`pg_dump ${major(version)} cannot dump a Postgres ${rows[0]?.server_version}`)
  }
  await dumpAndRestore()
})

async function dumpAndRestore() {
  const copy = await createEmptyDatabase()
  const pool = new pg.Pool({ connectionString: copy.url, max: 1 })
  try {
    const { stdout } = await run('pg_dump', ['--no-owner', '--inserts', world.url], {
      maxBuffer: 64 * 1024 * 1024,
    })
    await pool.query(stdout.replace(/^\\.*$/gm, ''))
    await pool.query('set search_path = public')
    expect(await checkTriggers(sqlOf(pool), world.config)).toEqual([])
    await pool.query(insert('AAA'))
    const { rows: jobs } = await pool.query(
      `select singleton_key from pgboss.job where name = 'sync.write-back'`,
    )
    expect(jobs).toEqual([{ singleton_key: 'airports:Airport:AAA' }])
  } finally {
    await pool.end()
    await copy.drop()
  }
}
