import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Prisma, PrismaClient } from '../../prisma/generated/client/client.ts'
import { withWriteback } from '../../src/capture/extension/extension.ts'
import { createWorld, sheetTarget, type World } from './support.ts'
import { createTriggerWorld, type TriggerWorld } from './triggers/support.ts'

/*
 * What a write changes beyond the records of its own model. Each write is made twice: through the extension, and
 * by a plain client in a database with triggers, which see every row. Both must publish the same records; the
 * keys are spelled out as well, for people and because triggers can be wrong too.
 */

const show = () => ''
const to = { spreadsheetId: 's1', columns: [{ header: 'x', value: show }] } as const
const targets = [
  sheetTarget({ ...to, name: 'A', tab: 'a', model: 'Airport' }),
  sheetTarget({ ...to, name: 'I', tab: 'i', model: 'RequestItem', include: { departure: true } }),
  sheetTarget({ ...to, name: 'N', tab: 'n', model: 'Note' }),
  sheetTarget({ ...to, name: 'O', tab: 'o', model: 'Operator' }),
  sheetTarget({
    ...to,
    name: 'R',
    tab: 'r',
    model: 'Request',
    include: { operator: { select: { name: true, country: { select: { name: true } } } }, tags: true },
  }),
  sheetTarget({
    ...to,
    name: 'T',
    tab: 't',
    model: 'Tag',
    include: { _count: { select: { requests: true } } },
  }),
  sheetTarget({ ...to, name: 'V', tab: 'v', model: 'Revenue' }),
]

const operator = (id: number, more = {}) => ({
  id,
  code: `c${id}`,
  name: `O${id}`,
  countryCode: 'DE',
  ...more,
})
const request = (id: string, more = {}) => ({ id, reference: id, customerName: 'Ada', ...more })
const item = (position: number, more = {}) => ({ position, kind: 'HOTEL' as const, title: 't', ...more })
const note = (last: number) => `00000000-0000-0000-0000-00000000000${last}`
const airport = (iata: string) => ({ iata, name: iata, country: 'X', latitude: 0, longitude: 0 })
const revenue = { amount: 1, currency: 'EUR', minorUnits: 1, accountingOn: new Date('2026-01-01') }

/** Group 1 with brand 2 and its brand 3; r1 of 2 with everything, r2 of 2, r3 of nobody. */
async function seed(client: PrismaClient): Promise<void> {
  await client.country.createMany({ data: ['DE', 'FR'].map((code) => ({ code, name: code })) })
  await client.operator.createMany({
    data: [operator(1), operator(2, { parentId: 1 }), operator(3, { parentId: 2 }), operator(4)],
  })
  await client.airport.createMany({ data: ['FRA', 'JFK'].map(airport) })
  await client.tag.createMany({ data: [7, 8, 9].map((id) => ({ id, name: `t${id}` })) })
  await client.request.create({
    data: {
      ...request('r1'),
      operator: { connect: { id: 2 } },
      items: {
        create: [
          item(1, { departure: { connect: { iata: 'FRA' } } }),
          item(2, { departure: { connect: { iata: 'JFK' } } }),
        ],
      },
      notes: { create: [1, 2].map((last) => ({ id: note(last), author: 'a', body: `n${last}` })) },
      tags: { connect: [{ id: 7 }, { id: 8 }] },
      revenues: { create: { id: 5, ...revenue } },
    },
  })
  await client.request.create({ data: { ...request('r2', { operatorId: 2 }), tags: { connect: { id: 8 } } } })
  await client.request.create({ data: request('r3') })
}

const where = { id: 'r1' }
const r1 = (data: Parameters<PrismaClient['request']['update']>[0]['data']) => (c: PrismaClient) =>
  c.request.update({ where, data })

type Call = (client: PrismaClient) => PromiseLike<unknown>
/** Keys without the model, `R:r1`; last, records that the extension publishes although nothing of their row changed. */
type Case = readonly [name: string, call: Call, keys: readonly string[], also?: readonly string[]]

