import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { writeback } from '../../src/capture/extension/extension.ts'
import { installJobs } from '../../src/operations/install.ts'
import { forClient } from '../../src/targets/for-client.ts'
import { type AnyPrismaClient, type Application, openApplication } from '../differential/application.ts'
import { applicationModels } from '../differential/catalog.ts'
import { createEmptyDatabase, type TestDatabase } from '../support/postgres.ts'

/*
 * A part of a call that is not executed may hold values that Postgres does not take: the branch of an upsert that is
 * not needed. The plain client never sends them, and capture must not fail by sending them first.
 */

const SCHEMA = fileURLToPath(new URL('./schema/typed-links.prisma', import.meta.url))
const uuid = (n: number) => `00000000-0000-4000-8000-00000000000${n}`
const NONE = 'no-uuid'

let database: TestDatabase
let application: Application
let plain: AnyPrismaClient
let captured: AnyPrismaClient

beforeAll(async () => {
  database = await createEmptyDatabase()
  application = await openApplication(SCHEMA, database.url)
  const { dataModel } = application
  const { defineConfig, sheetTarget } = forClient<never>(dataModel)
  const columns = [{ header: 'x', value: () => 1 }]
  const targets = applicationModels(dataModel).map(({ name }) =>
    sheetTarget({ name, model: name, spreadsheetId: 's', tab: name, columns } as never),
  )
  const config = defineConfig({ targets, capture: { mode: 'extension', unfollowed: 'throw' } })
  await installJobs(database.url, config)
  plain = application.client()
  const extendable = application.client() as unknown as { $extends(extension: unknown): AnyPrismaClient }
  captured = extendable.$extends(writeback(config))
}, 120_000)

afterAll(async () => {
  await application?.close()
  await database?.drop()
})

beforeEach(async () => {
  await application.pool.query('truncate "Hub", "Uuid", "Part", "Owned" cascade')
  await plain.hub.create({
    data: {
      id: 'h',
      uuids: { create: { id: uuid(1), parts: { create: { id: uuid(2) } }, owned: { create: {} } } },
    },
  })
})

async function published(): Promise<string[]> {
  const { rows } = await application.pool.query<{ key: string }>(
    `delete from pgboss.job where name = 'sync.write-back' returning data->>'model' || ':' || (data->>'id') as key`,
  )
  return rows.map(({ key }) => key).sort()
}

/** What a call does, with both clients; it is taken back in between. */
async function both(call: (client: AnyPrismaClient) => PromiseLike<unknown>): Promise<string[]> {
  const over = new Error('taken back')
  const alone = plain.$transaction(async (tx) => {
    await call(tx as unknown as AnyPrismaClient)
    throw over
  })
  await expect(alone).rejects.toBe(over)
  // In a transaction of the caller's it must be possible to go on.
  await captured.$transaction(async (tx) => {
    await call(tx as unknown as AnyPrismaClient)
    await (tx as unknown as AnyPrismaClient).$queryRawUnsafe('select 1')
  })
  return published()
}

const UNUSABLE: readonly (readonly [relation: string, id: unknown])[] = [
  ['uuids', NONE],
  ['smalls', 40_000],
  ['ints', 3_000_000_000],
  ['bigs', 2n ** 70n],
  ['addresses', '10.0.0.300'],
  ['bits', '012'],
  ['texts', 'a\0b'],
  ['days', new Date('0000-01-01')],
]

const operations: readonly (readonly [name: string, make: (id: unknown) => object])[] = [
  ['connect', (id) => ({ connect: { id } })],
  ['set', (id) => ({ set: [{ id }] })],
  ['connectOrCreate', (id) => ({ connectOrCreate: { where: { id }, create: { id } } })],
]

