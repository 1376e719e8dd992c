import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { installJobs } from '../../src/operations/install.ts'
import { forClient } from '../../src/targets/for-client.ts'
import { type AnyPrismaClient, type Application, openApplication } from '../differential/application.ts'
import { installAudit } from '../differential/audit.ts'
import { byExtension } from '../differential/capture-modes.ts'
import { applicationModels } from '../differential/catalog.ts'
import { Session } from '../differential/session.ts'
import { createEmptyDatabase, type TestDatabase } from '../support/postgres.ts'

/*
 * A record that was shown through a link which a write ends: the write has to know the linked record from before. Nested
 * writes can link a record and change it in one call, each in another part of the arguments.
 */

const SCHEMA = fileURLToPath(new URL('./schema/shared-keys.prisma', import.meta.url))

let database: TestDatabase
let application: Application
let session: Session

beforeAll(async () => {
  database = await createEmptyDatabase()
  application = await openApplication(SCHEMA, database.url)
  const { dataModel, pool } = application
  const models = applicationModels(dataModel)
  const { defineConfig, sheetTarget } = forClient<never>(dataModel)
  const columns = [{ header: 'x', value: () => 1 }]
  const target = (name: string, model: string, include?: object) =>
    sheetTarget({ name, model, spreadsheetId: 's', tab: name, columns, ...(include && { include }) } as never)
  const targets = [
    ...models.map(({ name }) => target(name, name)),
    target('node-lists', 'Node', { above: true, nextTo: true }),
  ]
  const config = defineConfig({ targets, capture: { mode: 'extension', unfollowed: 'throw' } })
  await installJobs(database.url, config)
  await installAudit(pool, models, dataModel.joinTables)
  session = await Session.open(application, byExtension, config, targets)
}, 120_000)

afterAll(async () => {
  await application?.close()
  await database?.drop()
})

beforeEach(async () => {
  await application.pool.query('truncate "Node", "Shelf" cascade')
  // n2 is below n1, n3 beside n5, n6 beside n3; n4 stands alone.
  for (const data of [
    { id: 'n1' },
    { id: 'n4' },
    { id: 'n5' },
    { id: 'n2', belowId: 'n1' },
    { id: 'n3', besideId: 'n5' },
    { id: 'n6', besideId: 'n3' },
  ])
    await session.plain.node.create({ data })
  // A1 and B2 are on s1, the others on s2. Each has a bolt.
  for (const [shelfId, parts] of [
    ['s1', ['A1', 'B2']],
    ['s2', ['A2', 'B1', 'B3', 'C3']],
  ] as const)
    await session.plain.shelf.create({
      data: {
        id: shelfId,
        parts: { create: parts.map((name) => ({ ...part(name), bolts: { create: { id: name } } })) },
      },
    })
  await session.settle()
})

const part = (name: string) => ({ kind: name.charAt(0), number: Number(name.slice(1)) })
const named = (name: string) => ({ kind_number: part(name) })

const MOVED = { row: { increment: 1 }, column: { increment: 1 } }

const moveBelow = { below: { update: { below: { connect: { id: 'n4' } } } } }
const underN3 = (data: object) => ({ where: { id: 'n3' }, data })

