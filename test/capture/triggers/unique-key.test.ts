import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { WritebackConfig } from '../../../src/config/define-config.ts'
import { writeback } from '../../../src/index.ts'
import { installJobs } from '../../../src/operations/install.ts'
import { PrismaReader } from '../../../src/source/prisma-reader.ts'
import { forClient } from '../../../src/targets/for-client.ts'
import { type AnyPrismaClient, type Application, openApplication } from '../../differential/application.ts'
import { createEmptyDatabase, type TestDatabase } from '../../support/postgres.ts'
import { installTriggers } from './support.ts'

let database: TestDatabase
let application: Application
let plain: AnyPrismaClient
let config: WritebackConfig

beforeAll(async () => {
  database = await createEmptyDatabase()
  application = await openApplication(
    fileURLToPath(new URL('./unique-key.prisma', import.meta.url)),
    database.url,
  )
  plain = application.client()
  const { defineConfig, sheetTarget } = forClient<never>(application.dataModel)
  const target = (name: string, model: string, include?: object) =>
    sheetTarget({
      name,
      spreadsheetId: 's',
      tab: name,
      model,
      columns: ['note'],
      ...(include && { include }),
    } as never)
  config = defineConfig({
    targets: [target('slots', 'Slot'), target('tagged', 'Tagged'), target('stays', 'Stay', { slot: true })],
  })
  await installJobs(database.url, config)
}, 120_000)

afterAll(async () => {
  await application?.close()
  await database?.drop()
})

beforeEach(async () => {
  await application.pool.query(`truncate slots, "Tagged", "Stay" cascade`)
  await take()
})

async function take(): Promise<string[]> {
  const { rows } = await application.pool.query<{ key: string }>(
    `delete from pgboss.job where name = 'sync.write-back' returning singleton_key as key`,
  )
  return [...new Set(rows.map(({ key }) => key.replace(/#.*/, '')))].sort()
}

test('the data model names the first usable unique, and how a where calls it', () => {
  const { Slot, Tagged, Stay } = application.dataModel.models
  expect(Slot).toMatchObject({ primaryKey: ['room', 'no'], primaryKeyName: 'place' })
  expect(Tagged).toMatchObject({ primaryKey: ['code'] })
  expect(Stay).toMatchObject({ primaryKey: ['room', 'no'] })
})

const captured = {
  extension: () => {
    const log = pino({ level: 'silent' })
    const extendable = plain as unknown as { $extends(extension: unknown): AnyPrismaClient }
    return extendable.$extends(
      writeback({ ...config, capture: { ...config.capture, mode: 'extension' } }, { log }),
    )
  },
  triggers: () => plain,
}

describe.each(['extension', 'triggers'] as const)('%s', (mode) => {
  let prisma: AnyPrismaClient
  beforeAll(async () => {
    if (mode === 'triggers') await installTriggers(application.pool, config)
    prisma = captured[mode]()
  })

  test('publishes creates, updates, changed keys and deletes under that key', async () => {
    await prisma.slot.createMany({ data: [1, 2].map((no) => ({ room: 'a|b', no, rate: 1 })) })
    await prisma.tagged.create({ data: { code: 'x' }, select: { note: true } })
    expect(await take()).toEqual(['slots:Slot:a\\|b|1', 'slots:Slot:a\\|b|2', 'tagged:Tagged:x'])

    await prisma.slot.update({ where: { place: { room: 'a|b', no: 1 } }, data: { note: 'n', maybe: 7 } })
    expect(await take()).toEqual(['slots:Slot:a\\|b|1'])
    // By another unique, and to another key.
    await prisma.slot.update({ where: { maybe: 7 }, data: { room: 'c' } })
    expect(await take()).toEqual(['slots:Slot:a\\|b|1', 'slots:Slot:c|1'])
    await prisma.tagged.updateMany({ where: { note: '' }, data: { code: 'y' } })
    expect(await take()).toEqual(['tagged:Tagged:x', 'tagged:Tagged:y'])
    await prisma.slot.upsert({
      where: { place: { room: 'c', no: 1 } },
      create: { room: 'c', no: 1, rate: 1 },
      update: { note: 'u' },
    })
    expect(await take()).toEqual(['slots:Slot:c|1'])

    await prisma.slot.delete({ where: { place: { room: 'c', no: 1 } } })
    await prisma.slot.deleteMany({})
    expect(await take()).toEqual(['slots:Slot:a\\|b|2', 'slots:Slot:c|1'])
  })

  test('follows relations, nested writes and cascades along it', async () => {
    await prisma.slot.create({ data: { room: 'r', no: 1, rate: 1, stays: { create: { note: 's' } } } })
    expect(await take()).toEqual(['slots:Slot:r|1', 'stays:Stay:r|1'])
    await prisma.slot.update({ where: { place: { room: 'r', no: 1 } }, data: { note: 'shown' } })
    expect(await take()).toEqual(['slots:Slot:r|1', 'stays:Stay:r|1'])
    await prisma.slot.update({ where: { place: { room: 'r', no: 1 } }, data: { no: 2 } })
    expect(await take()).toEqual(['slots:Slot:r|1', 'slots:Slot:r|2', 'stays:Stay:r|1', 'stays:Stay:r|2'])
    await prisma.slot.delete({ where: { place: { room: 'r', no: 2 } } })
    expect(await take()).toEqual(['slots:Slot:r|2', 'stays:Stay:r|2'])
  })
})

test('the worker reads records by it, one by one and in pages', async () => {
  const [slots, tagged] = config.targets
  if (!slots || !tagged) throw new Error('no targets')
  const reader = new PrismaReader(plain, config.dataModel)
  const numbers = Array.from({ length: 25 }, (_, at) => at)
  await plain.slot.createMany({ data: numbers.map((no) => ({ room: no % 2 ? 'a' : 'b', no, rate: no })) })
  await plain.tagged.createMany({ data: numbers.map((no) => ({ code: `c${no}` })) })
  const ids = {
    slots: numbers.map((no) => `${no % 2 ? 'a' : 'b'}|${no}`).sort(),
    tagged: numbers.map((no) => `c${no}`).sort(),
  }
  for (const [target, wanted] of [
    [slots, ids.slots],
    [tagged, ids.tagged],
  ] as const) {
    const read = await reader.read(target, [...wanted, 'x|99'])
    expect([...read.records.keys()].sort()).toEqual(wanted)
    const pages: string[] = []
    for await (const page of reader.pages(target, 10)) pages.push(...page.records.keys())
    expect(pages.sort()).toEqual(wanted)
  }
})
