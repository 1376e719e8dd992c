import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEmptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { type Application, openApplication } from './application.ts'
import { orderRows } from './row-order.ts'

const SCHEMA = fileURLToPath(new URL('../capture/triggers/ids.prisma', import.meta.url))

let database: TestDatabase
let application: Application

beforeEach(async () => {
  database = await createEmptyDatabase()
  application = await openApplication(SCHEMA, database.url)
}, 60_000)

afterEach(async () => {
  await application.close()
  await database.drop()
})

test('an operation with a limit takes the first rows by their key', async () => {
  const client = application.client()
  await client.number.createMany({ data: [3, 1, 2].map((id) => ({ id })) })
  const first = async () => {
    const { rows } = await application.pool.query<{ id: number }>('select id from "Number" limit 2')
    return rows.map(({ id }) => id)
  }
  const limited = application.dataModel.models.Number
  const operation = { name: '', kind: 'updateMany', args: {}, call: () => Promise.resolve() } as const

  await orderRows(client, [operation])
  expect(await first()).toEqual([3, 1])

  await orderRows(client, [{ ...operation, limited }])
  expect(await first()).toEqual([1, 2])

  // A rehearsal does it in its transaction.
  await client.number.update({ where: { id: 1 }, data: { note: 'moved to the end' } })
  await client.$transaction(async (tx) => orderRows(tx as never, [{ ...operation, limited }]))
  expect(await first()).toEqual([1, 2])
})