const named = (cases: readonly Case[]) =>
  cases.map(([name, call, keys, also = []]) => ({ name, call, keys, also }))

const nested: readonly Case[] = [
  ['create', r1({ comment: 'c', items: { create: [item(3), item(4)] } }), ['I:r1|3', 'I:r1|4', 'R:r1']],
  ['createMany', r1({ comment: 'c', items: { createMany: { data: [item(3)] } } }), ['I:r1|3', 'R:r1']],
  [
    'create of three levels, with a link',
    (c) =>
      c.operator.create({
        data: operator(9, {
          requests: { create: request('x', { items: { create: item(1) }, tags: { connect: { id: 7 } } }) },
        }),
      }),
    ['I:x|1', 'O:9', 'R:x', 'T:7'],
  ],
  [
    'connect, to many: the record and nobody else',
    (c) => c.operator.update({ where: { id: 4 }, data: { rating: 1, requests: { connect: { id: 'r1' } } } }),
    ['O:4', 'R:r1'],
  ],
  [
    'connectOrCreate that connects',
    r1({
      comment: 'c',
      tags: { connectOrCreate: { where: { id: 9 }, create: { name: 'new' } } },
    }),
    ['R:r1', 'T:9'],
  ],
  [
    'connectOrCreate that creates',
    r1({
      comment: 'c',
      notes: { connectOrCreate: { where: { id: note(9) }, create: { id: note(9), author: 'a', body: 'b' } } },
    }),
    [`N:${note(9)}`, 'R:r1'],
  ],
  [
    'disconnect, to many',
    (c) =>
      c.operator.update({ where: { id: 2 }, data: { rating: 1, requests: { disconnect: { id: 'r1' } } } }),
    ['O:2', 'R:r1'],
    ['R:r2'],
  ],
  [
    'set, to many',
    (c) => c.operator.update({ where: { id: 2 }, data: { rating: 1, requests: { set: [{ id: 'r3' }] } } }),
    ['O:2', 'R:r1', 'R:r2', 'R:r3'],
  ],
  [
    'set of links',
    r1({ comment: 'c', tags: { set: [{ id: 8 }, { id: 9 }] } }),
    ['R:r1', 'T:7', 'T:8', 'T:9'],
  ],
  ['disconnect of a link', r1({ comment: 'c', tags: { disconnect: { id: 8 } } }), ['R:r1', 'T:8']],
  [
    'update',
    r1({
      comment: 'c',
      items: {
        update: { where: { requestId_position: { requestId: 'r1', position: 1 } }, data: { title: 'u' } },
      },
    }),
    ['I:r1|1', 'R:r1'],
  ],
  [
    'update of a key',
    r1({
      comment: 'c',
      items: {
        update: { where: { requestId_position: { requestId: 'r1', position: 1 } }, data: { position: 6 } },
      },
    }),
    ['I:r1|1', 'I:r1|6', 'R:r1'],
  ],
  [
    'updateMany that ends its own condition',
    r1({ comment: 'c', notes: { updateMany: { where: { pinned: false }, data: { pinned: true } } } }),
    [`N:${note(1)}`, `N:${note(2)}`, 'R:r1'],
  ],
  [
    'upsert that updates, and one that creates',
    r1({
      comment: 'c',
      notes: {
        upsert: [
          { where: { id: note(1) }, create: { author: 'a', body: 'b' }, update: { body: 'u' } },
          { where: { id: note(9) }, create: { id: note(9), author: 'a', body: 'b' }, update: { body: 'u' } },
        ],
      },
    }),
    [`N:${note(1)}`, `N:${note(9)}`, 'R:r1'],
  ],
  ['delete', r1({ comment: 'c', notes: { delete: { id: note(1) } } }), [`N:${note(1)}`, 'R:r1']],
  ['deleteMany', r1({ comment: 'c', notes: { deleteMany: {} } }), [`N:${note(1)}`, `N:${note(2)}`, 'R:r1']],
  [
    'deleteMany with a condition',
    r1({ comment: 'c', notes: { deleteMany: { body: 'n2' } } }),
    [`N:${note(2)}`, 'R:r1'],
  ],
  ['to one: create', r1({ operator: { create: operator(9) } }), ['O:9', 'R:r1']],
  ['to one: connect', r1({ operator: { connect: { id: 4 } } }), ['R:r1']],
  ['to one: disconnect', r1({ operator: { disconnect: true } }), ['R:r1']],
  ['to one: update', r1({ comment: 'c', operator: { update: { name: 'n' } } }), ['O:2', 'R:r1', 'R:r2']],
  [
    'to one: upsert',
    r1({ comment: 'c', operator: { upsert: { create: operator(9), update: { name: 'n' } } } }),
    ['O:2', 'R:r1', 'R:r2'],
  ],
  [
    'to one: delete, and what refers to it',
    r1({ comment: 'c', operator: { delete: true } }),
    ['O:2', 'O:3', 'R:r1', 'R:r2'],
  ],
  [
    'three levels of updates, the ones between unchanged',
    (c) =>
      c.operator.update({
        where: { id: 1 },
        data: {
          rating: 1,
          brands: {
            update: {
              where: { id: 2 },
              data: {
                requests: {
                  update: { where, data: { notes: { create: { id: note(9), author: 'a', body: 'b' } } } },
                },
              },
            },
          },
        },
      }),
    [`N:${note(9)}`, 'O:1'],
  ],
  [
    'under a model that no target mirrors',
    (c) =>
      c.country.update({ where: { code: 'FR' }, data: { operators: { create: { code: 'z', name: 'z' } } } }),
    ['O:1000'],
  ],
  [
    'in an upsert that creates',
    (c) =>
      c.request.upsert({
        where: { id: 'x' },
        create: { ...request('x'), items: { create: item(1) } },
        update: {},
      }),
    ['I:x|1', 'R:x'],
  ],
]

