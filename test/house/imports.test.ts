import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** Files that do what they must not, with what they import. */
const REFUSED: readonly (readonly [path: string, imported: string])[] = [
  ['src/model/new.ts', '../config/../queue/queues.ts'],
  ['src/lane/new.ts', '../targets/sheet/google/api.ts'],
  ['src/capture/shown/new.ts', '../triggers/names.ts'],
  ['src/capture/triggers/new.ts', '../extension/seam.ts'],
  ['src/queue/new.ts', '../targets/register.ts'],
  ['src/operations/new.ts', '../../jobs/index.ts'],
  ['src/maintenance/new.ts', '../../cli/main.ts'],
  ['src/targets/sheet/cells/new.ts', '../tab/mapping.ts'],
  ['src/targets/sheet/write/new.ts', '../repair/ledger.ts'],
  ['src/targets/sheet/repair/new.ts', '../batch/work.ts'],
  ['jobs/new.ts', '../cli/main.ts'],
  ['packages/sheets-emulator/model/new.ts', '../../../src/errors.ts'],
]

const ALLOWED: readonly (readonly [path: string, imported: string])[] = [
  ['src/operations/good.ts', '../queue/queues.ts'],
  ['src/targets/sheet/repair/good.ts', '../write/verify.ts'],
  ['packages/sheets-emulator/model/good.ts', 'googleapis/build/src/apis/sheets/v4.js'],
]

const CIRCLE: readonly (readonly [path: string, imported: string])[] = [
  ['src/database/one.ts', './other.ts'],
  ['src/database/other.ts', './one.ts'],
]

let folder: string
let lines: readonly string[]

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'writeback-imports-'))
  for (const file of ['biome.json', 'biome.imports.json', '.gitignore'])
    copyFileSync(file, join(folder, file))
  for (const [path, imported] of [...REFUSED, ...ALLOWED, ...CIRCLE]) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `import { anything } from '${imported}'\n\nexport const value = anything\n`)
  }
  const biome = resolve('node_modules/.bin/biome')
  const { stdout, stderr } = spawnSync(biome, ['lint', '--max-diagnostics=none', '.'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  lines = (stdout + stderr).split('\n')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The rules that the linter names for a file. */
const rulesBrokenBy = (path: string) =>
  lines.flatMap((line) => (line.startsWith(`${path}:`) ? [/lint\/\w+\/(\w+)/.exec(line)?.[1]] : []))

test.each(REFUSED)('%s must not import %s', (path) => {
  expect(rulesBrokenBy(path)).toContain('noRestrictedImports')
})

test.each(ALLOWED)('%s may import %s', (path) => {
  expect(rulesBrokenBy(path)).toEqual([])
})

test.each(CIRCLE)('%s must not import %s, which imports it', (path) => {
  expect(rulesBrokenBy(path)).toEqual(['noImportCycles'])
})
