import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'writeback-config-')))
afterAll(() => rmSync(folder, { recursive: true }))

const SECRET = 'hunter2-do-not-show'
const LIBRARY = JSON.stringify(resolve('src/index.ts'))
const MODEL = `export const dataModel = ${JSON.stringify({
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
})}`
const CONFIG = `defineConfig({
  targets: [sheetTarget({ name: 'tags', spreadsheetId: 's', tab: 'Tags', model: 'Tag', columns: ['name'] })],
})`
const made = (model: string, library = LIBRARY) => `import { forClient } from ${library}
import { dataModel } from ${JSON.stringify(model)}
const { defineConfig, sheetTarget } = forClient(dataModel)
`
/** What compilers make of a module for CommonJS. */
const compiled = `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const library = require(${LIBRARY});
const { defineConfig, sheetTarget } = library.forClient(require("./model.cjs").dataModel);
exports.default = ${CONFIG};
`
const cjsModel = MODEL.replace('export const', 'exports.dataModel = ').replace(
  'dataModel =  dataModel =',
  'dataModel =',
)

interface Case {
  readonly what: string
  /** Files of the project by path; the first is the configuration. */
  readonly files: Readonly<Record<string, string>>
  /** What the line says; undefined where the configuration loads. */
  readonly says?: readonly string[]
}

const ESM = { 'package.json': '{"type":"module"}' }
const CJS = { 'package.json': '{"type":"commonjs"}' }
const NONE = { 'package.json': '{}' }
const typed = 'import type { DataModel } from "nowhere"\nexport type X = DataModel\n'

const LOADS: readonly Case[] = [
  {
    what: 'an ES module in TypeScript, imports with .ts',
    files: {
      'writeback.config.ts': `${made('./model.ts')}export default ${CONFIG}`,
      'model.ts': MODEL,
      ...ESM,
    },
  },
  {
    what: 'imports of .js where there is a .ts, as nodenext wants them',
    files: {
      'writeback.config.ts': `${made('./model.js')}export default ${CONFIG}`,
      'model.ts': MODEL,
      ...ESM,
    },
  },
  {
    what: 'imports without an extension, as bundlers want them',
    files: {
      'writeback.config.ts': `${made('./model')}export default ${CONFIG}`,
      'model.ts': typed + MODEL,
      ...ESM,
    },
  },
  {
    what: 'an import of a folder',
    files: {
      'writeback.config.ts': `${made('./generated')}export default ${CONFIG}`,
      'generated/index.ts': `export * from './model'`,
      'generated/model.ts': MODEL,
      ...NONE,
    },
  },
  {
    what: 'TypeScript of a CommonJS package',
    files: { 'writeback.config.ts': `${made('./model')}export default ${CONFIG}`, 'model.ts': MODEL, ...CJS },
  },
  {
    what: 'TypeScript of a package that says nothing',
    files: {
      'writeback.config.ts': `${made('./model')}export default ${CONFIG}`,
      'model.ts': MODEL,
      ...NONE,
    },
  },
  {
    what: '.mts beside .mjs imports',
    files: {
      'writeback.config.mts': `${made('./model.mjs')}export default ${CONFIG}`,
      'model.mts': MODEL,
      ...CJS,
    },
  },
  {
    what: '.cts with imports',
    files: {
      'writeback.config.cts': `${made('./model.cjs')}export default ${CONFIG}`,
      'model.cts': MODEL,
      ...ESM,
    },
  },
  {
    what: 'what a compiler makes for CommonJS',
    files: { 'writeback.config.js': compiled, 'model.cjs': cjsModel, ...CJS },
  },
  {
    what: 'the same, imported by an ES module that passes it on',
    files: {
      'writeback.config.mjs': "import config from './built.cjs'\nexport default config",
      'built.cjs': compiled,
      'model.cjs': cjsModel,
      ...ESM,
    },
  },
  {
    what: 'module.exports',
    files: {
      'writeback.config.cjs': compiled
        .replace('exports.default', 'module.exports')
        .replace(/^Object.*\n/m, ''),
      'model.cjs': cjsModel,
      ...ESM,
    },
  },
  {
    what: 'plain JavaScript',
    files: {
      'writeback.config.mjs': `${made('./model.mjs')}export default ${CONFIG}`,
      'model.mjs': MODEL,
      ...CJS,
    },
  },
]

