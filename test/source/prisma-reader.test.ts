import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../src/index.ts'
import { PrismaReader } from '../../src/source/prisma-reader.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { createTestRole } from '../support/role.ts'

type Item = { request: { customerName: string } }

const { sheetTarget } = forClient<PrismaClient>(dataModel)
const options = {
  name: 'items',
  spreadsheetId: 'sheet',
  tab: 'Items',
  model: 'RequestItem',
  columns: ['title', { header: 'Customer', value: (item: Item) => item.request.customerName }],
  include: { request: true },
} as const
const items = sheetTarget({ ...options, filter: (item) => item.kind !== 'TRANSFER' })

let database: TestDatabase
let client: PrismaClient
let reader: PrismaReader
beforeAll(async () => {
  database = await createTestDatabase()
  client = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url, max: 1 }) })
  reader = new PrismaReader(client, dataModel)
  for (const request of ['r1', 'r2', 'r|3']) {
    await client.request.create({
      data: {
        id: request,
        reference: request,
        customerName: `customer of ${request}`,
        items: {
          create: Array.from({ length: 7 }, (_, position) => ({
            position,
            title: `step ${position}`,
            kind: position === 6 ? ('TRANSFER' as const) : ('HOTEL' as const),
          })),
        },
      },
    })
  }
})
afterAll(async () => {
  await client.$disconnect()
  await database.drop()
})

const IDS = ['r1', 'r2', 'r\\|3'].flatMap((request) =>
  [0, 1, 2, 3, 4, 5].map((position) => `${request}|${position}`),
)

/** Everything that paging answers. */
async function allPages(of: PrismaReader, target = items, pageSize = 4) {
  const all = { records: [] as string[], failed: new Map<string, string>(), unnamed: 0 }
  for await (const page of of.pages(target, pageSize)) {
    all.records.push(...page.records.keys())
    for (const [id, { code }] of page.failed) all.failed.set(id, code)
    all.unnamed += page.unnamed
  }
  return all
}

describe('PrismaReader', () => {
  it('reads records by id, with their relations; one that is gone or filtered out is missing', async () => {
    const { records, failed } = await reader.read(items, ['r1|0', 'r\\|3|2', 'r1|6', 'r1|99'])
    expect([...records.keys()].sort()).toEqual(['r1|0', 'r\\|3|2'])
    expect(records.get('r\\|3|2')).toMatchObject({ request: { customerName: 'customer of r|3' } })
    expect(failed.size).toBe(0)
  })

  it.each([1, 4, 1000])('pages through every record once, %d at a time', async (pageSize) => {
    const { records, failed, unnamed } = await allPages(reader, items, pageSize)
    expect(records.toSorted()).toEqual(IDS.toSorted())
    expect([failed.size, unnamed]).toEqual([0, 0])
  })

  it('goes on where the last record of a page is deleted before the next page is read', async () => {
    const seen: string[] = []
    for await (const { records } of reader.pages(items, 4)) {
      seen.push(...records.keys())
      if (!records.has('r1|3')) continue
      await client.requestItem.deleteMany({ where: { requestId: 'r1', position: { in: [2, 3] } } })
    }
    await client.requestItem.createMany({
      data: [2, 3].map((position) => ({
        requestId: 'r1',
        position,
        title: `step ${position}`,
        kind: 'HOTEL',
      })),
    })
    expect(seen.toSorted()).toEqual(IDS.toSorted())
  })

  it('does not let an id that is none of the model, or of a value that its type does not have, fail the others', async () => {
    const { records, failed } = await reader.read(items, ['r1', 'r1|4917012345678', 'r1|0', 'r1|x'])
    expect([...records.keys()]).toEqual(['r1|0'])
    expect([...failed].map(([id, { code }]) => [id, code])).toEqual([
      ['r1', 'RECORD_ID_INVALID'],
      ['r1|4917012345678', 'RECORD_ID_INVALID'],
      ['r1|x', 'RECORD_ID_INVALID'],
    ])
  })
})

