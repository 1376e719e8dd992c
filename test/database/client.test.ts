import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { query } from './fixtures.ts'

let database: TestDatabase
let prisma: PrismaClient

beforeAll(async () => {
  database = await createTestDatabase()
  prisma = new PrismaClient({ adapter: new PrismaPg(database.url) })
  await prisma.country.create({ data: { code: 'IT', name: 'Italy', dialCode: '0039' } })
})

afterAll(async () => {
  await prisma.$disconnect()
  await database.drop()
})

test('every kind of field of an operator comes back as it was written', async () => {
  const data = {
    code: '007',
    name: 'Viaggi "Aurora" & figli',
    countryCode: 'IT',
    commissionRate: '0.1250',
    rating: 4.700000000000001,
    active: false,
    languages: ['it', 'de', 'a,b', ''],
    legacyId: 9_007_199_254_740_993n,
    foundedOn: new Date('1985-03-31'),
    settings: { nested: { list: [1, null, 'x'] } },
    logo: new Uint8Array([0, 255, 128]),
  }
  const { id } = await prisma.operator.create({ data })
  const read = await prisma.operator.findUniqueOrThrow({ where: { code: '007' } })

  expect(id).toBeGreaterThan(0)
  expect({ ...read, commissionRate: read.commissionRate.toFixed(4) }).toMatchObject(data)
  expect(read.createdAt.getTime()).toBeCloseTo(Date.now(), -5)
  const [stored] = await query(
    database.url,
    `select operator_code, display_name, legacy_id::text from operators where operator_id = ${id}`,
  )
  expect(stored).toEqual({ operator_code: '007', display_name: data.name, legacy_id: '9007199254740993' })
})

test('a request keeps its mapped enum, its times, its tags, its items and what it leaves open', async () => {
  const confirmedAt = new Date('2026-03-29T00:59:59.987Z')
  const { id } = await prisma.request.create({
    data: {
      reference: '000123',
      status: 'IN_PROGRESS',
      customerName: 'Ada',
      budget: '12345678.90',
      departureOn: new Date('2026-10-25'),
      confirmedAt,
      tags: { create: [{ name: 'family' }, { name: 'sea' }] },
      items: { create: [{ position: 1, kind: 'FLIGHT', title: 'Out' }] },
    },
  })
  const read = await prisma.request.findUniqueOrThrow({ where: { id }, include: { tags: true, items: true } })

  expect(read).toMatchObject({
    reference: '000123',
    status: 'IN_PROGRESS',
    confirmedAt,
    departureOn: new Date('2026-10-25'),
    customerEmail: null,
    preferences: null,
    comment: null,
    operatorId: null,
    passengers: 1,
    currency: 'EUR',
  })
  expect(read.budget?.toFixed(2)).toBe('12345678.90')
  expect(read.tags.map(({ name }) => name).sort()).toEqual(['family', 'sea'])
  expect(read.items).toMatchObject([{ requestId: id, position: 1, kind: 'FLIGHT', price: null }])

  const [stored] = await query(
    database.url,
    `select status::text, confirmed_at at time zone 'UTC' = '2026-03-29 00:59:59.987' as exact from requests`,
  )
  expect(stored).toEqual({ status: 'in_progress', exact: true })

  // @updatedAt follows each update.
  const updated = await prisma.request.update({ where: { id }, data: { comment: 'called' } })
  expect(updated.updatedAt.getTime()).toBeGreaterThanOrEqual(read.updatedAt.getTime())

  // The parts of the composite id can be changed.
  const moved = await prisma.requestItem.update({
    where: { requestId_position: { requestId: id, position: 1 } },
    data: { position: 2 },
  })
  expect(moved.position).toBe(2)
})

test('a revenue keeps its 64-bit id and units, its amount and its day', async () => {
  await query(database.url, `select setval('"Revenue_id_seq"', 9007199254740993)`)
  const created = await prisma.revenue.create({
    data: {
      kind: 'refund',
      amount: '-12345678901234.5678',
      currency: 'CHF',
      exchangeRate: 0.1 + 0.2,
      minorUnits: -9_223_372_036_854_775_808n,
      accountingOn: new Date('2024-02-29'),
      meta: ['a', { b: 'ü' }],
    },
  })
  const read = await prisma.revenue.findUniqueOrThrow({ where: { id: created.id } })
  expect(read).toMatchObject({
    id: 9_007_199_254_740_994n,
    minorUnits: -9_223_372_036_854_775_808n,
    exchangeRate: 0.1 + 0.2,
    accountingOn: new Date('2024-02-29'),
    meta: ['a', { b: 'ü' }],
    settled: false,
  })
  expect(read.amount.toFixed(4)).toBe('-12345678901234.5678')
})

test('what hangs on a record goes, stays or is let go with it', async () => {
  const group = await prisma.operator.create({ data: { code: 'G', name: 'Group', countryCode: 'IT' } })
  const brand = await prisma.operator.create({
    data: { code: 'B', name: 'Brand', countryCode: 'IT', parentId: group.id },
  })
  await prisma.airport.create({
    data: {
      iata: '00M',
      name: 'Thigpen',
      city: 'Bay Springs',
      state: 'MS',
      country: 'USA',
      latitude: 31.95376472,
      longitude: -89.23450472,
    },
  })
  const request = await prisma.request.create({
    data: {
      reference: 'cascade',
      customerName: 'Bo',
      operatorId: group.id,
      notes: { create: { author: 'me', body: 'note' } },
      items: { create: { position: 1, kind: 'HOTEL', title: 'Stay', departureIata: '00M' } },
      revenues: {
        create: { amount: 1, currency: 'EUR', minorUnits: 100n, accountingOn: new Date('2026-01-01') },
      },
    },
    include: { notes: true, revenues: true },
  })
  expect(request.notes[0]?.id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4/)

  await prisma.operator.delete({ where: { id: group.id } })
  expect(await prisma.operator.findUnique({ where: { id: brand.id } })).toMatchObject({ parentId: null })
  expect(await prisma.request.findUnique({ where: { id: request.id } })).toMatchObject({ operatorId: null })

  await prisma.airport.update({ where: { iata: '00M' }, data: { iata: '00N' } })
  expect(await prisma.requestItem.findMany({ where: { requestId: request.id } })).toMatchObject([
    { departureIata: '00N' },
  ])

  await prisma.request.delete({ where: { id: request.id } })
  expect(await prisma.note.count({ where: { requestId: request.id } })).toBe(0)
  expect(await prisma.requestItem.count({ where: { requestId: request.id } })).toBe(0)
  expect(await prisma.revenue.findFirst({ where: { id: request.revenues[0]?.id ?? 0n } })).toMatchObject({
    requestId: null,
  })

  await expect(prisma.country.delete({ where: { code: 'IT' } })).rejects.toMatchObject({ code: 'P2003' })
})
