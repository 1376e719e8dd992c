import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { applyMigrations, prismaCli } from '../../tools/migrate.ts'
import { createProject, emptyDatabase, MIGRATIONS, PRISMA, query } from './fixtures.ts'

/** Everything but the reference schema belongs to the library. */
const LIBRARY_MIGRATIONS = MIGRATIONS.filter((name) => !name.endsWith('_travel_agency'))

test('the migrations bring an empty database to the schema, and once is enough', async () => {
  const { url } = await emptyDatabase()

  const before = await prismaCli(['migrate', 'status'], { url })
  expect(before.status).toBe(1)
  expect(before.output).toContain('have not yet been applied')

  await applyMigrations(url)
  await applyMigrations(url)

  const after = await prismaCli(['migrate', 'status'], { url })
  expect(after).toMatchObject({
    status: 0,
    output: expect.stringContaining('Database schema is up to date!'),
  })
  const applied = await query(
    url,
    'select migration_name as name from _prisma_migrations where finished_at is not null',
  )
  expect(applied.map(({ name }) => name).sort()).toEqual(MIGRATIONS)

  const diff = ['migrate', 'diff', '--from-config-datasource', '--to-schema', 'prisma/schema', '--exit-code']
  expect(await prismaCli(diff, { url })).toMatchObject({ status: 0 })
})

test('the migrations and the schema say the same', async () => {
  const { url } = await emptyDatabase()
  const diff = ['migrate', 'diff', '--from-migrations', 'prisma/migrations', '--to-schema', 'prisma/schema']
  const { status, output } = await prismaCli([...diff, '--exit-code'], { url })
  expect(output).toContain('No difference detected')
  expect(status).toBe(0)
})

test("the library's schema file and migrations stand alone in another project", async () => {
  const { url } = await emptyDatabase()
  const other = createProject()
  other.addSchema('writeback.prisma', readFileSync(join(PRISMA, 'schema', 'writeback.prisma'), 'utf8'))
  other.addSchema('app.prisma', 'model Customer {\n  id Int @id\n}\n')
  other.copyMigrations(LIBRARY_MIGRATIONS)
  other.addMigration(
    '20990101000000_app',
    'create table "Customer" (id integer not null constraint "Customer_pkey" primary key);',
  )

  expect(await other.prisma(['migrate', 'deploy'], url)).toMatchObject({ status: 0 })
  const diff = ['migrate', 'diff', '--from-migrations', other.migrations, '--to-schema', other.schema]
  expect(await other.prisma([...diff, '--exit-code'], url)).toMatchObject({ status: 0 })

  const names = await query(
    url,
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'i', 'S')
     union all select typname from pg_type where typnamespace = 'public'::regnamespace and typtype = 'e'`,
  )
  const foreign = names
    .map(({ name }) => String(name))
    .filter((name) => !/^(sync_|_prisma_migrations|Customer)/.test(name))
  expect(foreign).toEqual([])
  expect(names.filter(({ name }) => String(name).startsWith('sync_')).length).toBeGreaterThan(6)
})

test('the library has no index that another one covers', async () => {
  const { url } = await emptyDatabase()
  await applyMigrations(url)
  const redundant = await query(
    url,
    `select a.indexrelid::regclass::text as covered, b.indexrelid::regclass::text as by
     from pg_index a join pg_index b on a.indrelid = b.indrelid and a.indexrelid <> b.indexrelid
     where a.indrelid::regclass::text like 'sync%'
       and (b.indkey::text || ' ') like (a.indkey::text || ' %')`,
  )
  expect(redundant).toEqual([])
})

test('a database that cannot be reached is named in the error', async () => {
  await expect(applyMigrations('postgresql://nobody:secret@127.0.0.1:1/nowhere')).rejects.toThrow(
    /failed \(status 1\) on 127\.0\.0\.1:1\/nowhere:\n[\s\S]*P1001: Can't reach database server at `127\.0\.0\.1:1`/,
  )
  await expect(applyMigrations('postgresql://nobody:secret@127.0.0.1:1/nowhere')).rejects.not.toThrow(
    'secret',
  )
})
