import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { planConfig } from '../../src/init/plan-config.ts'
import { planMigrations } from '../../src/init/plan-migrations.ts'
import { planSchema } from '../../src/init/plan-schema.ts'
import type { Project } from '../../src/init/project.ts'
import { readBlocks } from '../../src/init/schema-blocks.ts'
import { styleOf } from '../../src/init/style.ts'
import type { DataModel } from '../../src/model/data-model.ts'

let root: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'writeback-style-')))
})
afterEach(() => rmSync(root, { recursive: true }))

const GENERATOR = { provider: 'prisma-client', output: '../src/generated/prisma' }
const LIBRARY = {
  schema: 'model SyncTarget {\n  name String @id\n}\n',
  migrations: [
    {
      name: '1_writeback',
      sql: 'CREATE TYPE "sync_state" AS ENUM (\'a\');\nCREATE TABLE "sync_target" (\n  "state" "sync_state",\n  CONSTRAINT "sync_target_pkey" PRIMARY KEY ("name")\n);\nCREATE UNIQUE INDEX "sync_target_key" ON "sync_target"("name");\n',
    },
  ],
}
const MODEL = {
  models: {
    Tag: {
      name: 'Tag',
      table: 'Tag',
      schema: null,
      primaryKey: ['id'],
      uniques: [],
      fields: Object.fromEntries(
        ['id', 'name'].map((name) => [
          name,
          {
            kind: 'scalar',
            name,
            isList: false,
            isRequired: true,
            type: 'String',
            column: name,
            nativeType: null,
          },
        ]),
      ),
    },
  },
  enums: {},
  joinTables: [],
  foreignKeys: true,
} as unknown as DataModel

interface Given {
  /** Files by path, beside the schema. */
  readonly files?: Readonly<Record<string, string>>
  readonly generator?: Readonly<Record<string, string>>
  readonly type?: 'module' | 'commonjs'
  readonly packages?: readonly string[]
  readonly datasource?: string
  /** The package's folder, from the root of a workspace. */
  readonly folder?: string
}

