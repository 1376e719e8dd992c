import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { withWriteback } from '../../src/capture/extension/extension.ts'
import type { ConfigOptions, WritebackConfig } from '../../src/config/define-config.ts'
import { createWorld, defineConfig, everyModel, memoryLog, type World } from './support.ts'
import { installTriggers } from './triggers/support.ts'

let world: World
let pool: pg.Pool
const clients: PrismaClient[] = []
beforeEach(async () => {
  world = await createWorld()
  pool = new pg.Pool({ connectionString: world.url, max: 2 })
  await world.base.country.create({ data: { code: 'DE', name: 'Germany' } })
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.$disconnect()))
  await pool.end()
  await world.close()
})

const configOf = (capture: ConfigOptions<PrismaClient>['capture']) =>
  defineConfig({ targets: everyModel, ...(capture && { capture }) })

/** A client with a pool of one connection, and the statements it sends. */
function clientOf(config: WritebackConfig): { client: PrismaClient; publishes: () => number } {
  const plain = new PrismaClient({
    adapter: new PrismaPg({ connectionString: world.url, max: 1 }),
    log: [{ emit: 'event', level: 'query' }],
  })
  let publishes = 0
  plain.$on('query', ({ query }) => {
    if (query.includes('sync_publish(')) publishes++
  })
  clients.push(plain)
  return { client: withWriteback(plain, config, { log: memoryLog().log }), publishes: () => publishes }
}

const operator = (code: string) => ({ code, name: code, countryCode: 'DE' })

test('auto, without triggers: the extension publishes', async () => {
  const { client, publishes } = clientOf(configOf({ mode: 'auto' }))
  await client.operator.create({ data: operator('a') })
  expect(await world.takeKeys()).toEqual(['operators:Operator:1'])
  expect(publishes()).toBe(1)
})

test('auto, with triggers: they publish, and the extension does not', async () => {
  const config = configOf(undefined)
  await installTriggers(pool, config)
  const { client, publishes } = clientOf(config)
  await client.operator.create({ data: operator('a') })
  await client.$transaction((tx) => tx.operator.updateMany({ data: { name: 'b' } }))
  expect(await world.takeKeys()).toEqual(['operators:Operator:1'])
  expect(publishes()).toBe(0)
})

test('the first write of all may be in a transaction that holds the only connection', async () => {
  const config = configOf(undefined)
  await installTriggers(pool, config)
  const { client } = clientOf(config)
  await client.$transaction((tx) => tx.operator.create({ data: operator('a') }))
  expect(await world.takeKeys()).toEqual(['operators:Operator:1'])
})

test('extension: it publishes although there are triggers, and it is one job', async () => {
  const config = configOf({ mode: 'extension' })
  await installTriggers(pool, config)
  const { client, publishes } = clientOf(config)
  await client.operator.create({ data: operator('a') })
  expect(await world.takeKeys()).toEqual(['operators:Operator:1'])
  expect(publishes()).toBe(1)
})

test('trigger, without triggers: the first write is refused, and not made', async () => {
  const { client } = clientOf(configOf({ mode: 'trigger' }))
  const refused = expect.objectContaining({ code: 'TRIGGERS_MISSING' })
  await expect(client.operator.create({ data: operator('a') })).rejects.toEqual(refused)
  await expect(client.$executeRaw`update operators set rating = 1`).rejects.toEqual(refused)
  expect(await world.base.operator.count()).toBe(0)
  // What no target shows is nobody's business.
  await client.country.create({ data: { code: 'FR', name: 'France' } })
  expect(await client.operator.count()).toBe(0)
})

test('modes of single models', async () => {
  const { client } = clientOf(configOf({ mode: 'extension', models: { Operator: 'trigger' } }))
  await expect(client.operator.create({ data: operator('a') })).rejects.toMatchObject({
    code: 'TRIGGERS_MISSING',
  })
  await installTriggers(pool, configOf(undefined))
  await client.operator.create({ data: operator('a') })
  await client.airport.create({ data: { iata: 'X', name: 'n', country: 'c', latitude: 0, longitude: 0 } })
  expect(await world.takeKeys()).toEqual(['airports:Airport:X', 'operators:Operator:1'])
})
