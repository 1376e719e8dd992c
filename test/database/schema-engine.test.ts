import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { nativeEngineInstalled, STAND_IN, useStandInWhereNeeded } from '../../tools/schema-engine/choose.ts'
import { createProject, DATASOURCE, emptyDatabase, PRISMA, type Project, query } from './fixtures.ts'

const FILTERS = { externalTables: [], externalEnums: [] }

/** Speaks to the stand-in as the Prisma CLI does. */
async function ask(
  url: string,
  requests: ReadonlyArray<{ method: string; params?: unknown }>,
): Promise<unknown[]> {
  const engine = spawn(STAND_IN, ['--datasource', JSON.stringify({ url })], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  for (const [id, request] of requests.entries())
    engine.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: id + 1, ...request })}\n`)
  engine.stdin.end()
  const answers: unknown[] = []
  for await (const line of createInterface({ input: engine.stdout })) answers.push(JSON.parse(line))
  return answers
}

function migrationList({ migrations }: Project, names: readonly string[]): unknown {
  return {
    baseDir: migrations,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: names.map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: readFileSync(join(migrations, name, 'migration.sql'), 'utf8') },
      },
    })),
  }
}

test('it is used only where the native engine is not installed and nothing else is asked for', () => {
  const asked = { PRISMA_SCHEMA_ENGINE_BINARY: '/somewhere/else' }
  useStandInWhereNeeded(asked)
  expect(asked).toEqual({ PRISMA_SCHEMA_ENGINE_BINARY: '/somewhere/else' })

  const env: NodeJS.ProcessEnv = {}
  useStandInWhereNeeded(env)
  expect(env.PRISMA_SCHEMA_ENGINE_BINARY).toBe(nativeEngineInstalled() ? undefined : STAND_IN)
})

test('the connection errors have the codes of the native engine', async () => {
  const { url, name } = await emptyDatabase()
  const other = createProject()
  other.addMigration('20200101000000_first', 'select 1;')
  const at = (change: (url: URL) => void) => {
    const changed = new URL(url)
    change(changed)
    return other.prisma(['migrate', 'deploy'], changed.href)
  }

  const unreachable = await at((it) => {
    it.port = '1'
  })
  expect(unreachable.status).toBe(1)
  expect(unreachable.output).toContain("P1001: Can't reach database server at `127.0.0.1:1`")

  if (new URL(url).password) {
    const refused = await at((it) => {
      it.password = 'wrong'
    })
    expect(refused.status).toBe(1)
    expect(refused.output).toContain('P1000: Authentication failed')
    expect(refused.output).not.toContain('wrong')
  }

  const made = await at((it) => {
    it.pathname = `/${name}_new`
  })
  onTestFinished(async () => {
    await query(url, `drop database "${name}_new" with (force)`)
  })
  expect(made.output).toContain(`PostgreSQL database ${name}_new created`)
  expect(made.status).toBe(0)
})

test('a migration that fails is reported, rolled back and blocks the next ones until it is resolved', async () => {
  const { url } = await emptyDatabase()
  const other = createProject()
  other.addMigration('20200101000000_good', 'create table good (id integer primary key);')
  other.addMigration(
    '20200102000000_bad',
    'create table half (id integer primary key);\ncreate table bad (id nonsense);',
  )

  const failed = await other.prisma(['migrate', 'deploy'], url)
  expect(failed.status).toBe(1)
  expect(failed.output).toContain('P3018')
  expect(failed.output).toContain('20200102000000_bad')
  expect(failed.output).toContain('type "nonsense" does not exist')

  const blocked = await other.prisma(['migrate', 'deploy'], url)
  expect(blocked.status).toBe(1)
  expect(blocked.output).toContain('P3009')

  expect(await query(url, `select to_regclass('good') as good, to_regclass('half') as half`)).toEqual([
    { good: 'good', half: null },
  ])

  const replayed = await other.prisma(
    ['migrate', 'diff', '--from-migrations', other.migrations, '--to-schema', other.schema],
    url,
  )
  expect(replayed.output).toContain('P3006')
  expect(replayed.output).toContain('`20200102000000_bad` failed to apply cleanly to the shadow database')

  const resolved = await other.prisma(['migrate', 'resolve', '--rolled-back', '20200102000000_bad'], url)
  expect(resolved.status).toBe(0)
  const status = await other.prisma(['migrate', 'status'], url)
  expect(status.output).toContain('20200102000000_bad')
})

test('function bodies and texts with semicolons are taken whole', async () => {
  const { url } = await emptyDatabase()
  const other = createProject()
  other.addMigration(
    '20200101000000_function',
    `create function twice(n integer) returns integer language plpgsql as $$
     begin
       n := n * 2; -- a comment; with a semicolon
       return n;
     end $$;
     create table said (what text default 'a;b');
     insert into said default values;`,
  )
  expect(await other.prisma(['migrate', 'deploy'], url)).toMatchObject({ status: 0 })
  expect(await query(url, 'select twice(21) as n, what from said')).toEqual([{ n: 42, what: 'a;b' }])
})

test('several deploys at once apply each migration once', async () => {
  const { url } = await emptyDatabase()
  const other = createProject()
  other.addMigration('20200101000000_slow', 'create table slow (id integer); select pg_sleep(0.3);')
  const runs = await Promise.all([1, 2, 3].map(() => other.prisma(['migrate', 'deploy'], url)))
  expect(runs.map(({ status }) => status)).toEqual([0, 0, 0])
  expect(await query(url, 'select count(*)::int as n from _prisma_migrations')).toEqual([{ n: 1 }])
})

test('migrate dev gets its next migration and its warnings, and writes nothing to find them', async () => {
  const { url } = await emptyDatabase()
  const other = createProject()
  other.addMigration(
    '20200101000000_first',
    'create table "A" (id integer not null constraint "A_pkey" primary key, gone text);',
  )
  await other.prisma(['migrate', 'deploy'], url)
  await query(url, `insert into "A" values (1, 'data')`)

  const migrationsList = migrationList(other, ['20200101000000_first'])
  const schema = {
    files: [{ path: 'a.prisma', content: `${DATASOURCE}model A {\n  id Int @id\n  must String\n}\n` }],
  }
  const [diagnosis, loss, created] = await ask(url, [
    { method: 'devDiagnostic', params: { migrationsList, filters: FILTERS } },
    { method: 'evaluateDataLoss', params: { migrationsList, schema, filters: FILTERS } },
    {
      method: 'createMigration',
      params: { migrationsList, schema, filters: FILTERS, migrationName: 'next', draft: false },
    },
  ])

  expect(diagnosis).toMatchObject({ result: { action: { tag: 'createMigration' } } })
  expect(loss).toMatchObject({
    result: {
      warnings: [{ message: expect.stringContaining('drop the column `gone`') }],
      unexecutableSteps: [{ message: expect.stringContaining('required column `must`') }],
    },
  })
  expect(created).toMatchObject({
    result: {
      generatedMigrationName: expect.stringMatching(/^\d{14}_next$/),
      migrationScript: expect.stringContaining('DROP COLUMN "gone"'),
    },
  })
  expect(await query(url, 'select * from "A"')).toEqual([{ id: 1, gone: 'data' }])
  expect(
    await query(url, `select datname from pg_database where datname like 'prisma_migrate_shadow%'`),
  ).toEqual([])
})

test('drift between database and migrations is found, whatever keys and actions the tables have', async () => {
  const { url } = await emptyDatabase()
  const diff = [
    'migrate',
    'diff',
    '--from-config-datasource',
    '--to-schema',
    join(PRISMA, 'schema'),
    '--exit-code',
  ]
  const other = createProject()
  const { status, output } = await other.prisma(diff, url)
  expect(status).toBe(2)
  expect(output).toContain('requests')
})

test('an unknown method and a wrong schema are answered with an error, and the engine goes on', async () => {
  const { url } = await emptyDatabase()
  const broken = {
    tag: 'schemaDatamodel',
    files: [{ path: 'a.prisma', content: `${DATASOURCE}model A {\n  id Nothing\n}\n` }],
  }
  const answers = await ask(url, [
    { method: 'doSomethingElse' },
    {
      method: 'diff',
      params: { from: { tag: 'empty' }, to: broken, script: true, exitCode: null, filters: FILTERS },
    },
    { method: 'getDatabaseVersion', params: {} },
  ])
  expect(answers).toMatchObject([
    {
      id: 1,
      error: { code: 4466, data: { is_panic: false, message: expect.stringContaining('doSomethingElse') } },
    },
    { id: 2, error: { data: { error_code: 'P1012' } } },
    { id: 3, result: expect.stringContaining('PostgreSQL') },
  ])
})
