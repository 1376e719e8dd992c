import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../src/index.ts'
import { PrismaReader } from '../../src/source/prisma-reader.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const { sheetTarget } = forClient<PrismaClient>(dataModel)
const items = sheetTarget({
  name: 'items',
  spreadsheetId: 'sheet',
  tab: 'Items',
  model: 'RequestItem',
  columns: ['title', { header: 'Customer', value: (item) => item.request.customerName }],
  include: { request: true },
  filter: (item) => item.kind !== 'TRANSFER',
})

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

describe('PrismaReader', () => {
  it('reads records by id, with their relations; one that is gone or filtered out is missing', async () => {
    const found = await reader.read(items, ['r1|0', 'r\\|3|2', 'r1|6', 'r1|99'])
    expect([...found.keys()].sort()).toEqual(['r1|0', 'r\\|3|2'])
    expect(found.get('r\\|3|2')).toMatchObject({ request: { customerName: 'customer of r|3' } })
  })

  it.each([1, 4, 1000])('pages through every record once, %d at a time', async (pageSize) => {
    const seen: string[] = []
    for await (const page of reader.pages(items, pageSize)) seen.push(...page.keys())
    expect(seen.toSorted()).toEqual(IDS.toSorted())
  })

  it('refuses an id that is none of the model', async () => {
    await expect(reader.read(items, ['r1'])).rejects.toMatchObject({ code: 'RECORD_ID_INVALID' })
  })
})
