import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { type CliResult, prismaCli } from '../../tools/migrate.ts'
import { STAND_IN } from '../../tools/schema-engine/choose.ts'
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/postgres.ts'

/** The repository's prisma folder. */
export const PRISMA = fileURLToPath(new URL('../../prisma', import.meta.url))

/** Names of this repository's migrations, those of the reference schema too, oldest first. */
export const MIGRATIONS: readonly string[] = readdirSync(join(PRISMA, 'migrations'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort()

/** The datasource that every schema needs. */
export const DATASOURCE = 'datasource db {\n  provider = "postgresql"\n}\n'

/** A Prisma project in a temporary folder, whose CLI uses the stand-in for the schema engine. */
export interface Project {
  readonly schema: string
  readonly migrations: string
  /** Writes `schema/NAME`, beside a file with the datasource. */
  addSchema(name: string, content: string): void
  /** Writes `migrations/NAME/migration.sql`. */
  addMigration(name: string, sql: string): void
  /** Copies migrations of this repository. */
  copyMigrations(names: readonly string[]): void
  prisma(args: readonly string[], url: string): Promise<CliResult>
}

/** An empty database until the end of the test. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createEmptyDatabase()
  onTestFinished(database.drop)
  return database
}

/** A copy of a database, which nobody may be connected to, until the end of the test. */
export async function copyOf(template: TestDatabase): Promise<TestDatabase> {
  const database = await createTestDatabase(template.name)
  onTestFinished(database.drop)
  return database
}

/** The rows of a statement, on a connection of its own. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/**
 * An empty project.
 * @param atEnd is given what removes it @defaultValue at the end of the test
 */
export function createProject(atEnd: (remove: () => void) => void = onTestFinished): Project {
  const folder = mkdtempSync(join(tmpdir(), 'writeback-project-'))
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  const schema = join(folder, 'schema')
  const migrations = join(folder, 'migrations')
  const config = join(folder, 'prisma.config.mjs')
  mkdirSync(schema)
  mkdirSync(migrations)
  writeFileSync(join(schema, 'schema.prisma'), DATASOURCE)
  writeFileSync(join(migrations, 'migration_lock.toml'), 'provider = "postgresql"\n')
  writeFileSync(
    config,
    `export default { schema: 'schema', migrations: { path: 'migrations' }, datasource: { url: process.env.DATABASE_URL } }\n`,
  )
  return {
    schema,
    migrations,
    addSchema: (name, content) => writeFileSync(join(schema, name), content),
    addMigration: (name, sql) => {
      mkdirSync(join(migrations, name))
      writeFileSync(join(migrations, name, 'migration.sql'), sql)
    },
    copyMigrations: (names) => {
      for (const name of names)
        cpSync(join(PRISMA, 'migrations', name), join(migrations, name), { recursive: true })
    },
    prisma: (args, url) =>
      prismaCli([...args, '--config', config], { url, env: { PRISMA_SCHEMA_ENGINE_BINARY: STAND_IN } }),
  }
}
