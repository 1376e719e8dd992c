import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import type { Sql } from '../../src/database/sql.ts'
import { forClient } from '../../src/index.ts'
import { PrismaReader } from '../../src/source/prisma-reader.ts'
import { Sight } from '../../src/source/sight.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { createTestRole, type TestRole } from '../support/role.ts'

const { sheetTarget } = forClient<PrismaClient>(dataModel)
const target = sheetTarget({
  name: 'airports',
  spreadsheetId: 'sheet',
  tab: 'Airports',
  model: 'Airport',
  columns: ['name'],
})

let database: TestDatabase
let role: TestRole
let pool: pg.Pool
let client: PrismaClient
let sql: Sql
beforeAll(async () => {
  database = await createTestDatabase()
  role = await createTestRole(database.url)
  pool = new pg.Pool({ connectionString: database.url, max: 1 })
  sql = { query: async (text, values) => (await pool.query(text, values ? [...values] : undefined)).rows }
  client = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url, max: 1 }) })
  await client.airport.createMany({
    data: ['AAA', 'BBB', 'CCC'].map((iata) => ({
      iata,
      name: iata,
      country: 'DE',
      latitude: 1,
      longitude: 1,
    })),
  })
})
afterAll(async () => {
  await client.$disconnect()
  await pool.end()
  await role.drop()
  await database.drop()
})

/** The client, with answers of its own. */
const clientWith = (parts: object) =>
  new Proxy(client, { get: (at, name) => Reflect.get({ ...parts }, name) ?? Reflect.get(at, name) })
const readerOf = (reading: object, own: Sql = sql) =>
  new PrismaReader(reading, dataModel, new Sight(reading, own, dataModel))

/** A delegate that answers its first so many calls with nothing. */
function late(calls: number, then: () => Promise<unknown> = async () => {}) {
  let left = calls
  return {
    airport: {
      findMany: async (args: never) => {
        if (left-- > 0) {
          await then()
          return []
        }
        return await client.airport.findMany(args)
      },
    },
  }
}

describe('a record that the client does not return', () => {
  it('and that is gone, is gone', async () => {
    const { records, unconfirmed } = await readerOf(client).read(target, ['AAA', 'XXX'])
    expect([[...records.keys()], unconfirmed]).toEqual([['AAA'], undefined])
  })

  it('and that came back in the meantime is read', async () => {
    const { records } = await readerOf(clientWith(late(1))).read(target, ['AAA'])
    expect([...records.keys()]).toEqual(['AAA'])
  })

  it('and that goes in the meantime is gone', async () => {
    await client.airport.create({
      data: { iata: 'DDD', name: 'd', country: 'DE', latitude: 1, longitude: 1 },
    })
    let calls = 0
    const findMany = async () => {
      if (++calls === 2) await client.airport.delete({ where: { iata: 'DDD' } })
      return []
    }
    const { records } = await readerOf(clientWith({ airport: { findMany } })).read(target, ['DDD'])
    expect([records.size, calls]).toEqual([0, 2])
  })

  it('and that exists stops the target, with whatever it is read, until the client returns it', async () => {
    const reader = readerOf(clientWith(late(3)))
    await expect(reader.read(target, ['AAA'])).rejects.toMatchObject({ code: 'RECORDS_HIDDEN' })
    await expect(reader.read(target, ['AAA', 'BBB'])).resolves.toBeDefined()
    const other = readerOf(
      clientWith({
        airport: {
          findMany: async (args: { where?: { iata?: { in: string[] } } }) =>
            (await client.airport.findMany(args)).filter(({ iata }) => iata !== 'AAA'),
        },
      }),
    )
    await expect(other.read(target, ['AAA'])).rejects.toThrow(/1 record of Airport would look deleted/)
    await expect(other.read(target, ['BBB'])).rejects.toMatchObject({ code: 'RECORDS_HIDDEN' })
    await expect(other.pages(target, 10).next()).rejects.toMatchObject({ code: 'RECORDS_HIDDEN' })
  })

  it.each([
    [
      'may not read the table',
      async () => `revoke select on airports from ${role.name}`,
      'grant select on airports to',
    ],
    [
      'sees a part of the table',
      async () => 'alter table airports enable row level security',
      'alter table airports disable row level security --',
    ],
  ])('is believed to be gone where the other connection %s', async (_what, before, after) => {
    await sql.query(await before())
    const own = new pg.Pool({ connectionString: role.url, max: 1 })
    try {
      const ofRole: Sql = {
        query: async (text, values) => (await own.query(text, values ? [...values] : undefined)).rows,
      }
      const { unconfirmed } = await readerOf(client, ofRole).read(target, ['AAA', 'XXX'])
      expect(unconfirmed).toEqual(new Set(['XXX']))
    } finally {
      await own.end()
      await sql.query(`${after} ${role.name}`)
    }
  })
})

describe('a client that cannot see everything', () => {
  it('because it reads a standby is told so', async () => {
    const standby = clientWith({ $queryRawUnsafe: async () => [{ standby: true, hidden: [] }] })
    await expect(readerOf(standby).read(target, ['AAA'])).rejects.toMatchObject({
      code: 'RECORDS_HIDDEN',
      message: expect.stringMatching(/reads a standby.*primary/),
    })
  })

  it('is asked with its own role, not with that of the other connection', async () => {
    const other = new PrismaClient({ adapter: new PrismaPg({ connectionString: role.url, max: 1 }) })
    try {
      await sql.query('alter table airports enable row level security')
      await expect(readerOf(other).read(target, [])).rejects.toMatchObject({ code: 'RECORDS_HIDDEN' })
      await expect(readerOf(client).read(target, [])).resolves.toBeDefined()
    } finally {
      await sql.query('alter table airports disable row level security')
      await other.$disconnect()
    }
  })

  it('and that runs no SQL is judged by the other connection', async () => {
    const own = new pg.Pool({ connectionString: role.url, max: 1 })
    const ofRole: Sql = {
      query: async (text, values) => (await own.query(text, values ? [...values] : undefined)).rows,
    }
    try {
      await sql.query('alter table airports enable row level security')
      const mute = { airport: client.airport }
      await expect(readerOf(mute, ofRole).read(target, [])).rejects.toMatchObject({ code: 'RECORDS_HIDDEN' })
      await sql.query('alter table airports disable row level security')
      await expect(readerOf(mute, ofRole).read(target, [])).resolves.toBeDefined()
    } finally {
      await own.end()
      await sql.query('alter table airports disable row level security')
    }
  })
})
