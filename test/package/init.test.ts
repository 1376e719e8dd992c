import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rm, symlink } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { applyChanges } from '../../src/init/apply.ts'
import { type InitOptions, planInit } from '../../src/init/plan.ts'
import { readModels } from '../../src/init/read-models.ts'
import { nativeEngineInstalled, STAND_IN } from '../../tools/schema-engine/choose.ts'
import { type ConsumerProject, makeProject } from './consumer-project.ts'
import { SHOP } from './shop.ts'

const run = promisify(execFile)

// A plan starts Prisma, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

const DEFAULTS: InitOptions = { models: [], spreadsheetId: 'sheet', migrations: true }

let project: ConsumerProject
const engineBefore = process.env.PRISMA_SCHEMA_ENGINE_BINARY

beforeEach(async () => {
  if (!nativeEngineInstalled()) process.env.PRISMA_SCHEMA_ENGINE_BINARY = STAND_IN
  project = await makeProject({})
  await symlink(resolve('node_modules'), join(project.folder, 'node_modules'))
  for (const [path, text] of Object.entries(SHOP)) await project.write(path, text)
})
afterEach(async () => {
  if (engineBefore === undefined) delete process.env.PRISMA_SCHEMA_ENGINE_BINARY
  else process.env.PRISMA_SCHEMA_ENGINE_BINARY = engineBefore
  await project.remove()
})

const read = new Map<string, ReturnType<typeof readModels>>()
/** What Prisma says of a schema, or has against it, which is the same in every project: each is read once. */
const modelsOf: typeof readModels = (project, files) => {
  const texts = [...files].map(([path, text]) => [relative(project.root, path), text])
  const key = JSON.stringify([texts, process.env.PRISMA_SCHEMA_ENGINE_BINARY])
  const models = read.get(key) ?? readModels(project, files)
  read.set(key, models)
  return models
}
const plan = (options: Partial<InitOptions> = {}) =>
  planInit(project.folder, { ...DEFAULTS, ...options }, modelsOf)
const actions = async (options: Partial<InitOptions> = {}) =>
  Object.fromEntries((await plan(options)).changes.map(({ path, action }) => [path, action]))

/** The library's migrations, as the project has them afterwards. */
const MIGRATIONS = readdirSync('prisma/migrations')
  .filter((name) => /^\d/.test(name) && !name.endsWith('_travel_agency'))
  .map((name) => `prisma/migrations/${name}/migration.sql`)
/** Models and enums of the library, each with its Postgres schema. */
const LIBRARY_BLOCKS =
  readFileSync('prisma/schema/writeback.prisma', 'utf8').match(/^(model|enum) /gm)?.length ?? 0
const FIRST = MIGRATIONS[0] as string

describe('a project with one schema file', () => {
  test('the plan changes nothing; what it says is what is done; the second time there is nothing to do', async () => {
    const before = await project.read('prisma/schema.prisma')
    const first = await plan()
    expect(await project.read('prisma/schema.prisma')).toBe(before)
    expect(existsSync(join(project.folder, 'writeback.config.ts'))).toBe(false)
    expect(Object.fromEntries(first.changes.map(({ path, action }) => [path, action]))).toEqual({
      'prisma/schema.prisma': 'append',
      ...Object.fromEntries(MIGRATIONS.map((path) => [path, 'create'])),
      'writeback.config.ts': 'create',
      Procfile: 'create',
    })
    await applyChanges(project.folder, first.changes)
    for (const { path, before, added } of first.changes)
      expect(await project.read(path)).toBe((before ?? '') + added)
    expect((await project.read('prisma/schema.prisma')).startsWith(before)).toBe(true)
    expect(new Set(Object.values(await actions()))).toEqual(new Set(['unchanged']))
  })

  test('the config has the models that were asked for, the others as comments, and no secrets', async () => {
    await applyChanges(project.folder, (await plan({ models: ['Order'] })).changes)
    const config = await project.read('writeback.config.ts')
    expect(config).toContain("      model: 'Order',")
    expect(config).toContain("    //   model: 'Customer',")
    expect(config).not.toContain('SyncTarget')
    expect(config).toContain("// 'passwordHash' looks like a secret")
    expect(config).toContain("from './src/generated/client/client.ts'")
    expect(config).toContain("from './src/generated/writeback/data-model.ts'")
  })

  test('a model that is not there is refused by name', async () => {
    await expect(plan({ models: ['Ordr'] })).rejects.toThrow(/expected one of Customer, Order, got Ordr/)
  })

  test('without migrations for databases kept with db push, which are those without migrations', async () => {
    expect(Object.keys(await actions({ migrations: false }))).not.toContain(FIRST)
    await rm(join(project.folder, 'prisma/migrations'), { recursive: true })
    const { changes, next } = await plan()
    expect(changes.filter(({ path }) => path.includes('migrations'))).toEqual([])
    expect(next.join('\n')).toMatch(/npx prisma db push.*npx writeback migrate/)
  })
})

