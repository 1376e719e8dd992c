import { PrismaPg } from '@prisma/adapter-pg'
import { pino } from 'pino'
import { afterEach, describe, expect, test } from 'vitest'
import { lookAgain } from '../../jobs/related.ts'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { withWriteback } from '../../src/capture/extension/extension.ts'
import { RelatedRecords } from '../../src/capture/shown/related-records.ts'
import { createTriggerWorld, sheetTarget, type TriggerWorld } from './triggers/support.ts'

/*
 * A transaction changes a row that targets show, while another one links a record to it. Neither waits for the other,
 * and the first does not see the link. A worker may read the record in between.
 */

const to = { spreadsheetId: 's', columns: [{ header: 'x', value: () => '' }] } as const
const targets = [
  sheetTarget({
    ...to,
    name: 't',
    tab: 't',
    model: 'Request',
    include: {
      operator: { select: { name: true, parent: { select: { name: true } } } },
      tags: true,
      notes: true,
    },
  }),
]

let world: TriggerWorld
let clients: PrismaClient[] = []

afterEach(async () => {
  await Promise.all(clients.map((client) => client.$disconnect()))
  clients = []
  await world.close()
})

async function open(mode: string): Promise<PrismaClient> {
  world = await createTriggerWorld(targets, mode === 'trigger')
  const adapter = new PrismaPg({ connectionString: world.url, max: 4 })
  const plain = new PrismaClient({ adapter })
  clients.push(plain)
  const { prisma } = world
  await prisma.country.create({ data: { code: 'DE', name: 'Germany' } })
  const operator = (id: number) => ({ id, code: `o${id}`, name: `O${id}`, countryCode: 'DE' })
  await prisma.operator.createMany({ data: [operator(1), operator(2)] })
  for (const id of ['a', 'b']) {
    await prisma.request.create({ data: { id, operatorId: 1, reference: id, customerName: id } })
  }
  await world.pool.query('delete from pgboss.job')
  return mode === 'trigger' ? plain : withWriteback(plain, world.config)
}

/** Runs the jobs of `sync.related` as the worker does. */
async function look(): Promise<number> {
  const { rows } = await world.pool.query<{ id: string; data: unknown }>(
    `delete from pgboss.job where name = 'sync.related' returning id, data`,
  )
  await lookAgain({ sql: world.sql, log: pino({ level: 'silent' }) }, new RelatedRecords(world.config), rows)
  return rows.length
}

type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0]

/** Changes something in a transaction that commits after another one has come and gone. */
async function during(
  prisma: PrismaClient,
  change: (tx: Transaction) => Promise<unknown>,
  meanwhile: (prisma: PrismaClient) => Promise<unknown>,
  isolationLevel: 'ReadCommitted' | 'RepeatableRead' = 'ReadCommitted',
): Promise<string[]> {
  let read: string[] = []
  await prisma.$transaction(
    async (tx) => {
      if (isolationLevel === 'RepeatableRead') await tx.request.count()
      else await change(tx)
      await meanwhile(prisma)
      // A worker takes what the other one has published, and reads it as it is now.
      read = await world.takeLines()
      if (isolationLevel === 'RepeatableRead') await change(tx)
    },
    { isolationLevel },
  )
  return read
}

describe.each(['trigger', 'extension'])('by %s', (mode) => {
  const rename = (tx: Transaction) => tx.operator.update({ where: { id: 2 }, data: { name: 'New' } })
  const link = (prisma: PrismaClient) =>
    prisma.request.update({ where: { id: 'a' }, data: { operator: { connect: { id: 2 } } } })

  test.each(['ReadCommitted', 'RepeatableRead'] as const)(
    'a record that is linked while the row it will show is changed: %s',
    async (level) => {
      const prisma = await open(mode)
      expect(await during(prisma, rename, link, level)).toContain('t:Request:a update')
      expect(await world.takeLines(), 'the change itself does not see the link').toEqual([])
      await look()
      expect(await world.takeLines()).toEqual(['t:Request:a update'])
    },
  )

  test('one that commits last is read by its own job', async () => {
    const prisma = await open(mode)
    await prisma.$transaction(async (tx) => {
      await tx.request.update({ where: { id: 'a' }, data: { operatorId: 2 } })
      await rename(prisma as unknown as Transaction)
      await look()
      expect(await world.takeLines()).toEqual([])
    })
    expect(await world.takeLines()).toEqual(['t:Request:a update'])
  })

  test('over several levels', async () => {
    const prisma = await open(mode)
    const parent = (tx: Transaction) => tx.operator.update({ where: { id: 1 }, data: { name: 'P' } })
    const join = (client: PrismaClient) =>
      client.operator.update({ where: { id: 2 }, data: { parent: { connect: { id: 1 } } } })
    await prisma.request.update({ where: { id: 'b' }, data: { operatorId: 2 } })
    await look()
    await world.takeLines()
    const read = await during(prisma, parent, join)
    expect(read).toContain('t:Request:b update')
    expect(await world.takeLines(), 'the change itself sees the old links').toEqual(['t:Request:a update'])
    await look()
    expect(await world.takeLines()).toEqual(['t:Request:a update', 't:Request:b update'])
  })

  test('is not asked for where the row itself names its record, nor for what nothing shows', async () => {
    const prisma = await open(mode)
    await prisma.note.create({ data: { author: 'x', body: 'y', requestId: 'a' } })
    await prisma.request.update({ where: { id: 'a' }, data: { customerName: 'z' } })
    await prisma.operator.update({ where: { id: 1 }, data: { rating: 3 } })
    expect(await look()).toBe(0)
    await prisma.$transaction([rename(prisma as unknown as Transaction) as never])
    // The operator itself, and as another one's parent.
    expect(await look()).toBe(2)
  })
})

test('a bulk change is looked for in parts of 1,000 rows', async () => {
  await open('trigger')
  await world.prisma.operator.createMany({
    data: Array.from({ length: 2500 }, (_, at) => ({
      id: at + 10,
      code: `x${at}`,
      name: 'n',
      countryCode: 'DE',
    })),
  })
  await world.pool.query(`update operators set display_name = 'm'`)
  expect(await look(), 'as operators, and as parents').toBe(2 * 3)
})

test('a path that the configuration has no more is let go', async () => {
  await open('trigger')
  const records = new RelatedRecords({ ...world.config, targets: [] })
  const data = { v: 1, target: 't', path: 'operator', rows: [{ operator_id: '1' }] }
  const run = () =>
    lookAgain({ sql: world.sql, log: pino({ level: 'silent' }) }, records, [{ id: 'x', data }])
  expect(await run()).toEqual({ published: 0 })
})