const cascades: readonly Case[] = [
  [
    'delete: what goes along, what is cleared, what is unlinked',
    (c) => c.request.delete({ where }),
    ['I:r1|1', 'I:r1|2', `N:${note(1)}`, `N:${note(2)}`, 'R:r1', 'T:7', 'T:8', 'V:5'],
  ],
  [
    'deleteMany',
    (c) => c.request.deleteMany({ where: { operatorId: 2 } }),
    ['I:r1|1', 'I:r1|2', `N:${note(1)}`, `N:${note(2)}`, 'R:r1', 'R:r2', 'T:7', 'T:8', 'V:5'],
  ],
  [
    'delete of what others refer to',
    (c) => c.operator.delete({ where: { id: 2 } }),
    ['O:2', 'O:3', 'R:r1', 'R:r2'],
  ],
  ['delete of what is shown', (c) => c.airport.delete({ where: { iata: 'FRA' } }), ['A:FRA', 'I:r1|1']],
  ['delete of a linked record', (c) => c.tag.delete({ where: { id: 8 } }), ['R:r1', 'R:r2', 'T:8']],
  [
    'a key that changes takes foreign keys along, those in keys too',
    (c) => c.request.update({ where, data: { id: 'q' } }),
    [
      ...['I:q|1', 'I:q|2', 'I:r1|1', 'I:r1|2', `N:${note(1)}`, `N:${note(2)}`],
      ...['R:q', 'R:r1', 'T:7', 'T:8', 'V:5'],
    ],
  ],
  [
    'updateMany of keys',
    (c) => c.airport.updateMany({ where: { iata: 'JFK' }, data: { iata: 'EWR' } }),
    ['A:EWR', 'A:JFK', 'I:r1|2'],
  ],
]

