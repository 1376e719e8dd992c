import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { withWriteback } from '../../src/capture/extension/extension.ts'
import { runWithContext } from '../../src/change/context.ts'
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

test.each(['verbose', 'WARN', '30'])(
  "LOG_LEVEL=%s of the application's own logger does not stop it",
  (level) => {
    vi.stubEnv('LOG_LEVEL', level)
    try {
      const plain = new PrismaClient({ adapter: new PrismaPg({ connectionString: world.url }) })
      expect(withWriteback(plain, world.config)).toHaveProperty('operator')
    } finally {
      vi.unstubAllEnvs()
    }
  },
)

test('a context that Postgres cannot store does not fail the write', async () => {
  const context = { userId: 'a\0\ud83d', tenantId: 7, correlationId: 'x'.repeat(300), role: 'r' } as never
  await runWithContext(context, () =>
    world.prisma.operator.create({ data: { code: 'b', name: 'B', countryCode: 'DE' } }),
  )
  const jobs = await world.jobs()
  expect(jobs.find(({ key }) => key === 'operators:Operator:2')?.context).toEqual({
    userId: 'a\ufffd',
    tenantId: '7',
    correlationId: 'x'.repeat(200),
  })
})
