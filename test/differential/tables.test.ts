import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEmptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { byTriggers } from './capture-modes.ts'
import { report } from './report.ts'
import { runDifferential } from './run.ts'
import { makeTables } from './tables.ts'

/** As of a database whose pg_trgm some migration made, beside an extension that no Postgres has. */
const SCHEMA = `
datasource db {
  provider   = "postgresql"
  extensions = [nobody_trgm]
}

generator client {
  provider        = "prisma-client"
  previewFeatures = ["postgresqlExtensions"]
}

model Customer {
  id    String                          @id
  name  String
  place Unsupported("nobody_place(3)")?

  @@index([name(ops: raw("gin_trgm_ops"))], type: Gin, map: "customer name")
  @@index([id, name])
}
`

let database: TestDatabase
let folder: string
beforeEach(async () => {
  database = await createEmptyDatabase()
  folder = await mkdtemp(join(tmpdir(), 'writeback-extensions-'))
})
afterEach(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

test('extensions that this Postgres lacks, and indexes of pg_trgm, are left out, and the report says so', async () => {
  const schema = join(folder, 'schema.prisma')
  await writeFile(schema, SCHEMA)
  const result = await runDifferential({
    schema,
    url: database.url,
    seed: 1,
    operations: 20,
    capture: byTriggers,
  })
  expect(result.leftOut).toEqual([
    expect.stringContaining('extension nobody_trgm: '),
    'type nobody_place, its columns are text: type "nobody_place" does not exist',
    'index "customer name": operator class "gin_trgm_ops" does not exist for access method "gin"',
  ])
  expect(report(result)).toContain('left out     index "customer name": operator class "gin_trgm_ops"')
  expect(result.changed).toBeGreaterThan(0)
  expect(result.missed).toEqual([])
}, 180_000)

test('anything else that is wrong with the tables is an error', async () => {
  const sql =
    '-- CreateTable\nCREATE TABLE "A" ("id" TEXT);\n\n-- CreateIndex\nCREATE INDEX "i" ON "A"("name");\n'
  await expect(makeTables(database.url, sql)).rejects.toThrow('column "name" does not exist')
})
