import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSchemaText } from '../../src/generator/schema-text.ts'
import type { DataModel } from '../../src/model/data-model.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const prisma = join(root, 'node_modules/prisma/build/index.js')

let folder: string
let dataModel: DataModel

/** Runs the real `prisma generate`, which starts the generator as it does in an application. */
async function generate(schema: string) {
  return run(process.execPath, [prisma, 'generate', '--schema', schema], {
    cwd: root,
    env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`, NO_COLOR: '1' },
  })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'writeback-generator-'))
  await cp(new URL('./schema', import.meta.url), join(folder, 'schema'), { recursive: true })
  await generate(join(folder, 'schema'))
  ;({ dataModel } = await import(join(folder, 'generated/data-model.ts')))
}, 60_000)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('the generated data model', () => {
  test('holds models and neither views nor ignored models', () => {
    expect(Object.keys(dataModel.models)).toEqual(['Zone', 'Agent', 'Plot', 'Seller'])
    expect(dataModel.models.Zone?.fields.visible).toBeUndefined()
    expect(dataModel.models.Zone?.fields.secret).toBeUndefined()
  })

  test('carries table, schema, key and uniques', () => {
    expect(dataModel.models.Zone).toMatchObject({
      table: 'zones of "sale"',
      schema: 'sales',
      primaryKey: ['id'],
      uniques: [['code'], ['uid', 'at']],
    })
    expect(dataModel.models.Plot).toMatchObject({
      table: 'Plot',
      schema: 'public',
      primaryKey: ['kind', 'zoneId', 'number'],
      primaryKeyName: 'spot',
      uniques: [['seller']],
    })
  })

  test('carries columns, native types, lists, enums and unsupported types', () => {
    const fields = dataModel.models.Zone?.fields
    expect(fields?.id).toEqual({
      kind: 'scalar',
      name: 'id',
      isList: false,
      isRequired: true,
      type: 'BigInt',
      column: 'id',
      nativeType: null,
    })
    expect(fields?.code).toMatchObject({ column: 'zone_code', nativeType: 'VarChar' })
    expect(fields?.uid).toMatchObject({ column: 'u"id', nativeType: 'Uuid' })
    expect(fields?.color).toMatchObject({ hasDefault: true })
    expect(fields?.colors).toMatchObject({ kind: 'enum', type: 'Color', isList: true })
    expect(fields?.shape).toMatchObject({ kind: 'unsupported', column: 'shape', isRequired: false })
    expect(fields?.spans).toMatchObject({
      kind: 'unsupported',
      type: 'tstzrange',
      column: 'time spans',
      isList: true,
    })
    expect(dataModel.enums).toEqual({
      Color: { name: 'Color', type: 'colors', schema: 'sales', values: { RED: 'r', GREEN: 'GREEN' } },
      Plain: { name: 'Plain', type: 'Plain', schema: 'public', values: { one: 'one' } },
    })
  })

  test('carries relations with their keys and what the database does', () => {
    expect(dataModel.models.Plot?.fields.zone).toEqual({
      kind: 'relation',
      name: 'zone',
      isList: false,
      isRequired: true,
      type: 'Zone',
      relation: 'PlotToZone',
      from: ['zoneId'],
      to: ['id'],
      onDelete: 'Cascade',
      onUpdate: 'NoAction',
    })
    expect(dataModel.models.Zone?.fields.plots).toMatchObject({ from: [], to: [], onDelete: null })
    // Not spelled out in the schema: Prisma's defaults.
    expect(dataModel.models.Plot?.fields.agent).toMatchObject({
      onDelete: 'Restrict',
      onUpdate: 'Cascade',
    })
    expect(dataModel.models.Agent?.fields.boss).toMatchObject({
      onDelete: 'SetNull',
      onUpdate: 'Cascade',
    })
  })

  test('names the join tables of implicit many-to-many relations', () => {
    expect(dataModel.joinTables).toEqual([
      {
        relation: 'AgentToZone',
        table: '_AgentToZone',
        schema: 'public',
        a: 'Agent',
        aField: 'zones',
        b: 'Zone',
        bField: 'agents',
      },
      {
        relation: 'aRelationWithANameThatIsLongerThanPostgresAllowsForTheNamesOfTables',
        table: '_aRelationWithANameThatIsLongerThanPostgresAllowsForTheNamesOfT',
        schema: 'public',
        a: 'Agent',
        aField: 'longNames',
        b: 'Zone',
        bField: 'longNames',
      },
      {
        relation: 'lessons',
        table: '_lessons',
        schema: 'public',
        a: 'Agent',
        aField: 'pupils',
        b: 'Agent',
        bField: 'teachers',
      },
    ])
  })

  test('is a module that takes its type from the package', async () => {
    const source = await readFile(join(folder, 'generated/data-model.ts'), 'utf8')
    expect(source).toContain(`import type { DataModel } from "prisma-writeback"`)
  })
})

test('another database than Postgres is refused with a sentence', async () => {
  const schema = join(folder, 'sqlite.prisma')
  await writeFile(
    schema,
    `generator writeback {
      provider = "node src/generator/main.ts"
      output   = "./sqlite"
    }
    datasource db {
      provider = "sqlite"
    }
    model One {
      id Int @id
    }`,
  )
  await expect(generate(schema)).rejects.toMatchObject({
    stderr: expect.stringContaining('prisma-writeback works with Postgres alone: expected a datasource'),
  })
}, 60_000)

test('who enforces references is read from the schema', () => {
  const schema = (mode: string) => `datasource db {\n  provider = "postgresql"\n  ${mode}\n}\n`
  expect(readSchemaText(schema('')).foreignKeys).toBe(true)
  expect(readSchemaText(schema('relationMode = "foreignKeys"')).foreignKeys).toBe(true)
  expect(readSchemaText(schema('relationMode = "prisma"')).foreignKeys).toBe(false)
  expect(readSchemaText(schema('// relationMode = "prisma"')).foreignKeys).toBe(true)
})
