import { PrismaPg } from '@prisma/adapter-pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorker } from '../../jobs/start-worker.ts'
import { type Emulator, startEmulator } from '../../packages/sheets-emulator/index.ts'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { readInstalled, renderTriggerMigration } from '../../src/capture/triggers/index.ts'
import type { WritebackConfig } from '../../src/config/define-config.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import { withConnection } from '../../src/database/connection.ts'
import { writeback as extension } from '../../src/index.ts'
import { installJobs } from '../../src/operations/install.ts'
import { openOperations } from '../../src/operations/operations.ts'
import { applyMigrations } from '../../tools/migrate.ts'
import reference from '../../writeback.config.ts'
import { writeback } from '../cli/support.ts'
import { createEmptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { until } from '../support/wait.ts'

/** A database whose address names a schema, as Prisma understands it: its migrations make every table there. */
let database: TestDatabase
let url: string
let config: WritebackConfig
let emulator: Emulator
beforeAll(async () => {
  database = await createEmptyDatabase()
  url = `${database.url}?schema=tenant`
  await applyMigrations(url)
  config = {
    ...reference,
    schemas: { library: 'tenant', queue: 'pgboss' },
    client: () =>
      new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 1 }, { schema: 'tenant' }) }),
  }
  emulator = await startEmulator()
  emulator.createSpreadsheet({ properties: { title: 'test' } }, 'demo')
})
afterAll(async () => {
  await emulator.close()
  await database.drop()
})

describe('a configuration that does not name that schema', () => {
  const wanted = {
    code: 'TABLES_MISSING',
    problem: `the library's tables are not in schema "public"`,
    got: 'them in "tenant"',
    remedy: expect.stringContaining(`schemas: { library: 'tenant' }`),
  }

  it('is told which it is, by the release step, workers and operations', async () => {
    await expect(installJobs(url, reference)).rejects.toMatchObject(wanted)
    await installJobs(url, config)
    await expect(openOperations(reference, { databaseUrl: url })).rejects.toMatchObject(wanted)
    const environment = readEnvironment({ DATABASE_URL: url, SHEETS_API_URL: emulator.url })
    await expect(
      startWorker(reference, { environment, log: pino({ level: 'silent' }) }),
    ).rejects.toMatchObject(wanted)
  })

  it('is told by every command, and by doctor as a finding', async () => {
    const env = { DATABASE_URL: url, SHEETS_API_URL: emulator.url }
    const status = await writeback(['status'], env)
    expect(status).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^TABLES_MISSING .*library: 'tenant'/),
    })
    const doctor = await writeback(['doctor', '--no-places'], env)
    expect(doctor).toMatchObject({ code: 4, stdout: expect.stringContaining('tables: ') })
  })
})

describe('a configuration that names it', () => {
  it('captures by extension and by triggers, and its worker writes the rows', async () => {
    await installJobs(url, config)
    const plain = (await config.client?.()) as PrismaClient
    const prisma = plain.$extends(extension(config)) as unknown as PrismaClient
    const environment = readEnvironment({
      ...{ DATABASE_URL: url, SHEETS_API_URL: emulator.url },
      ...{ SHEETS_READS_PER_MINUTE: '10000', SHEETS_WRITES_PER_MINUTE: '10000' },
    })
    const worker = await startWorker(config, { environment, log: pino({ level: 'silent' }) })
    const operations = await openOperations(config, { databaseUrl: url })
    try {
      const airport = { country: 'USA', latitude: 1, longitude: 2 }
      await prisma.airport.create({ data: { ...airport, iata: 'AAA', name: 'By extension' } })
      await withConnection(url, 'test', async (sql) => {
        const migration = renderTriggerMigration(config, await readInstalled(sql, config.schemas), new Date())
        await sql.query(migration?.sql ?? '')
        await sql.query(
          `insert into tenant.airports (iata_code, name, country, latitude, longitude) values ('BBB', 'By trigger', 'USA', 1, 2)`,
        )
        await until('both rows are written', async () => {
          const [row] = await sql.query<{ count: number }>(
            `select count(*)::int as count from tenant.sync_record where target = 'airports'`,
          )
          return row?.count === 2
        })
      })
      const { verdict, complaints } = operations.health(await operations.stats())
      expect(complaints).toEqual([])
      expect(verdict).toBe('well')
    } finally {
      await operations.close()
      await worker.stop()
      await plain.$disconnect()
    }
  })
})
