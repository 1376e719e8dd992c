import { PrismaPg } from '@prisma/adapter-pg'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { type CaptureMode, runWithContext, writeback, writebackContext } from '../../../src/index.ts'
import { createTriggerWorld, installTriggers, plainTargets, type TriggerWorld } from './support.ts'

/*
 * Extension and triggers in one database. Extension mode is told apart by a write that changes nothing: the
 * extension publishes it, triggers do not.
 */

let world: TriggerWorld
beforeAll(async () => {
  world = await createTriggerWorld(plainTargets, false)
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.pool.query('truncate airports, requests cascade')
  await world.prisma.airport.create({
    data: { iata: 'AAA', name: 'a', country: 'DE', latitude: 1, longitude: 1 },
  })
  await world.pool.query('delete from pgboss.job')
})

const clients: PrismaClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.$disconnect()
})

/** A client extended in a mode of its own: capture sees every write of the client that it extends, so each has its own. */
function extended(mode: CaptureMode, models: Record<string, CaptureMode> = {}): PrismaClient {
  const config = { ...world.config, capture: { ...world.config.capture, mode, models } }
  const adapter = new PrismaPg({ connectionString: world.url, max: 1 })
  const client = new PrismaClient({ adapter, comments: [writebackContext()] })
  clients.push(client)
  return client.$extends(writeback(config, { log: pino({ level: 'silent' }) })) as unknown as PrismaClient
}

const nothing = (prisma: PrismaClient) =>
  prisma.airport.update({ where: { iata: 'AAA' }, data: { name: 'a' } })
const change = (prisma: PrismaClient) =>
  runWithContext({ userId: 'ada' }, () =>
    prisma.airport.update({ where: { iata: 'AAA' }, data: { name: 'b' } }),
  )

test('without triggers: auto is the extension, trigger refuses to write unseen', async () => {
  await nothing(extended('auto'))
  expect(await world.takeLines()).toEqual(['airports:Airport:AAA update'])
  await expect(change(extended('trigger'))).rejects.toMatchObject({ code: 'TRIGGERS_MISSING' })
  expect(await world.prisma.airport.findUnique({ where: { iata: 'AAA' } })).toMatchObject({ name: 'a' })
})

test('with triggers: auto and trigger leave it to them, and the jobs carry the context', async () => {
  await installTriggers(world.pool, world.config)
  for (const mode of ['auto', 'trigger'] as const) {
    const prisma = extended(mode)
    await nothing(world.prisma)
    await world.take()
    await nothing(prisma)
    expect(await world.takeLines()).toEqual([])
    await prisma.$transaction((tx) => change(tx as PrismaClient))
    expect(await world.take()).toEqual([
      { key: 'airports:Airport:AAA', operation: 'update', context: { userId: 'ada' } },
    ])
  }
})

test('extension insists, for one model too; both at once are one job', async () => {
  await nothing(extended('extension'))
  expect(await world.takeLines()).toEqual(['airports:Airport:AAA update'])
  const prisma = extended('auto', { Airport: 'extension' })
  await nothing(prisma)
  expect(await world.takeLines()).toEqual(['airports:Airport:AAA update'])
  await change(prisma)
  expect(await world.takeLines()).toEqual(['airports:Airport:AAA update'])
  await prisma.request.create({ data: { id: 'a', reference: 'a', customerName: 'a' } })
  expect(await world.takeLines()).toEqual(['requests:Request:a create'])
})

test('triggers that are gone are noticed: the extension takes over', async () => {
  await world.pool.query('drop function sync_on_airports() cascade')
  await nothing(extended('auto'))
  expect(await world.takeLines()).toEqual(['airports:Airport:AAA update'])
})