describe("a project whose database's address names a schema", () => {
  const before = process.env.DATABASE_URL
  afterEach(() => {
    if (before === undefined) delete process.env.DATABASE_URL
    else process.env.DATABASE_URL = before
  })

  test('gets it in the configuration, in the adapters, and in no other project', async () => {
    process.env.DATABASE_URL = 'postgres://user:hunter2@localhost:5432/app?schema=tenant'
    const { changes, snippet } = await plan()
    const config = changes.find(({ path }) => path === 'writeback.config.ts')?.added ?? ''
    expect(config).toContain("schemas: { library: 'tenant' },")
    for (const text of [config, snippet])
      expect(text).toMatch(/new PrismaPg\(\{ .* \}, \{ schema: 'tenant' \}\)/)
    expect(config).not.toContain('hunter2')

    process.env.DATABASE_URL = 'postgres://user:hunter2@localhost:5432/app?schema=public'
    const plain = await plan()
    expect(JSON.stringify([plain.changes, plain.snippet])).not.toMatch(/library: '|schema: '/)
  })
})

describe('a project with a schema folder', () => {
  beforeEach(async () => {
    const [head = '', order = ''] = SHOP['prisma/schema.prisma'].split(/(?=model Order)/)
    await project.write('prisma/schema/main.prisma', head)
    await project.write('prisma/schema/models/order.prisma', order)
    await project.write('prisma.config.ts', SHOP['prisma.config.ts'].replace('schema.prisma', 'schema'))
  })

  test('gets a schema file of its own and the generator beside the client', async () => {
    const { changes } = await plan()
    expect(changes.slice(0, 2).map(({ path, action }) => [path, action])).toEqual([
      ['prisma/schema/main.prisma', 'append'],
      ['prisma/schema/writeback.prisma', 'create'],
    ])
    await applyChanges(project.folder, changes)
    expect(await project.read('prisma/schema/writeback.prisma')).toBe(
      await project.read(join('..', '..', resolve('prisma/schema/writeback.prisma'))),
    )
  })
})

describe('the command', () => {
  const init = async (...args: string[]) => {
    try {
      const { stdout } = await run(process.execPath, [resolve('cli/main.ts'), 'init', ...args], {
        cwd: project.folder,
        env: { ...project.env },
      })
      return { code: 0, stdout, stderr: '' }
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string }
    }
  }

  test('shows every change and, where nobody can be asked, changes nothing', async () => {
    const { code, stdout, stderr } = await init(
      '--spreadsheet',
      'https://docs.google.com/spreadsheets/d/1Bxi_M-V/edit#gid=0',
    )
    expect(code).toBe(1)
    expect(stderr).toContain('--yes')
    expect(stdout).toContain('  + generator writeback {')
    expect(stdout).toContain("  + const spreadsheetId = '1Bxi_M-V'")
    expect(stdout).toContain('  + worker: npx writeback worker')
    expect(existsSync(join(project.folder, 'Procfile'))).toBe(false)
  })

  test('--json is the plan, and changes nothing without --yes; a file that differs is status 3', async () => {
    const planned = JSON.parse((await init('--json')).stdout)
    expect(planned).toMatchObject({
      applied: false,
      snippet: expect.stringContaining('$extends(writeback(config))'),
    })
    expect(existsSync(join(project.folder, 'Procfile'))).toBe(false)
    expect(JSON.parse((await init('--json', '--yes')).stdout).applied).toBe(true)
    await project.write(FIRST, '-- mine\n')
    const { code, stdout } = await init()
    expect(code).toBe(3)
    expect(stdout).toMatch(/differs +prisma.migrations.*left as it is/)
  })
})