const cases: readonly (readonly [name: string, call: (c: AnyPrismaClient) => PromiseLike<unknown>])[] = [
  [
    'create with a connect, and an update of what it connects',
    (c) =>
      c.node.update(
        underN3({ beside: { create: { id: 'n9', below: { connect: { id: 'n2' } } }, update: moveBelow } }),
      ),
  ],
  [
    'the same by an upsert',
    (c) =>
      c.node.upsert({
        where: { id: 'n3' },
        create: { id: 'n8' },
        update: { beside: { create: { id: 'n9', below: { connect: { id: 'n2' } } }, update: moveBelow } },
      }),
  ],
  [
    'create with a connectOrCreate, and an upsert of what it connects',
    (c) =>
      c.node.update(
        underN3({
          beside: {
            create: { id: 'n9', below: { connectOrCreate: { where: { id: 'n2' }, create: { id: 'n7' } } } },
            update: {
              below: { upsert: { create: { id: 'n7' }, update: { below: { connect: { id: 'n4' } } } } },
            },
          },
        }),
      ),
  ],
  [
    'two updates of one record, the second of what the first connects',
    (c) =>
      c.node.update(
        underN3({
          nextTo: {
            update: [
              { where: { id: 'n6' }, data: { below: { connect: { id: 'n2' } } } },
              { where: { id: 'n6' }, data: moveBelow },
            ],
          },
        }),
      ),
  ],
  [
    'two updates of one record, the first by the foreign key itself',
    (c) =>
      c.node.update(
        underN3({
          nextTo: {
            update: [
              { where: { id: 'n6' }, data: { belowId: 'n2' } },
              { where: { id: 'n6' }, data: moveBelow },
            ],
          },
        }),
      ),
  ],
  [
    'updateMany of the foreign key, and an update of what it then refers to',
    (c) =>
      c.node.update(
        underN3({
          nextTo: {
            updateMany: { where: {}, data: { belowId: { set: 'n2' } } },
            update: { where: { id: 'n6' }, data: moveBelow },
          },
        }),
      ),
  ],
  [
    'createMany with the foreign key, and an update of what it refers to',
    (c) =>
      c.node.update(
        underN3({
          nextTo: {
            createMany: { data: [{ id: 'n9', belowId: 'n2' }] },
            update: { where: { id: 'n9' }, data: moveBelow },
          },
        }),
      ),
  ],
  [
    'create with the foreign key, and a delete of what it refers to',
    (c) =>
      c.node.update(
        underN3({
          nextTo: {
            create: { id: 'n9', besideId: undefined, belowId: 'n2' },
            update: { where: { id: 'n9' }, data: { below: { delete: true } } },
          },
        }),
      ),
  ],
]

/*
 * Of records whose key has several fields Prisma takes all that have any of the values in each: A1 and B2 stand for A2 and B1,
 * which are on another shelf.
 */
const onS1 = (parts: object) => (c: AnyPrismaClient) =>
  c.shelf.update({ where: { id: 's1' }, data: { parts } })
const crossed: typeof cases = [
  ['deleteMany of records with keys of two fields', onS1({ deleteMany: {} })],
  ['deleteMany with a condition', onS1({ deleteMany: [{ note: '' }] })],
  ['updateMany', onS1({ updateMany: { where: {}, data: { note: 'x' } } })],
  ['set, of what is linked', onS1({ set: [] })],
  ['set, of what will be linked', onS1({ set: [named('A2'), named('C3')] })],
  [
    'deleteMany of what an upsert links',
    (c) =>
      c.shelf.upsert({
        where: { id: 's1' },
        create: { id: 's9' },
        update: { parts: { connect: named('C3'), deleteMany: { number: { gt: 1 } } } },
      }),
  ],
  ['deleteMany of what was created', onS1({ create: part('C1'), deleteMany: { kind: { in: ['B', 'C'] } } })],
  ['and of one created by default', onS1({ create: { kind: 'C' }, deleteMany: {} })],
  ['and by createMany', onS1({ createMany: { data: [part('C4'), part('D3')] }, deleteMany: {} })],
  [
    'deleteMany of what has got another key',
    onS1({ update: { where: named('A1'), data: { number: { increment: 2 } } }, deleteMany: {} }),
  ],
  [
    'updateMany of the key, which takes others along',
    onS1({ updateMany: { where: {}, data: { number: { increment: 10 } } } }),
  ],
]

/** Makes a call with capture, and compares. */
function check(call: (c: AnyPrismaClient) => PromiseLike<unknown>) {
  const operation = {
    name: '',
    kind: 'nested write',
    args: {},
    call: (c: unknown) => call(c as never),
  } as const
  return session.check({
    form: 'single',
    operations: [operation],
    rollsBack: false,
    putAside: 0,
    accepted: true,
  })
}

test.each([...cases, ...crossed].map(([name, call]) => ({ name, call })))('$name', async ({ call }) => {
  const { outcome, missed, changed } = await check(call)
  expect(outcome.error).toBeUndefined()
  expect(changed).toBeGreaterThan(3)
  expect(missed.map(({ target, id }) => `${target}:${id}`)).toEqual([])
})

test('a call that tells no part of the keys is refused', async () => {
  const holes = { update: { where: { row_column: { row: 1, column: 2 } }, data: MOVED }, deleteMany: {} }
  const { outcome } = await check((c) => c.shelf.update({ where: { id: 's1' }, data: { holes } }))
  expect(outcome.error).toMatchObject({
    code: 'CAPTURE_UNFOLLOWED',
    problem: expect.stringMatching(/records of Hole .*nested writes at holes/),
  })
})