const shown: readonly Case[] = [
  [
    'the operator is renamed',
    (c) => c.operator.update({ where: { id: 2 }, data: { name: 'n' } }),
    ['O:2', 'R:r1', 'R:r2'],
  ],
  [
    'what is not shown of it changes',
    (c) => c.operator.updateMany({ where: { id: 2 }, data: { rating: 5 } }),
    ['O:2'],
  ],
  [
    'two levels away',
    (c) => c.country.update({ where: { code: 'DE' }, data: { name: 'n' } }),
    ['R:r1', 'R:r2'],
  ],
  [
    'the tag is renamed',
    (c) => c.tag.update({ where: { id: 8 }, data: { name: 'n' } }),
    ['R:r1', 'R:r2', 'T:8'],
  ],
  [
    'the airport is renamed',
    (c) => c.airport.updateMany({ data: { name: 'n' } }),
    ['A:FRA', 'A:JFK', 'I:r1|1', 'I:r1|2'],
  ],
  [
    'a count',
    (c) => c.request.create({ data: { ...request('x'), tags: { connect: { id: 9 } } } }),
    ['R:x', 'T:9'],
  ],
]

describe.each([
  { kind: 'nested writes', cases: nested },
  { kind: 'referential actions', cases: cascades },
  { kind: 'what shows a record', cases: shown },
])('$kind', ({ cases }) => {
  let ours: World
  let exact: TriggerWorld
  beforeAll(async () => {
    ours = await createWorld({ targets, capture: { mode: 'extension', unfollowed: 'throw' } })
    exact = await createTriggerWorld(targets)
  })
  afterAll(async () => {
    await ours.close()
    await exact.close()
  })
  beforeEach(async () => {
    for (const sql of [ours.sql, exact.pool]) {
      await sql.query(`truncate "Revenue", requests, tags, operators, airports, countries cascade`)
      await sql.query('alter sequence operators_operator_id_seq restart with 1000')
    }
    await seed(ours.base)
    await seed(exact.prisma)
    await ours.takeKeys()
    await exact.take()
  })

  /** `R:Request:r1` as `R:r1`. */
  const short = (keys: readonly string[]) => keys.map((key) => key.replace(/^(\w+):\w+:/, '$1:')).sort()

  test.each(named(cases))('$name', async ({ call, keys, also }) => {
    await call(exact.prisma)
    expect(short((await exact.take()).map((job) => job.key))).toEqual(keys)

    await call(ours.prisma)
    expect(short(await ours.takeKeys())).toEqual([...keys, ...also].sort())
  })

  test.each(named(cases))('$name: the same in a batch in a savepoint', async ({ call, keys, also }) => {
    await ours.prisma.$transaction(async (outer) => {
      await outer.country.create({ data: { code: 'ES', name: 'ES' } })
      await (outer as PrismaClient).$transaction(async (tx) => {
        await (tx as PrismaClient).$transaction([call(tx as PrismaClient) as Prisma.PrismaPromise<unknown>])
      })
    })
    expect(short(await ours.takeKeys())).toEqual([...keys, ...also].sort())
  })

  test.each(named(cases))('$name: nothing when it is rolled back', async ({ call }) => {
    const undone = ours.prisma.$transaction(async (tx) => {
      await call(tx as PrismaClient)
      throw new Error('undo')
    })
    await expect(undone).rejects.toThrow('undo')
    expect(await ours.takeKeys()).toEqual([])
  })
})

test('a write with no relations in play sends one statement more than the plain one', async () => {
  const world = await createWorld({ targets })
  const plain = new PrismaClient({
    adapter: new PrismaPg({ connectionString: world.url, max: 1 }),
    log: [{ emit: 'event', level: 'query' }],
  })
  const statements: string[] = []
  plain.$on('query', ({ query }) => statements.push(query))
  const prisma = withWriteback(plain, world.config)
  try {
    await seed(world.base)
    await world.takeKeys()
    // The first update asks the catalog what the database computes.
    await prisma.note.update({ where: { id: note(1) }, data: { body: 'first' } })
    await world.takeKeys()
    statements.length = 0
    await prisma.note.update({ where: { id: note(1) }, data: { body: 'n' } })
    expect(await world.takeKeys()).toEqual([`N:Note:${note(1)}`])
    expect(statements.filter((one) => !/^(BEGIN|COMMIT)/.test(one))).toEqual([
      expect.stringMatching(/^UPDATE/),
      expect.stringMatching(/^select "public".sync_publish/),
    ])
  } finally {
    await plain.$disconnect()
    await world.close()
  }
})
