import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { withWriteback } from '../../src/capture/extension.ts'
import { createWorld, type World } from './support.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

test('a client that keeps its type publishes, and still has $on', async () => {
  const plain = new PrismaClient({
    adapter: new PrismaPg({ connectionString: world.url, max: 2 }),
    log: [{ emit: 'event', level: 'query' }],
  })
  const client = withWriteback(plain, world.config)
  const queries: string[] = []
  expect(client.$on('query', (event) => queries.push(event.query))).toBe(client)
  try {
    await client.$transaction(async (tx) => {
      await tx.country.create({ data: { code: 'DE', name: 'Germany' } })
      await tx.operator.create({ data: { code: 'a', name: 'A', countryCode: 'DE' } })
    })
    expect(await world.keys()).toEqual(['operators:Operator:1'])
    expect(queries.some((query) => query.includes('sync_publish'))).toBe(true)
  } finally {
    await client.$disconnect()
  }
})