const FAILS: readonly Case[] = [
  {
    what: 'the generated client is missing',
    files: { 'writeback.config.ts': `import './src/generated/prisma/client.js'`, ...ESM },
    says: ['there is no', 'src/generated/prisma/client.js', 'Run "npx prisma generate"'],
  },
  {
    what: 'the data model is missing',
    files: { 'writeback.config.ts': `import './writeback/data-model'`, ...CJS },
    says: ['there is no', 'writeback/data-model', 'Run "npx prisma generate"'],
  },
  {
    what: 'another file is missing',
    files: { 'writeback.config.ts': `import './src/sheets.js'`, ...ESM },
    says: ['there is no', 'src/sheets.js', 'Correct the path'],
  },
  {
    what: 'a package is missing',
    files: { 'writeback.config.ts': `import { PrismaPg } from '@acme/adapter-pg/edge'`, ...ESM },
    says: ['there is no @acme/adapter-pg', 'npm install @acme/adapter-pg'],
  },
  {
    what: 'a package is missing for CommonJS',
    files: { 'writeback.config.cjs': `require('acme')`, ...ESM },
    says: ['there is no acme', 'npm install acme'],
  },
  {
    what: 'an alias of tsconfig.json',
    files: { 'writeback.config.ts': `import { prisma } from '@/lib/prisma'`, ...ESM },
    says: ['@/lib', 'alias of tsconfig.json', 'relative path'],
  },
  {
    what: 'TypeScript that does not parse',
    files: { 'writeback.config.ts': 'const a = 1\nconst b: = 2', ...ESM },
    says: ['writeback.config.ts:2 is not TypeScript that parses', 'Correct it'],
  },
  {
    what: 'TypeScript that does not parse in what it imports',
    files: { 'writeback.config.ts': `import './deep.ts'`, 'deep.ts': '\n\nexport const = 1', ...ESM },
    says: ['deep.ts:3 is not TypeScript that parses'],
  },
  {
    what: 'JavaScript that does not parse',
    files: { 'writeback.config.mjs': 'const a = 1\n\nconst b = = 2', ...ESM },
    says: ['writeback.config.mjs:3 is not JavaScript that parses', "Unexpected token '='"],
  },
  {
    what: 'CommonJS that does not parse',
    files: { 'writeback.config.cjs': 'const a = 1\nconst b = {', ...ESM },
    says: ['writeback.config.cjs:2 is not JavaScript that parses'],
  },
  {
    what: 'an enum, which Node cannot strip',
    files: { 'writeback.config.ts': `import './color.ts'`, 'color.ts': 'export enum Color { RED }', ...ESM },
    says: ['cannot do that in', 'color.ts:1', 'TypeScript enum', '--import=tsx', '--config'],
  },
  {
    what: 'a name that is not exported',
    files: { 'writeback.config.ts': `import { nix } from './a.ts'`, 'a.ts': 'export const b = 1', ...ESM },
    says: ['writeback.config.ts:1', "does not provide an export named 'nix'", 'Correct what it imports'],
  },
  {
    what: 'import in CommonJS',
    files: { 'writeback.config.cjs': `import './a.cjs'`, ...ESM },
    says: ['uses import or export', 'CommonJS', '.mjs or .mts'],
  },
  {
    what: 'require in an ES module',
    files: { 'writeback.config.js': `\nconst a = require('node:fs')`, ...ESM },
    says: ['writeback.config.js:2', 'uses require', '.cjs'],
  },
  {
    what: '__dirname in an ES module',
    files: { 'writeback.config.ts': 'export default __dirname', ...ESM },
    says: ['uses __dirname', 'import.meta.dirname'],
  },
  {
    what: 'it throws',
    files: {
      'writeback.config.ts': `\nthrow new Error('no postgres://ada:${SECRET}@db/app')`,
      ...ESM,
    },
    says: ['threw an error', 'no postgres://***@db/app', 'Correct it in', 'writeback.config.ts:2:7'],
  },
  {
    what: 'what it imports throws',
    files: { 'writeback.config.ts': `import './env'`, 'env.ts': `const a: number = 1\nnull.x`, ...NONE },
    says: ['threw an error', 'Cannot read properties of null', 'env.ts:2'],
  },
  {
    what: 'it throws what is no error',
    files: { 'writeback.config.ts': `throw '${SECRET}'`, ...ESM },
    says: ['something that is no error'],
  },
  {
    what: 'no default export',
    files: { 'writeback.config.ts': 'export const config = 1', ...ESM },
    says: ['exports no configuration', 'no default export'],
  },
  {
    what: 'the options as they are',
    files: { 'writeback.config.ts': 'export default { targets: [] }', ...ESM },
    says: ['exports no configuration', 'defineConfig', 'an object'],
  },
  {
    what: 'a promise',
    files: { 'writeback.config.ts': 'export default Promise.resolve({})', ...ESM },
    says: ['exports no configuration', 'a promise'],
  },
  {
    what: 'a wrong option',
    files: {
      'writeback.config.ts': `${made('./model.ts')}export default defineConfig({})`,
      'model.ts': MODEL,
      ...ESM,
    },
    says: ['defineConfig: targets: expected a list, got nothing'],
  },
  {
    what: 'a folder',
    files: { 'writeback.config.ts/a': '' },
    says: ['no configuration file', 'the path of a file', 'the folder'],
  },
]

const results = new Map<string, unknown>()

beforeAll(async () => {
  const all = [...LOADS, ...FAILS]
  const paths = all.map(({ what, files }) => {
    const project = join(folder, what.replace(/\W+/g, '-'))
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(project, path)), { recursive: true })
      writeFileSync(join(project, path), text)
    }
    return join(project, (Object.keys(files)[0] as string).split('/')[0] as string)
  })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  const { stdout, stderr } = await run(process.execPath, [resolve('test/config/load-all.ts'), ...paths], {
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  // Node says more of import in CommonJS by itself; nothing is said of a package without a type.
  expect(stderr).not.toContain('MODULE_TYPELESS_PACKAGE_JSON')
  for (const [at, result] of JSON.parse(stdout).entries()) results.set((all[at] as Case).what, result)
})

describe('a configuration loads as its project writes modules', () => {
  test.each(LOADS)('$what', ({ what }) => {
    expect(results.get(what)).toEqual(['tags'])
  })
})

describe('a configuration that does not load: one line, with its own cause and remedy', () => {
  test.each(FAILS)('$what', ({ what, says = [] }) => {
    const line = results.get(what)
    expect(line).toMatch(/^CONFIG_INVALID /)
    for (const words of says) expect(line).toContain(words)
    expect(line).not.toContain(SECRET)
    expect(line).not.toMatch(/\n|^\s+at /)
    if (!says.join().includes('prisma generate')) expect(line).not.toContain('prisma generate')
  })
})
