import { afterEach, expect, test } from 'vitest'
import type { Prisma, PrismaClient } from '../../prisma/generated/client/client.ts'
import { runWithContext } from '../../src/change/context.ts'
import { seed } from './cases.ts'
import { createWorld, type World, type WorldOptions } from './support.ts'

let world: World
afterEach(() => world.close())

async function open(options: WorldOptions): Promise<PrismaClient> {
  world = await createWorld(options)
  await seed(world.base)
  return world.prisma
}

const extended = (client: unknown) => client as PrismaClient
const orderWarnings = () => world.lines.filter((line) => line.code === 'CAPTURE_ORDER')

/** Records that are switched off are not there for the application, as soft deletes have it. */
const hiding = (client: PrismaClient) =>
  extended(
    client.$extends({
      name: 'hiding',
      query: {
        operator: {
          findMany: ({ args, query }) => query({ ...args, where: { ...args.where, active: true } }),
        },
      },
    }),
  )

/** Row-level security as Prisma's own example does it. */
const rowLevelSecurity = (client: PrismaClient) =>
  extended(
    client.$extends({
      name: 'rls',
      query: {
        $allModels: {
          async $allOperations({ args, query }) {
            const [, result] = await client.$transaction([
              client.$executeRaw`select set_config('app.tenant', 't1', true)`,
              query(args) as Prisma.PrismaPromise<unknown>,
            ])
            return result
          },
        },
      },
    }),
  )

const labelled = (client: PrismaClient) =>
  extended(
    client.$extends({
      result: { operator: { label: { needs: { code: true }, compute: (one) => `<${one.code}>` } } },
    }),
  )

test('records that an earlier extension hides from reading are followed all the same', async () => {
  const prisma = await open({ before: hiding })
  await world.base.operator.updateMany({ data: { active: false } })
  expect(await prisma.operator.findMany()).toEqual([])
  expect(await prisma.operator.deleteMany({ where: { id: 100 } })).toEqual({ count: 1 })
  expect(await world.keys()).toEqual(['operators:Operator:100'])
  expect(orderWarnings()).toEqual([])
})

test('row-level security before: what the arguments name is published in the same batch', async () => {
  const prisma = await open({ before: rowLevelSecurity })
  await prisma.revenue.update({ where: { id: 100n }, data: { settled: true } })
  expect(await world.takeKeys()).toEqual(['revenues:Revenue:100'])
  await expect(prisma.revenue.update({ where: { id: 1n }, data: {} })).rejects.toMatchObject({
    code: 'P2025',
  })
  expect(await world.takeKeys()).toEqual([])
  expect(world.lines).toEqual([])
})

test('row-level security before: a new id is published with the old one, where the arguments tell both', async () => {
  const prisma = await open({ before: rowLevelSecurity })
  const where = { requestId_position: { requestId: 'r1', position: 1 } }
  await prisma.requestItem.update({ where, data: { position: { set: 7 } } })
  expect(await world.takeKeys()).toEqual(['items:RequestItem:r1|1', 'items:RequestItem:r1|7'])
  expect(world.lines).toEqual([])
})

test.each([
  ['by a relation', { request: { connect: { id: 'r3' } } }],
  ['by arithmetic', { position: { increment: 5 } }],
])('row-level security before: a part of an id that is changed %s is reported', async (_how, data) => {
  const prisma = await open({ before: rowLevelSecurity })
  const where = { requestId_position: { requestId: 'r1', position: 1 } }
  await prisma.requestItem.update({ where, data })
  expect(world.lines).toMatchObject([{ code: 'CAPTURE_UNFOLLOWED', models: ['RequestItem'] }])
})

test('row-level security before: what they do not name is reported', async () => {
  const prisma = await open({ before: rowLevelSecurity })
  await prisma.operator.update({ where: { code: 'c100' }, data: { name: 'n' } })
  expect(world.lines).toMatchObject([{ code: 'CAPTURE_UNFOLLOWED', models: ['Operator'] }])
})

test.each([
  ['before', { before: labelled }],
  ['after', { after: labelled }],
])('a result extension %s: its fields are there, the id stays hidden', async (_when, options) => {
  const prisma = await open(options)
  const select = { label: true } as object
  const answer = await prisma.operator.update({ where: { id: 100 }, data: { name: 'n' }, select })
  expect({ ...answer, keys: Object.keys(answer) }).toMatchObject({ label: '<c100>', keys: ['label'] })
  expect(await world.keys()).toEqual(['operators:Operator:100'])
  expect(orderWarnings()).toEqual([])
})

test('a query extension after ours is warned of, by name', async () => {
  await open({ after: rowLevelSecurity })
  expect(orderWarnings()).toMatchObject([
    { level: 40, extension: 'rls', msg: expect.stringContaining('rls') },
  ])
})

test('contexts stay with their own changes: lazy promises, all at once, batches', async () => {
  const prisma = await open({ connections: 4 })
  const update = (id: number) => prisma.operator.update({ where: { id }, data: { name: 'n' } })
  await Promise.all([
    runWithContext({ userId: 'a' }, () => update(100)),
    runWithContext({ userId: 'b' }, () => prisma.$transaction([update(101)])),
    runWithContext({ userId: 'c' }, () =>
      prisma.$transaction((tx) => tx.note.updateMany({ data: { pinned: true } })),
    ),
    update(102),
    prisma.$transaction(async (tx) => {
      await Promise.all([
        runWithContext({ userId: 'd' }, () =>
          tx.request.update({ where: { id: 'r1' }, data: { comment: 'x' } }),
        ),
        runWithContext({ userId: 'e' }, () =>
          tx.request.update({ where: { id: 'r2' }, data: { comment: 'x' } }),
        ),
      ])
    }),
  ])
  expect((await world.jobs()).map(({ key, context }) => [key.split(':').at(-1), context])).toEqual([
    ['0f0e0d0c-0b0a-0908-0706-050403020100', { userId: 'c' }],
    ['100', { userId: 'a' }],
    ['101', { userId: 'b' }],
    ['102', undefined],
    ['r1', { userId: 'd' }],
    ['r2', { userId: 'e' }],
  ])
})

test('a write conflict while publishing is what Prisma calls one: P2034', async () => {
  const prisma = await open({})
  const conflict = prisma.$transaction(
    async (tx) => {
      await tx.country.count()
      // Somebody else queues the record's job after this transaction's snapshot.
      await world.sql.query(
        `select sync_publish('operators', 'Operator', 's1', array['100'], array['update'])`,
      )
      await tx.operator.update({ where: { id: 100 }, data: { name: 'n' } })
    },
    { isolationLevel: 'RepeatableRead' },
  )
  await expect(conflict).rejects.toMatchObject({ code: 'P2034' })
})