test.each(
  UNUSABLE.flatMap(([relation, id]) =>
    operations.map(([name, make]) => ({ relation, id: String(id), name, update: { [relation]: make(id) } })),
  ),
)('$name of $relation in an update that is not needed: $id', async ({ update }) => {
  const call = (c: AnyPrismaClient) => c.hub.upsert({ where: { id: 'new' }, create: { id: 'new' }, update })
  const refused = await plain
    .$transaction((tx) => Promise.resolve(call(tx as never)))
    .then(
      () => null,
      (error: Error) => error.name,
    )
  await application.pool.query(`delete from "Hub" where id = 'new'`)
  // What Prisma itself refuses, whether it is needed or not, stays refused in its words.
  if (refused !== null) await expect(call(captured)).rejects.toMatchObject({ name: refused })
  else expect(await both(call)).toEqual(['Hub:new'])
})

test('a condition beside the id', async () => {
  const where = { id: uuid(1), OR: [{ parts: { some: { id: { in: [NONE] } } } }, { note: 'x' }] }
  const call = (c: AnyPrismaClient) =>
    c.hub.upsert({ where: { id: 'new' }, create: { id: 'new' }, update: { uuids: { connect: where } } })
  expect(await both(call)).toEqual(['Hub:new'])
})

test('the records beside it that can be named are followed', async () => {
  const call = (c: AnyPrismaClient) =>
    c.hub.upsert({
      where: { id: 'new' },
      create: { id: 'new', uuids: { connect: { id: uuid(1) } } },
      update: { uuids: { connect: { id: NONE } } },
    })
  expect(await both(call)).toEqual(['Hub:new', `Uuid:${uuid(1)}`])
})

test('a UUID in a form of its own is one', async () => {
  const id = `{${uuid(1).replaceAll('-', '')}}`
  const call = (c: AnyPrismaClient) =>
    c.hub.upsert({ where: { id: 'h' }, create: { id: 'h' }, update: { uuids: { set: [], connect: { id } } } })
  expect(await both(call)).toEqual(['Hub:h', `Uuid:${uuid(1)}`])
})

test('the create of an upsert that updates', async () => {
  const call = (c: AnyPrismaClient) =>
    c.hub.upsert({
      where: { id: 'h' },
      create: { id: 'h', uuids: { connect: { id: NONE } } },
      update: { note: 'x' },
    })
  expect(await both(call)).toEqual(['Hub:h'])
})

test('a nested update under an upsert of a record that is not there', async () => {
  const call = (c: AnyPrismaClient) =>
    c.hub.update({
      where: { id: 'h' },
      data: {
        uuids: {
          update: {
            where: { id: uuid(1) },
            data: { parts: { update: { where: { id: uuid(2) }, data: { note: 'x' } } } },
          },
          upsert: {
            where: { id: uuid(3) },
            create: { id: uuid(3) },
            update: { parts: { update: { where: { id: NONE }, data: { note: 'x' } } } },
          },
        },
      },
    })
  expect(await both(call)).toContain(`Part:${uuid(2)}`)
})

test('the new key of a record, which a create that is not needed would give it', async () => {
  const call = (c: AnyPrismaClient) =>
    c.owned.update({
      where: { uuidId: uuid(1) },
      data: { uuid: { upsert: { create: { id: NONE }, update: { id: uuid(4) } } } },
    })
  expect(await both(call)).toEqual([
    `Owned:${uuid(1)}`,
    `Owned:${uuid(4)}`,
    `Part:${uuid(2)}`,
    `Uuid:${uuid(1)}`,
    `Uuid:${uuid(4)}`,
  ])
})

test('a call whose own record cannot be named is refused as the plain client refuses it', async () => {
  const call = (c: AnyPrismaClient) =>
    c.owned.update({ where: { uuidId: NONE }, data: { uuid: { connect: { id: uuid(1) } } } })
  const refusal = await Promise.resolve(call(plain)).catch(({ name, code }) => ({ name, code }))
  expect(refusal).toHaveProperty('name')
  await expect(call(captured)).rejects.toMatchObject(refusal as object)
})
