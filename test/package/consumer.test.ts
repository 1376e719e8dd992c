import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createSheetsClient } from '../../src/targets/sheet/index.ts'
import { createEmptyDatabase } from '../support/postgres.ts'
import { until } from '../support/wait.ts'
import { type ConsumerProject, makeProject, ONE_CHECKER } from './consumer-project.ts'
import { pack } from './pack.ts'
import { PLACE_ORDER, SHOP } from './shop.ts'

const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
/** CONSUMER_PRISMA=7.5.0 tries the oldest Prisma that is supported, from the registry. */
const olderPrisma = process.env.CONSUMER_PRISMA

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

test('what a user does: install the package, init, migrate, start a worker, write a record, see the row', async () => {
  const database = await createEmptyDatabase()
  cleanUp.push(() => database.drop())
  const shop = await makeProject({ DATABASE_URL: database.url })
  cleanUp.push(() => shop.remove())

  const migrations = readdirSync('prisma/migrations')
    .filter((name) => /^\d/.test(name) && !name.endsWith('_travel_agency'))
    .map((name) => `prisma/migrations/${name}/migration.sql`)
  const { tarball, files } = await pack()
  expect(files.filter((path) => !path.startsWith('dist/')).sort()).toEqual(
    [
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json', 'prisma/schema/writeback.prisma'],
      ...['bin', 'docs'].flatMap(filesBelow),
      ...migrations,
    ].sort(),
  )
  expect(
    files.filter(
      (path) =>
        /^dist/.test(path) &&
        !/^dist\/(src|jobs|cli|testing|packages\/sheets-emulator)\/.*\.(js|js\.map|d\.ts)$/.test(path) &&
        !/^dist\/packages\/sheets-emulator\/(page\/assets\/\w+\.(css|html)|schema\/messages\.txt)$/.test(
          path,
        ) &&
        !/^dist\/commonjs\/(LICENSES\.txt|package\.json|.*\.d\.ts)$/.test(path) &&
        !/^dist\/commonjs\/(src\/index|src\/operations\/index|jobs\/start-worker|testing\/index)\.js$/.test(
          path,
        ),
    ),
  ).toEqual([])

  for (const [path, text] of Object.entries(SHOP)) await shop.write(path, text)
  await install(shop, tarball)
  const sourceMap = JSON.parse(await shop.read('node_modules/prisma-writeback/dist/src/index.js.map'))
  expect(sourceMap.sourcesContent[0]).toContain('The public API')

  const sheet = shop.start('writeback', 'sheet', '--port', '0')
  cleanUp.push(() => sheet.stop('SIGKILL'))
  const [, sheetsApiUrl = ''] = await until('the sheet is served', () =>
    /^SHEETS_API_URL=(.+)$/m.exec(sheet.said()),
  )

  await shop.run('prisma', 'generate')
  await shop.run('writeback', 'init', '--yes', '--model', 'Order', '--spreadsheet', 'shop-sheet')
  await shop.run('prisma', 'generate')
  await shop.run('writeback', 'migrate')
  // Ends with status 2 when the migrations and the schema do not say the same.
  const schema = 'prisma/schema.prisma'
  await shop.run(
    'prisma',
    'migrate',
    'diff',
    '--from-config-datasource',
    '--to-schema',
    schema,
    '--exit-code',
  )

  for (const [path, text] of Object.entries(PLACE_ORDER)) await shop.write(path, text)
  await shop.run('tsc', '--noEmit', ...ONE_CHECKER)
  const strictest = await shop
    .run('tsc', '--noEmit', '--skipLibCheck', 'false', ...ONE_CHECKER)
    .catch((error) => error.message)
  expect(strictest).not.toContain('node_modules/prisma-writeback/')

  shop.set('SHEETS_API_URL', sheetsApiUrl)
  const worker = shop.start('writeback', 'worker')
  cleanUp.push(() => worker.stop('SIGKILL'))
  expect(await shop.run('node', 'src/place-order.ts')).toBe('=Ada\n')
  const rows = await until('the order is in the sheet', () => rowsOf(sheetsApiUrl), 30_000)
  expect(rows[0]).toEqual(['ID', 'total', 'placedAt', 'customerId'])
  expect(rows[1]?.[0]).toBe('0042')
  expect(Number(rows[1]?.[1])).toBe(19.9)
  expect(rows).toHaveLength(2)
  expect(await shop.run('node', 'src/check.ts')).toBe('well\n')
  expect(await worker.stop()).toEqual({ code: 0, signal: null })

  // What Jest gets, which does not ask Node.
  expect(await shop.run('node', 'commonjs/compare.mjs')).toBe('')
  await shop.run('tsc', '--project', 'commonjs', ...ONE_CHECKER)
  expect(await shop.run('node', 'commonjs/main.cjs')).toBe('TARGET_UNKNOWN\n')

  const again = JSON.parse(await shop.run('writeback', 'init', '--json'))
  expect(new Set(again.changes.map(({ action }: { action: string }) => action))).toEqual(
    new Set(['unchanged']),
  )
}, 300_000)

/** Paths of all files in a folder of this repository. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/**
 * Installs the tarball beside the packages a user of Prisma has. The versions are those of this repository's lock file,
 * so that npm finds all of them in its cache.
 */
async function install(shop: ConsumerProject, tarball: string): Promise<void> {
  const version = (name: string) => (/prisma/.test(name) && olderPrisma) || devDependencies[name]
  const names = ['prisma', '@prisma/client', '@prisma/adapter-pg', 'typescript', '@types/node', '@types/pg']
  const dependencies = {
    'prisma-writeback': `file:${tarball}`,
    ...Object.fromEntries(names.map((name) => [name, version(name)])),
  }
  await shop.write('package.json', JSON.stringify({ ...JSON.parse(SHOP['package.json']), dependencies }))
  if (olderPrisma === undefined) {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
    const locked = { ...packages, '': { dependencies } }
    await shop.write('package-lock.json', JSON.stringify({ lockfileVersion: 3, packages: locked }))
  }
  await shop.run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund')
}

/** Rows of the tab once it has more than its header; null before. */
async function rowsOf(url: string): Promise<string[][] | null> {
  const api = createSheetsClient({ google: null, sheetsApiUrl: url })
  try {
    const { data } = await api.spreadsheets.values.get({
      spreadsheetId: 'shop-sheet',
      range: "'Order'!A1:D10",
    })
    return data.values && data.values.length > 1 ? (data.values as string[][]) : null
  } catch {
    // The tab is not there yet.
    return null
  }
}
