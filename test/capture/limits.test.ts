import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { seed } from './cases.ts'
import { createWorld, type World } from './support.ts'

/*
 * Which records a `limit` takes is the database's choice, so that these compare the jobs with the rows that
 * are seen to have changed.
 */

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.clear()
  await seed(world.base)
})

/** The keys of the operators that fulfil a condition. */
async function keysWhere(condition: string): Promise<string[]> {
  const { rows } = await world.sql.query(
    `select 'operators:Operator:' || operator_id as key from operators where ${condition} order by 1`,
  )
  return rows.map((row) => row.key)
}

test('updateMany with a limit below the number of matches', async () => {
  expect(await world.prisma.operator.updateMany({ data: { name: 'n' }, limit: 2 })).toEqual({ count: 2 })
  expect(await world.keys()).toEqual(await keysWhere("display_name = 'n'"))
})

test('updateManyAndReturn with a limit', async () => {
  const answer = await world.prisma.operator.updateManyAndReturn({
    data: { name: 'n' },
    limit: 1,
    select: { name: true },
  })
  expect(answer).toEqual([{ name: 'n' }])
  expect(await world.keys()).toEqual(await keysWhere("display_name = 'n'"))
})

test('updateMany of ids with a limit publishes the old ids and the new ones', async () => {
  const answer = await world.prisma.operator.updateMany({ data: { id: { increment: 900 } }, limit: 2 })
  expect(answer).toEqual({ count: 2 })
  const moved = await keysWhere('operator_id >= 1000')
  const left = moved.map((key) => `operators:Operator:${Number(key.split(':')[2]) - 900}`)
  expect(moved).toHaveLength(2)
  expect(await world.keys()).toEqual([...left, ...moved].sort())
})

test('deleteMany with a limit', async () => {
  const before = await keysWhere('true')
  expect(await world.prisma.operator.deleteMany({ limit: 2 })).toEqual({ count: 2 })
  const after = await keysWhere('true')
  expect(await world.keys()).toEqual(before.filter((key) => !after.includes(key)))
})

test('ids by the ten thousand: one job for every record', async () => {
  const data = Array.from({ length: 10_500 }, (_, at) => ({
    id: 1000 + at,
    code: `x${at}`,
    name: 'n',
    countryCode: 'DE',
  }))
  expect(await world.prisma.operator.createMany({ data })).toEqual({ count: 10_500 })
  expect(await world.takeKeys()).toHaveLength(10_500)
  expect(await world.prisma.operator.deleteMany({ where: { name: 'n' } })).toEqual({ count: 10_500 })
  expect(await world.takeKeys()).toHaveLength(10_500)
  expect(await world.base.operator.count()).toBe(3)
})

test('what a job says: operation, context, version, time', async () => {
  await world.prisma.operator.update({ where: { id: 100 }, data: { name: 'n' } })
  const { rows } = await world.sql.query(
    `select data, group_id, group_tier, policy, dead_letter, retry_limit from pgboss.job where name = 'sync.write-back'`,
  )
  expect(rows).toEqual([
    {
      data: {
        v: 1,
        target: 'operators',
        model: 'Operator',
        id: '100',
        operation: 'update',
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
      group_id: 's1',
      group_tier: 'operators',
      policy: 'short',
      dead_letter: 'sync.write-back.dead',
      retry_limit: 8,
    },
  ])
})

test('the operation of a job is that of the last change before it was taken', async () => {
  const { prisma } = world
  await prisma.$transaction([
    prisma.operator.upsert({
      where: { id: 100 },
      create: { code: 'q', name: 'n', countryCode: 'DE' },
      update: {},
    }),
    prisma.operator.delete({ where: { id: 101 } }),
    prisma.operator.createMany({ data: { id: 1, code: 'q', name: 'n', countryCode: 'DE' } }),
    prisma.operator.update({ where: { id: 102 }, data: { id: 103 } }),
  ])
  expect((await world.jobs()).map(({ key, operation }) => `${key} ${operation}`)).toEqual([
    'operators:Operator:1 create',
    'operators:Operator:100 upsert',
    'operators:Operator:101 delete',
    'operators:Operator:102 delete',
    'operators:Operator:103 update',
  ])
})
