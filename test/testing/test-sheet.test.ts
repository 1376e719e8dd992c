import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startWorker } from '../../jobs/start-worker.ts'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import { forClient, runWithContext, withWriteback } from '../../src/index.ts'
import { startTestSheet, type TestSheet } from '../../testing/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

vi.setConfig({ testTimeout: 120_000 })

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

let database: TestDatabase
let prisma: PrismaClient
let sheet: TestSheet
/** What the column Size does with a name. */
let size: (name: string) => number

const configOf = (url: string) =>
  defineConfig({
    client: () => new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 1 }) }),
    targets: [
      sheetTarget({
        name: 'airports',
        spreadsheetId: 'places',
        tab: 'Airports',
        model: 'Airport',
        key: 'IATA',
        columns: [
          { header: 'Name', field: 'name' },
          { header: 'Size', value: (airport) => size(airport.name) },
        ],
      }),
    ],
  })

beforeAll(async () => {
  database = await createTestDatabase()
  const config = configOf(database.url)
  const adapter = new PrismaPg({ connectionString: database.url, max: 2 })
  prisma = withWriteback(new PrismaClient({ adapter }), config)
  sheet = await startTestSheet(config, { databaseUrl: database.url, withinMs: 30_000 })
})
afterAll(async () => {
  await sheet.stop()
  await prisma.$disconnect()
  await database.drop()
})
beforeEach(async () => {
  size = (name) => name.length
  await prisma.airport.deleteMany()
  await sheet.reset()
})

const create = (iata: string, name = 'Tegel') =>
  prisma.airport.create({ data: { iata, name, country: 'DE', latitude: 1, longitude: 1 } })

test('a write has published a job; the queue is drained, and the row is there', async () => {
  await runWithContext({ userId: 'ada' }, () => create('TXL'))
  expect(await sheet.jobs()).toEqual([
    {
      ...{ id: expect.any(String), target: 'airports', model: 'Airport', record: 'TXL' },
      ...{ operation: 'create', context: { userId: 'ada' }, state: 'queued', error: undefined },
    },
  ])
  expect(await sheet.jobs({ record: 'SXF' })).toEqual([])
  expect(sheet.rows('airports')).toEqual([])

  expect(await sheet.drain()).toEqual({ done: 1, failed: [] })
  expect(sheet.rows('airports')).toEqual([{ IATA: 'TXL', Name: 'Tegel', Size: '5' }])
  expect(await sheet.jobs()).toMatchObject([{ state: 'done' }])
  expect(await sheet.drain()).toEqual({ done: 0, failed: [] })
})

test('between tests everything is empty, and nothing of before is written', async () => {
  await create('TXL')
  await sheet.drain()
  await create('SXF')
  await sheet.reset()
  expect(await sheet.jobs()).toEqual([])
  expect(sheet.rows('airports')).toEqual([])
  await create('BER')
  await sheet.drain()
  expect(sheet.rows('airports')).toMatchObject([{ IATA: 'BER' }])
})

test('a person types into a cell, and the next write puts it right; a note of theirs stays', async () => {
  await create('TXL')
  await sheet.drain()
  sheet.type('airports', { row: { IATA: 'TXL' }, column: 'Name' }, 'Otto Lilienthal')
  sheet.type('airports', 'D1', 'Note')
  sheet.type('airports', { row: { IATA: 'TXL' }, column: 'Note' }, 'closed')
  expect(sheet.rows('airports')).toMatchObject([{ Name: 'Otto Lilienthal', Note: 'closed' }])
  await prisma.airport.update({ where: { iata: 'TXL' }, data: { name: 'Berlin Tegel' } })
  await sheet.drain()
  expect(sheet.rows('airports')).toEqual([{ IATA: 'TXL', Name: 'Berlin Tegel', Size: '12', Note: 'closed' }])
})

describe('a sheet that fails on request', () => {
  test.each([429, 500] as const)('status %i: the change is tried again', async (status) => {
    await create('TXL')
    sheet.fail(status)
    await sheet.drain()
    expect(sheet.rows('airports')).toHaveLength(1)
  })

  test('away: what remains is named with the reason; when it is back, nobody waits for the pause', async () => {
    await create('TXL')
    sheet.fail('away')
    await expect(sheet.drain({ withinMs: 2_000 })).rejects.toMatchObject({
      code: 'NOT_DRAINED',
      message: expect.stringMatching(/1 job \(TXL\): target "airports", .*SHEET_/),
    })
    sheet.recover()
    expect(await sheet.drain()).toMatchObject({ done: 1 })
  })
})

test('what fails is an error that names it, unless it is meant; the next call tries again', async () => {
  size = (name) => {
    if (name === 'bad') throw new Error('no size')
    return name.length
  }
  await create('BAD', 'bad')
  await create('TXL')
  await expect(sheet.drain()).rejects.toMatchObject({
    code: 'NOT_DRAINED',
    message: expect.stringMatching(/1 job \(BAD\): target "airports", failed, COLUMN_FAILED .*"Size"/),
  })
  expect(sheet.rows('airports')).toMatchObject([{ IATA: 'TXL' }])
  expect(await sheet.drain({ allowFailures: true })).toMatchObject({
    done: 0,
    failed: [{ record: 'BAD', state: 'retrying', error: { code: 'COLUMN_FAILED' } }],
  })
  size = (name) => name.length
  expect(await sheet.drain()).toEqual({ done: 1, failed: [] })
})

test('a dead letter is named with its reason', async () => {
  await create('TXL', 'x'.repeat(50_001))
  await expect(sheet.drain()).rejects.toThrow(/\(TXL\): target "airports", is a dead letter, CELL_TOO_LONG/)
  expect(await sheet.jobs({ state: 'dead' })).toMatchObject([
    { record: 'TXL', error: { code: 'CELL_TOO_LONG' } },
  ])
  // It was told: nothing has failed since.
  expect(await sheet.drain()).toEqual({ done: 0, failed: [] })
})

test('with a worker of its own: the rows are waited for, and it is not disturbed', async () => {
  const environment = readEnvironment({ ...sheet.environment, LOG_LEVEL: 'silent' })
  const worker = await startWorker(configOf(database.url), { environment })
  try {
    await create('TXL')
    expect(await sheet.waitForRows('airports', (rows) => rows.length === 1)).toMatchObject([{ IATA: 'TXL' }])
    await expect(
      sheet.waitForRows('airports', (rows) => rows.length === 2, { withinMs: 50 }),
    ).rejects.toMatchObject({ code: 'NOT_IN_TIME', message: expect.stringContaining('TXL') })
    await expect(sheet.reset()).rejects.toMatchObject({ code: 'OPERATION_INVALID' })
  } finally {
    await worker.stop()
  }
})

test('what is not there is said with what is', async () => {
  expect(() => sheet.rows('airprots')).toThrow(/expected one of airports, got airprots/)
  await create('TXL')
  await sheet.drain()
  expect(() => sheet.type('airports', { row: { IATA: 'SXF' }, column: 'Name' }, 'x')).toThrow(/TXL/)
  expect(() => sheet.type('airports', { row: { IATA: 'TXL' }, column: 'Nmae' }, 'x')).toThrow(
    /IATA, Name, Size/,
  )
})

test('a database without the tables is refused, and nothing stays open', async () => {
  const url = new URL(database.url)
  url.pathname = '/postgres'
  await expect(startTestSheet(configOf(url.href), { databaseUrl: url.href })).rejects.toMatchObject({
    code: 'TABLES_MISSING',
  })
})