describe('what is there already', () => {
  test('a file that differs is named and left alone', async () => {
    await applyChanges(project.folder, (await plan()).changes)
    await project.write(FIRST, '-- mine\n')
    const schema = (await project.read('prisma/schema.prisma')).replace('rowsRemoved', 'rowsGone')
    await project.write('prisma/schema.prisma', schema)
    const again = await plan()
    expect(again.changes.filter(({ action }) => action === 'differs').map(({ path }) => path)).toEqual([
      'prisma/schema.prisma',
      FIRST,
    ])
    await applyChanges(project.folder, again.changes)
    expect(await project.read(FIRST)).toBe('-- mine\n')
    expect(await project.read('prisma/schema.prisma')).toBe(schema)
  })

  test("the application's own config stays", async () => {
    await project.write('writeback.config.mjs', 'export default 1\n')
    expect((await actions())['writeback.config.mjs']).toBe('unchanged')
    expect(Object.keys(await actions())).not.toContain('writeback.config.ts')
  })

  test('process types of the Procfile stay, and what is missing is added or said', async () => {
    await project.write('Procfile', 'web: node server.js\nrelease: npx prisma migrate deploy')
    const { changes, next } = await plan()
    await applyChanges(project.folder, changes)
    expect(await project.read('Procfile')).toBe(
      'web: node server.js\nrelease: npx prisma migrate deploy\nworker: npx writeback worker\n',
    )
    expect(next.join('\n')).toMatch(/has "release:" for something else: run "npx writeback migrate"/)
  })

  test("tables made by a migration of the application's own are not made again", async () => {
    await project.write(
      'prisma/migrations/20260202000000_tables/migration.sql',
      'CREATE TABLE "sync_target" ();\n',
    )
    expect(Object.keys(await actions())).not.toContain(FIRST)
  })

  test('a file that is saved between preview and yes is not overwritten, and nothing else is written', async () => {
    const { changes } = await plan()
    await project.write('Procfile', 'web: node server.js\n')
    await expect(applyChanges(project.folder, changes)).rejects.toThrow(
      /Procfile has changed since it was read/,
    )
    expect(existsSync(join(project.folder, 'writeback.config.ts'))).toBe(false)
  })
})

describe('a schema that does not fit', () => {
  const edit = async (change: (text: string) => string) =>
    project.write('prisma/schema.prisma', change(await project.read('prisma/schema.prisma')))

  test('another database', async () => {
    await edit((text) => text.replace('"postgresql"', '"mysql"'))
    await expect(plan()).rejects.toThrow(/Postgres alone.*got mysql/)
  })

  test("a model with a name of the library's: Prisma's words, and nothing is changed", async () => {
    await edit((text) => `${text}\nmodel SyncLane {\n  id Int @id\n}\n`)
    await expect(plan()).rejects.toThrow(/does not accept.*SyncLane/)
  })

  test('a Prisma that cannot run: the schema is not blamed', async () => {
    process.env.PRISMA_SCHEMA_ENGINE_BINARY = join(project.folder, 'no-engine')
    await expect(plan()).rejects.toThrow(/Prisma could not read the schema.*no-engine/)
  })

  test('several Postgres schemas: the tables of the library are in public, or in the first where there is no such', async () => {
    const inShop = (text: string) => text.replace(/^(model \w+ \{[\s\S]*?)^\}/gm, '$1  @@schema("shop")\n}')
    await edit((text) => inShop(text.replace('"postgresql"', '"postgresql"\n  schemas  = ["shop"]')))
    const { changes } = await plan()
    expect(changes[0]?.added.match(/@@schema\("shop"\)/g)).toHaveLength(LIBRARY_BLOCKS)
    const added = (name: string) => changes.find(({ path }) => path.endsWith(name))?.added
    expect(added('_writeback/migration.sql')).toContain('CREATE TABLE "shop"."sync_target" (')
    expect(added('writeback.config.ts')).toContain("  schemas: { library: 'shop' },")
    await edit((text) => text.replace('["shop"]', '["shop", "public"]'))
    expect((await plan()).changes[0]?.added.match(/@@schema\("public"\)/g)).toHaveLength(LIBRARY_BLOCKS)
  })

  test('package.json that does not parse', async () => {
    await project.write('package.json', '{ "name": "shop", }')
    await expect(plan()).rejects.toThrow(/package\.json is not JSON that parses/)
  })

  test('a variable that prisma.config.ts wants: its name, and how it is set', async () => {
    const config = (await project.read('prisma.config.ts'))
      .replace('{ defineConfig }', '{ defineConfig, env }')
      .replace("process.env.DATABASE_URL ?? ''", "env('SHOP_URL')")
    await project.write('prisma.config.ts', config)
    await expect(plan()).rejects.toThrow(/SHOP_URL.*SHOP_URL=\.\.\. npx writeback.*dotenv\/config/)
    await project.write('prisma.config.ts', 'export default {')
    await expect(plan()).rejects.toThrow(/Prisma's configuration does not load.*Correct prisma.config.ts/)
  })

  test('no Prisma project', async () => {
    await project.write('empty/package.json', '{}')
    await expect(planInit(join(project.folder, 'empty'), DEFAULTS)).rejects.toThrow(/no Prisma schema/)
    await expect(planInit(join(project.folder, 'src'), DEFAULTS)).rejects.toThrow(/no package.json/)
  })
})
