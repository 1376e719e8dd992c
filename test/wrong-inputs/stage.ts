import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient, withWriteback } from '../../src/index.ts'
import { startTestSheet } from '../../testing/index.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { SECRET } from './secret.ts'

/** Functions of a target, as an application writes them. */
export interface Functions {
  /** The function of the column "Size". */
  readonly value?: (airport: { name: string; country: string }, prisma: PrismaClient) => unknown
  readonly filter?: (airport: { name: string; country: string }, prisma: PrismaClient) => unknown
}

/** What wrong inputs are tried in. */
export interface Stage {
  /** A database with the tables and the queues. */
  readonly databaseUrl: string
  /** Writes a file. @returns its path */
  file(name: string, text: string): string
  /** Changes a record that a target shows with these functions, and lets a worker write it. */
  write(functions: Functions, name?: string): Promise<void>
  close(): Promise<void>
}

/** A database, a local sheet, and an empty folder. */
export async function openStage(): Promise<Stage> {
  const database = await createTestDatabase()
  const adapter = new PrismaPg({ connectionString: database.url, max: 2 })
  const client = new PrismaClient({ adapter })
  let functions: Functions = {}
  const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)
  const config = defineConfig({
    client: () => new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url, max: 1 }) }),
    targets: [
      sheetTarget({
        name: 'airports',
        spreadsheetId: 'places',
        tab: 'Airports',
        model: 'Airport',
        columns: ['name', { header: 'Size', value: (airport) => functions.value?.(airport, client) }],
        filter: (airport) => (functions.filter?.(airport, client) ?? true) as boolean,
      }),
    ],
  })
  const prisma = withWriteback(client, config)
  const sheet = await startTestSheet(config, { databaseUrl: database.url, withinMs: 30_000 })
  const folder = mkdtempSync(join(tmpdir(), 'wrong-inputs-'))
  return {
    databaseUrl: database.url,
    file(name, text) {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    },
    async write(given, name = SECRET) {
      functions = given
      await prisma.airport.deleteMany()
      await sheet.reset()
      await prisma.airport.create({
        data: { iata: 'TXL', name, country: SECRET, latitude: 1, longitude: 1 },
      })
      await sheet.drain()
    },
    async close() {
      await sheet.stop()
      await client.$disconnect()
      await database.drop()
      rmSync(folder, { recursive: true })
    },
  }
}