/** A project as it is found, without Prisma. */
function project({
  files = {},
  generator = GENERATOR,
  type,
  packages = [],
  datasource = '',
  folder = '',
}: Given): Project {
  const home = join(root, folder)
  const schemaPath = join(home, 'prisma/schema.prisma')
  const settings = Object.entries(generator).map(([name, value]) => `  ${name} = "${value}"`)
  const schema = `generator client {\n${settings.join('\n')}\n}\n\ndatasource db {\n  provider = "postgresql"\n${datasource}}\n`
  for (const [path, text] of Object.entries({ 'prisma/schema.prisma': schema, ...files })) {
    const file = join(home, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  const schemaFiles = new Map([[schemaPath, schema]])
  return {
    root: home,
    schemaPath,
    schemaIsFolder: false,
    schemaFiles,
    migrations: join(home, 'prisma/migrations'),
    blocks: readBlocks(schemaFiles),
    prismaCli: 'unused',
    packages: new Set(packages),
    isModule: type === 'module',
    usesMigrations: true,
    databaseSchema: undefined,
  }
}

const style = (given: Given) => {
  const found = project(given)
  return styleOf(found, found.blocks[0])
}
const tsconfig = (compilerOptions: object, more: object = {}) => ({
  'tsconfig.json': JSON.stringify({ compilerOptions, ...more }),
})

describe('the import of a generated file ends as the project compiles it', () => {
  test.each<[what: string, given: Given, extension: string]>([
    ['no tsconfig', {}, '.ts'],
    ['nodenext', { files: tsconfig({ module: 'NodeNext' }) }, '.js'],
    ['node16', { files: tsconfig({ module: 'node16' }) }, '.js'],
    ['commonjs', { files: tsconfig({ module: 'CommonJS' }) }, ''],
    ['a bundler', { files: tsconfig({ module: 'esnext', moduleResolution: 'Bundler' }) }, ''],
    ['imports of .ts', { files: tsconfig({ module: 'nodenext', allowImportingTsExtensions: true }) }, '.ts'],
    ['imports that are rewritten', { files: tsconfig({ rewriteRelativeImportExtensions: true }) }, '.ts'],
    ['what the generator is told', { generator: { ...GENERATOR, importFileExtension: 'ts' } }, '.ts'],
    ['what the generator is told: none', { generator: { ...GENERATOR, importFileExtension: '' } }, ''],
    [
      'what the generated client does',
      { files: { 'src/generated/prisma/client.ts': 'import * as $Enums from "./enums.js"\n' } },
      '.js',
    ],
    [
      'what the generated client does: nothing',
      { files: { 'src/generated/prisma/client.ts': 'import * as $Enums from "./enums"\n', ...tsconfig({}) } },
      '',
    ],
    [
      'a tsconfig with comments that extends another',
      {
        files: {
          'tsconfig.json':
            '// ours\n{ "extends": "./base", /* all */ "compilerOptions": { "strict": true, }, }',
          'base.json': '{ "compilerOptions": { "module": "commonjs" } }',
        },
      },
      '',
    ],
  ])('%s', (_what, given, extension) => {
    expect(style(given).extension).toBe(extension)
  })
})

describe('the configuration stands where the compiler finds it', () => {
  const src = { 'src/main.ts': '' }
  test.each<[what: string, files: Record<string, string>, folder: string]>([
    ['nothing is compiled', { ...src, ...tsconfig({ noEmit: true }, { include: ['src'] }) }, ''],
    ['Nest', { ...src, 'nest-cli.json': '{}', ...tsconfig({ outDir: './dist' }) }, 'src'],
    ['rootDir is src', { ...src, ...tsconfig({ rootDir: './src', outDir: 'dist' }) }, 'src'],
    ['src alone is compiled', { ...src, ...tsconfig({ outDir: 'dist' }, { include: ['src/**/*'] }) }, 'src'],
    ['everything is compiled', { ...src, ...tsconfig({ outDir: 'dist' }) }, ''],
    ['there is no src', tsconfig({ outDir: 'dist' }, { include: ['lib'] }), ''],
  ])('%s', (_what, files, folder) => {
    expect(style({ files }).folder).toBe(folder)
  })
})

describe('what is written', () => {
  const plan = (given: Given) => {
    const found = project(given)
    const schema = planSchema(found, LIBRARY)
    const choice = { models: ['Tag'], spreadsheetId: 'sheet' }
    const { change, clientImport, configImport } = planConfig(found, schema, MODEL, choice)
    return { ...change, clientImport, configImport, schema }
  }

  test('Nest: TypeScript among the sources, imports without an extension', () => {
    const { path, added, configImport } = plan({
      files: {
        'src/main.ts': '',
        'nest-cli.json': '{}',
        ...tsconfig({ module: 'commonjs', outDir: 'dist' }),
      },
    })
    expect(path).toBe('src/writeback.config.ts')
    expect(added).toContain("import { PrismaClient } from './generated/prisma/client'\n")
    expect(added).toContain("import { dataModel } from './generated/writeback/data-model'\n")
    expect(added).toContain('export default defineConfig({')
    expect(configImport).toBe('./writeback.config')
  })

  test('nodenext: imports of .js', () => {
    const { path, added, configImport } = plan({ files: tsconfig({ module: 'nodenext' }), type: 'module' })
    expect(path).toBe('writeback.config.ts')
    expect(added).toContain("from './src/generated/prisma/client.js'\n")
    expect(added).toContain("from './src/generated/writeback/data-model.js'\n")
    expect(configImport).toBe('./writeback.config.js')
  })

  test('JavaScript of npm init: require, and a data model that can be required', () => {
    const { path, added, configImport, schema } = plan({
      generator: { provider: 'prisma-client-js' },
      type: 'commonjs',
    })
    expect(path).toBe('writeback.config.js')
    expect(added).toContain("const { PrismaClient } = require('@prisma/client')\n")
    expect(added).toContain("const { dataModel } = require('./generated/writeback/data-model.cjs')\n")
    expect(added).toContain('= forClient(dataModel)\n')
    expect(added).toContain('module.exports = defineConfig({')
    expect(added).not.toMatch(/^import|export default/m)
    expect(configImport).toBe('./writeback.config.js')
    expect(schema.changes[0]?.added).toContain('  generatedFileExtension = "cjs"\n')
  })

  test('JavaScript in ES modules', () => {
    const { added, schema } = plan({ generator: { provider: 'prisma-client-js' }, type: 'module' })
    expect(added).toContain("import { dataModel } from './generated/writeback/data-model.mjs'\n")
    expect(added).toContain('export default defineConfig({')
    expect(schema.changes[0]?.added).toContain('  generatedFileExtension = "mjs"\n')
  })

  test('a generator that is found from the root of a workspace as well', () => {
    const provider = (given: Given) =>
      /provider += (".*")$/m.exec(planSchema(project(given), LIBRARY).changes[0]?.added ?? '')?.[1] ?? '""'
    expect(JSON.parse(provider({}))).toBe('prisma-writeback')
    writeFileSync(join(root, 'pnpm-workspace.yaml'), 'packages: [packages/*]\n')
    expect(JSON.parse(provider({ folder: 'packages/db' }))).toBe(
      `node -e "require(require.resolve('prisma-writeback/generator',{paths:['.','packages/db']}))"`,
    )
    mkdirSync(join(root, 'node_modules/.bin'), { recursive: true })
    writeFileSync(join(root, 'node_modules/.bin/prisma-writeback'), '')
    expect(JSON.parse(provider({ folder: 'packages/db' }))).toBe('prisma-writeback')
  })

  test('a Postgres schema that is not public: tables, migrations and configuration name it', () => {
    const given: Given = { datasource: '  schemas  = ["shop", "auth"]\n' }
    const { added, schema } = plan(given)
    expect(added).toContain("  schemas: { library: 'shop' },\n")
    expect(schema.changes[0]?.added).toContain('  @@schema("shop")\n}')
    const [, migration] = planMigrations(project(given), LIBRARY, schema.librarySchema)
    expect(migration?.added).toBe(
      'CREATE TYPE "shop"."sync_state" AS ENUM (\'a\');\nCREATE TABLE "shop"."sync_target" (\n  "state" "shop"."sync_state",\n  CONSTRAINT "sync_target_pkey" PRIMARY KEY ("name")\n);\nCREATE UNIQUE INDEX "sync_target_key" ON "shop"."sync_target"("name");\n',
    )
  })
})
