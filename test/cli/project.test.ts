import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nativeEngineInstalled, STAND_IN } from '../../tools/schema-engine/choose.ts'
import { createEmptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { writebackProcess } from './support.ts'

// Each command is a process of its own, and starts Prisma.
vi.setConfig({ testTimeout: 120_000 })

const ENGINE = nativeEngineInstalled() ? {} : { PRISMA_SCHEMA_ENGINE_BINARY: STAND_IN }
const PRISMA_CONFIG = `import { defineConfig } from 'prisma/config'
export default defineConfig({ schema: 'prisma', datasource: { url: process.env.DATABASE_URL ?? '' } })
`

let folder: string
let database: TestDatabase
beforeEach(async () => {
  database = await createEmptyDatabase()
  folder = mkdtempSync(join(tmpdir(), 'writeback-project-'))
  write('package.json', '{ "type": "module" }')
  write(
    'prisma/schema.prisma',
    'datasource db {\n  provider = "postgresql"\n}\n\nmodel Tag {\n  id Int @id\n}\n',
  )
  write('prisma.config.ts', PRISMA_CONFIG)
  write('writeback.config.ts', `export { default } from ${JSON.stringify(resolve('writeback.config.ts'))}\n`)
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  await database.drop()
})

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
const run = (args: string[], env: Record<string, string | undefined> = {}) =>
  writebackProcess(args, { DATABASE_URL: database.url, ...ENGINE, ...env }, folder)

describe('a .env file', () => {
  beforeEach(() => write('.env', `DATABASE_URL=${database.url}\n`))

  it('is read where prisma.config.ts reads it', async () => {
    write('prisma.config.ts', `import 'dotenv/config'\n${PRISMA_CONFIG}`)
    const { stdout, stderr } = await run(['status', '--json'], { DATABASE_URL: undefined })
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^(QUEUE|TABLES)_MISSING /)
  })

  it('that nothing reads is said, with how it would be', async () => {
    const { stderr } = await run(['status'], { DATABASE_URL: undefined })
    expect(stderr).toMatch(
      /^ENV_INVALID environment variable DATABASE_URL: expected .*it is in \.env, which nothing reads/,
    )
    expect(stderr).toContain("import 'dotenv/config'")
    expect(stderr).not.toContain(new URL(database.url).password)
  })
})

describe('a database that is kept with prisma db push', () => {
  it('is left alone by migrate, which says how its tables are made', async () => {
    const { code, stderr } = await run(['migrate'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^prisma +no migrations to deploy/)
    expect(stderr).toMatch(/^TABLES_MISSING .*npx prisma db push/m)
    expect(stderr).not.toMatch(/Run "writeback migrate"/)
  })

  it('is no database for prisma migrate deploy: what to do is said', async () => {
    const client = new pg.Client(database.url)
    await client.connect()
    await client.query('create table "Tag" (id int primary key)')
    await client.end()
    write('prisma/migrations/20260101000000_init/migration.sql', 'create table "Tag" (id int primary key);\n')
    write('prisma/migrations/migration_lock.toml', 'provider = "postgresql"\n')
    const { code, stderr } = await run(['migrate'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^MIGRATION_FAILED .*P3005.*writeback migrate --skip-prisma/m)
  })
})
