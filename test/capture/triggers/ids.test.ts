import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { WritebackConfig } from '../../../src/config/define-config.ts'
import type { Sql } from '../../../src/database/sql.ts'
import type { Model } from '../../../src/model/data-model.ts'
import { decodeRecordId, encodeRecordId } from '../../../src/model/record-id.ts'
import { installJobs } from '../../../src/operations/install.ts'
import { PrismaReader } from '../../../src/source/prisma-reader.ts'
import { Sight } from '../../../src/source/sight.ts'
import { TableLookup } from '../../../src/source/table-lookup.ts'
import { forClient } from '../../../src/targets/for-client.ts'
import type { SheetTarget } from '../../../src/targets/sheet/config/target.ts'
import {
  type AnyPrismaClient,
  type Application,
  delegateName,
  openApplication,
} from '../../differential/application.ts'
import { createEmptyDatabase, type TestDatabase } from '../../support/postgres.ts'
import { installTriggers } from './support.ts'

let database: TestDatabase
let application: Application
let prisma: AnyPrismaClient
let config: WritebackConfig

beforeAll(async () => {
  database = await createEmptyDatabase()
  application = await openApplication(fileURLToPath(new URL('./ids.prisma', import.meta.url)), database.url)
  const { dataModel } = application
  prisma = application.client()
  const { defineConfig, sheetTarget } = forClient<never>(dataModel)
  const models = Object.keys(dataModel.models).filter((name) => !name.startsWith('Sync'))
  config = defineConfig({
    targets: models.map((model) =>
      sheetTarget({ name: model, spreadsheetId: 's', tab: model, model, columns: ['note'] } as never),
    ),
  })
  await installJobs(database.url, config)
  await installTriggers(application.pool, config)
}, 120_000)

afterAll(async () => {
  await application?.close()
  await database?.drop()
})

async function takeKeys(): Promise<string[]> {
  const { rows } = await application.pool.query<{ singleton_key: string; data: { operation: string } }>(
    `delete from pgboss.job where name = 'sync.write-back' returning singleton_key, data`,
  )
  return rows.map((row) => `${row.singleton_key} ${row.data.operation}`).sort()
}

const uuid = '0B5B7D3C-3F2A-4C5E-9A0F-1D2E3F405060'

const samples: readonly [model: string, ids: readonly Record<string, unknown>[]][] = [
  [
    'Text',
    ['plain', 'with|pipe', 'back\\slash', "quo'te", 'ümläut 🛫', ' spaces ', 'a:b'].map((id) => ({ id })),
  ],
  ['Number', [0, -1, 2147483647].map((id) => ({ id }))],
  ['Big', [9223372036854775807n, -5n].map((id) => ({ id }))],
  ['Small', [{ id: -32768 }]],
  ['Uuid', [{ id: uuid }]],
  ['Padded', ['ab', 'abcde'].map((id) => ({ id }))],
  ['Address', ['10.0.0.1', '10.1.0.0/16', '::1'].map((id) => ({ id }))],
  ['Flag', [true, false].map((id) => ({ id }))],
  ['Sized', ['SMALL', 'LARGE', 'MEDIUM'].map((id) => ({ id }))],
  ['Day', ['2026-11-21T00:00:00.000Z', '0099-01-02T00:00:00.000Z'].map((id) => ({ id: new Date(id) }))],
  ['Moment', ['2026-11-21T10:11:12.345Z', '1969-12-31T23:59:59.999Z'].map((id) => ({ id: new Date(id) }))],
  ['Plain', ['2026-11-21T10:11:12.340Z', '2026-02-28T23:00:00.000Z'].map((id) => ({ id: new Date(id) }))],
  ['Hour', ['1970-01-01T10:11:12.034Z', '1970-01-01T00:00:00.000Z'].map((id) => ({ id: new Date(id) }))],
  [
    'Compound',
    ['a', 'a|b', 'a\\', '\\|', "'"].map((name) => ({
      ...{ name, size: 'LARGE', at: new Date(1.7e12 + 5), no: 3n, text: 'one' },
    })),
  ],
]

test.each(samples)('%s: triggers and library write the same id', async (name, ids) => {
  const model = application.dataModel.models[name]
  if (!model) throw new Error(`no model ${name}`)
  const delegate = prisma[delegateName(name)]
  // As Prisma Client reads them back: it is these values that the extension and the worker encode.
  const written = []
  for (const data of ids) written.push(await delegate.create({ data }))
  const keys = written.map((record) => `${name}:${name}:${encodeRecordId(model, record)}`)
  expect(await takeKeys()).toEqual(keys.map((key) => `${key} create`).sort())

  await delegate.updateMany({ data: { note: 'changed' } })
  expect(await takeKeys()).toEqual(keys.map((key) => `${key} update`).sort())
  await delegate.updateMany({ data: { note: 'changed' } })
  expect(await takeKeys()).toEqual([])
  await delegate.deleteMany({})
  expect(await takeKeys()).toEqual(keys.map((key) => `${key} delete`).sort())
})

test.each(samples)(
  '%s: a record is found past Prisma Client, and one that is not there is not',
  async (name, ids) => {
    const model = application.dataModel.models[name] as Model
    const delegate = prisma[delegateName(name)]
    const written = []
    for (const data of ids) written.push(encodeRecordId(model, await delegate.create({ data })))
    const [gone, ...kept] = written as [string, ...string[]]
    const client = await application.pool.connect()
    try {
      await client.query(`set timezone = 'Pacific/Auckland'; set datestyle = 'SQL, DMY'`)
      const sql: Sql = { query: async (text, values) => (await client.query(text, [...(values ?? [])])).rows }
      const lookup = new TableLookup(sql, application.dataModel)
      expect(await lookup.present(model, written)).toEqual(new Set(written))
      await delegate.deleteMany({ where: decodeRecordId(model, gone) })
      expect(await lookup.present(model, written)).toEqual(new Set(kept))
      expect(await lookup.count(model)).toBe(kept.length)
      const reader = new PrismaReader(
        prisma,
        application.dataModel,
        new Sight(prisma, sql, application.dataModel),
      )
      const target = config.targets.find((one) => one.model === name) as SheetTarget
      const { records, failed, unconfirmed } = await reader.read(target, written)
      expect([[...records.keys()].toSorted(), failed.size, unconfirmed]).toEqual([
        kept.toSorted(),
        0,
        undefined,
      ])
    } finally {
      client.release(true)
      await delegate.deleteMany({})
      await takeKeys()
    }
  },
)

test('dates are in UTC whatever the time zone of the session is', async () => {
  const at = new Date('2026-07-01T12:00:00.000Z')
  const client = await application.pool.connect()
  try {
    await client.query(`set timezone = 'Pacific/Auckland'; set datestyle = 'SQL, DMY'`)
    await client.query('insert into "Moment" (id) values ($1::timestamptz)', [at.toISOString()])
    await client.query('insert into "Plain" (id) values ($1::timestamp)', ['2026-07-01 12:00:00'])
    await client.query('insert into "Day" (id) values ($1::date)', ['2026-07-01'])
  } finally {
    client.release(true)
  }
  expect(await takeKeys()).toEqual([
    'Day:Day:2026-07-01T00:00:00.000Z create',
    'Moment:Moment:2026-07-01T12:00:00.000Z create',
    'Plain:Plain:2026-07-01T12:00:00.000Z create',
  ])
})