describe('a record that cannot be read', () => {
  it('for its filter throws is its own failure; the error says of what sort, and no value', async () => {
    const target = sheetTarget({
      ...options,
      filter: (item) => {
        if (item.title === 'step 2') throw new RangeError(`secret of ${item.title}`)
        return item.kind !== 'TRANSFER'
      },
    })
    const { records, failed } = await reader.read(target, ['r1|1', 'r1|2', 'r2|2', 'r1|6'])
    expect([...records.keys()]).toEqual(['r1|1'])
    expect([...failed.keys()].toSorted()).toEqual(['r1|2', 'r2|2'])
    expect(failed.get('r1|2')).toMatchObject({ code: 'FILTER_FAILED' })
    expect(failed.get('r1|2')?.message).toMatch(/filter threw \(RangeError\)/)
    expect(failed.get('r1|2')?.message).not.toContain('secret')
    const pages = await allPages(reader, target)
    expect(pages.records).toHaveLength(15)
    expect([...pages.failed.keys()].toSorted()).toEqual(['r1|2', 'r2|2', 'r\\|3|2'])
  })

  it('for its filter answers with a promise is its own failure: a promise is always true', async () => {
    const filter = (() => Promise.reject(new Error('late'))) as never
    const { records, failed } = await reader.read(sheetTarget({ ...options, filter }), ['r1|1'])
    expect([records.size, failed.get('r1|1')?.code]).toEqual([0, 'FILTER_FAILED'])
  })

  it('for the client does not know a value of it is singled out, and the others are read', async () => {
    await client.$executeRawUnsafe(`alter type item_kind add value 'rocket'`)
    await client.$executeRawUnsafe(
      `update request_items set kind = 'rocket' where request_id = 'r2' and position in (1, 4)`,
    )
    try {
      const { records, failed } = await reader.read(items, IDS)
      expect(records.size).toBe(IDS.length - 2)
      expect([...failed.keys()].toSorted()).toEqual(['r2|1', 'r2|4'])
      expect(failed.get('r2|1')).toMatchObject({ code: 'RECORD_UNREADABLE' })
      expect(failed.get('r2|1')?.message).toMatch(/a value that enum ItemKind lacks.*prisma generate/)
      expect(failed.get('r2|1')?.message).not.toContain('rocket')
      for (const size of [1, 4, 1000]) {
        const pages = await allPages(reader, items, size)
        expect(pages.records.toSorted()).toEqual([...records.keys()].toSorted())
        expect([...pages.failed]).toEqual([
          ['r2|1', 'RECORD_UNREADABLE'],
          ['r2|4', 'RECORD_UNREADABLE'],
        ])
      }
      // Alone in its batch it is told from a client that can read nothing at all.
      expect([...(await reader.read(items, ['r2|1'])).failed.keys()]).toEqual(['r2|1'])
    } finally {
      await client.$executeRawUnsafe(`update request_items set kind = 'hotel' where kind::text = 'rocket'`)
    }
  })
})

describe('a client that can read no record', () => {
  it.each([
    [
      'a column is gone',
      'alter table request_items rename column title to heading',
      /P2022, 42703, request_items\.title/,
    ],
    ['the table is gone', 'alter table request_items rename to other_items', /P2021/],
    ['it has no right', 'revoke all on request_items from $role', /42501/],
  ])('is no failure of a record: %s', async (_what, ddl, words) => {
    const own = await createTestDatabase()
    const role = await createTestRole(own.url)
    const owner = new PrismaClient({ adapter: new PrismaPg({ connectionString: own.url, max: 1 }) })
    const plain = new PrismaClient({ adapter: new PrismaPg({ connectionString: role.url, max: 1 }) })
    let queries = 0
    const counting = plain.$extends({
      query: {
        $allModels: {
          findMany({ args, query }) {
            queries++
            return query(args)
          },
        },
      },
    })
    try {
      await owner.$executeRawUnsafe(ddl.replace('$role', role.name))
      const blind = new PrismaReader(counting, dataModel)
      await expect(blind.read(items, IDS)).rejects.toMatchObject({ code: 'TARGET_UNREADABLE' })
      await expect(blind.read(items, IDS)).rejects.toThrow(words)
      await expect(allPages(blind)).rejects.toMatchObject({ code: 'TARGET_UNREADABLE' })
      expect(queries).toBe(3)
    } finally {
      await plain.$disconnect()
      await owner.$disconnect()
      await role.drop()
      await own.drop()
    }
  })

  it('is found with few queries where no error says so', async () => {
    let queries = 0
    const requestItem = {
      findMany: async () => {
        queries++
        throw new Error('something is wrong with the client')
      },
    }
    const ids = Array.from({ length: 4_000 }, (_, at) => `r1|${at}`)
    const blind = new PrismaReader({ requestItem }, dataModel)
    await expect(blind.read(items, ids)).rejects.toMatchObject({ code: 'TARGET_UNREADABLE' })
    await expect(allPages(blind, items, 2_000)).rejects.toMatchObject({ code: 'TARGET_UNREADABLE' })
    expect(queries).toBeLessThan(600)
  })
})

it('lists what a foreign key to a model may be, in order, and so many at most', async () => {
  expect(await reader.values('Request', 'id', 10)).toEqual(['r1', 'r2', 'r|3'])
  expect(await reader.values('Request', 'id', 2)).toEqual(['r1', 'r2'])
})
