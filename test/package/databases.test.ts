import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Emulator, startEmulator } from '../../packages/sheets-emulator/index.ts'
import { QUEUES } from '../../src/queue/queue-names.ts'
import { createEmptyDatabase } from '../support/postgres.ts'
import { until } from '../support/wait.ts'
import { makeProject, ONE_CHECKER } from './consumer-project.ts'
import { linkFlat } from './linked-packages.ts'
import { pack } from './pack.ts'
import { PLACE_ORDER, SHOP } from './shop.ts'

/*
 * Databases that are kept in other ways than that of consumer.test.ts: each from init to the row in the sheet, with the
 * packed package and real processes.
 */

vi.setConfig({ testTimeout: 300_000, maxConcurrency: 2 })

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())

type Files = Readonly<Record<string, string>>

const { 'prisma/migrations/migration_lock.toml': _lock, ...withoutLock } = SHOP
const { 'prisma/migrations/20260101000000_init/migration.sql': firstMigration, ...withoutMigrations } =
  withoutLock

/** Each model in a Postgres schema of its own, and none in `public`. */
const twoSchemas: Files = {
  ...SHOP,
  'prisma/schema.prisma': SHOP['prisma/schema.prisma']
    .replace('provider = "postgresql"', 'provider = "postgresql"\n  schemas  = ["sales", "crm"]')
    .replace('orders       Order[]\n', 'orders       Order[]\n\n  @@schema("crm")\n')
    .replace('customerId Int\n', 'customerId Int\n\n  @@schema("sales")\n'),
  'prisma/migrations/20260101000000_init/migration.sql': `CREATE SCHEMA "crm";\nCREATE SCHEMA "sales";\n${firstMigration
    .replaceAll(/(TABLE|REFERENCES) "Customer"/g, '$1 "crm"."Customer"')
    .replaceAll('TABLE "Order"', 'TABLE "sales"."Order"')}`,
}

test.concurrent.each<[name: string, files: Files, commands: readonly string[]]>([
  ['prisma db push, without migrations', withoutMigrations, ['prisma db push', 'writeback migrate']],
  [
    'two Postgres schemas, and triggers',
    twoSchemas,
    ['writeback migrate', 'writeback triggers --yes', 'writeback migrate', 'writeback triggers --check'],
  ],
])('%s', async (name, files, commands) => {
  const id = emulator.createSpreadsheet({ properties: { title: name } })
  const database = await createEmptyDatabase()
  const shop = await makeProject({ DATABASE_URL: database.url, SHEETS_API_URL: emulator.url })
  try {
    for (const [path, text] of Object.entries({ ...files, ...PLACE_ORDER })) await shop.write(path, text)
    await linkFlat(shop.folder, (await pack()).tarball)
    await shop.run('writeback', 'init', '--yes', '--model', 'Order', '--spreadsheet', id)
    await shop.run('prisma', 'generate')
    for (const command of commands) {
      const [program = '', ...args] = command.split(' ')
      await shop.run(program, ...args)
    }
    await shop.run('tsc', '--noEmit', ...ONE_CHECKER)
    expect(await shop.run('node', 'src/place-order.ts')).toBe('=Ada\n')
    // The first comparison of the tab would write the row, too: it is the write that has published its job.
    expect(await published(database.url)).toEqual([{ record: '0042', userId: 'ada' }])
    const worker = shop.start('writeback', 'worker')
    try {
      const rows = await until(
        'the order is in the sheet',
        () => {
          const [, ...found] = rowsOf(id)
          return found.length > 0 && found
        },
        60_000,
      )
      expect(rows.map((cells) => cells.slice(0, 2))).toEqual([['0042', '19.9']])
      expect(await shop.run('node', 'src/check.ts')).toBe('well\n')
    } finally {
      expect(await worker.stop()).toEqual({ code: 0, signal: null })
    }
  } finally {
    await shop.remove()
    await database.drop()
  }
})

/** The jobs of changes, with who made them. */
async function published(url: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows } = await client.query(
      `select data->>'id' as record, data->'context'->>'userId' as "userId" from pgboss.job where name = $1`,
      [QUEUES.writeBack],
    )
    return rows
  } finally {
    await client.end()
  }
}

function rowsOf(id: string): string[][] {
  const { tabs } = emulator.control.spreadsheets.find(id)
  return tabs.some(({ meta }) => meta.title === 'Order') ? emulator.human(id).see('Order') : []
}
