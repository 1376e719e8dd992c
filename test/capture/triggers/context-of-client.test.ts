import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { PrismaPg } from '@prisma/adapter-pg'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { type CaptureMode, runWithContext, writeback, writebackContext } from '../../../src/index.ts'
import { createTriggerWorld, plainTargets, type TriggerWorld } from './support.ts'

/*
 * What an application does for who and why to reach the jobs of triggers: nothing but to extend its client. Whatever it
 * does otherwise, a context that is lost is told.
 */

let world: TriggerWorld
beforeAll(async () => {
  world = await createTriggerWorld(plainTargets)
})
afterAll(() => world.close())

const clients: PrismaClient[] = []
const log: { code?: string; msg: string }[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.$disconnect()
  await world.pool.query('truncate airports cascade')
  await world.take()
  log.length = 0
})

function plain(options: object = {}): PrismaClient {
  const adapter = new PrismaPg({ connectionString: world.url, max: 1 })
  const client = new PrismaClient({ adapter, ...options })
  clients.push(client)
  return client
}
function extend(client: PrismaClient, mode: CaptureMode = 'auto'): PrismaClient {
  const config = { ...world.config, capture: { ...world.config.capture, mode } }
  const logger = pino(
    { level: 'warn', base: null },
    { write: (line: string) => void log.push(JSON.parse(line)) },
  )
  return client.$extends(writeback(config, { log: logger })) as unknown as PrismaClient
}

const airport = (iata: string) => ({ iata, name: iata, country: 'DE', latitude: 1, longitude: 1 })
const asAda = (prisma: PrismaClient, iata = 'AAA') =>
  runWithContext({ userId: 'ada' }, () => prisma.airport.create({ data: airport(iata) }))
const contexts = async () => (await world.take()).map(({ context }) => context)

test('a client that is extended carries it: nothing else has to be set', async () => {
  await asAda(extend(plain()))
  expect(await contexts()).toEqual([{ userId: 'ada' }])
  expect(log).toEqual([])
})

test('plugins of the application stay, and our own twice is as once', async () => {
  const statements: string[] = []
  const client = plain({
    comments: [() => ({ route: 'orders' }), writebackContext()],
    log: [{ emit: 'event', level: 'query' }],
  })
  client.$on('query' as never, ({ query }: { query: string }) => void statements.push(query))
  await asAda(extend(client))
  expect(await contexts()).toEqual([{ userId: 'ada' }])
  const insert = statements.find((text) => /^insert/i.test(text)) ?? ''
  expect(insert).toContain("route='orders'")
  expect(insert.match(/writeback=/g)).toHaveLength(1)
})

test('also after a client has connected again', async () => {
  const client = plain()
  const prisma = extend(client)
  await asAda(prisma)
  await client.$disconnect()
  await asAda(prisma, 'BBB')
  expect(await contexts()).toEqual([{ userId: 'ada' }, { userId: 'ada' }])
})

test('where the configuration leaves everything to the extension, statements stay as they are', async () => {
  const statements: string[] = []
  const client = plain({ log: [{ emit: 'event', level: 'query' }] })
  client.$on('query' as never, ({ query }: { query: string }) => void statements.push(query))
  await asAda(extend(client, 'extension'))
  expect(statements.length).toBeGreaterThan(0)
  expect(statements.join('\n')).not.toContain('writeback=')
  expect(log).toEqual([])
})

test('a client that had connected before: told once, and the remedy that is named helps', async () => {
  const client = plain()
  await client.airport.count()
  const prisma = extend(client)
  await asAda(prisma)
  await asAda(prisma, 'BBB')
  expect(await contexts()).toEqual([undefined, undefined])
  expect(log).toMatchObject([{ code: 'CONTEXT_LOST', msg: expect.stringContaining('writebackContext()') }])

  const other = plain({ comments: [writebackContext()] })
  await other.airport.count()
  await asAda(extend(other), 'CCC')
  expect(await contexts()).toEqual([{ userId: 'ada' }])
  expect(log).toHaveLength(1)
})

// The warning is one for the process, so that each has a process of its own.
test.each([
  ['a client that is not extended', ''],
  ['a client with the comments alone', 'comments: [writebackContext()]'],
  ['the same, beside one that is extended', 'comments: [writebackContext()]', 'extended'],
])('%s: told once', async (_name, options, other = '') => {
  const program = `
    import { PrismaPg } from '@prisma/adapter-pg'
    import { PrismaClient } from './prisma/generated/client/client.ts'
    import { runWithContext, writeback, writebackContext } from './src/index.ts'
    import config from './writeback.config.ts'
    const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 1 })
    ${other && 'new PrismaClient({ adapter }).$extends(writeback(config))'}
    const prisma = new PrismaClient({ adapter, ${options} })
    for (const iata of ['AAA', 'BBB'])
      await runWithContext({ userId: 'ada' }, () =>
        prisma.airport.create({ data: { iata, name: iata, country: 'DE', latitude: 1, longitude: 1 } }))
    await prisma.$disconnect()`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, DATABASE_URL: world.url, LOG_LEVEL: 'info' },
  })
  const lines = stdout.split('\n').filter((line) => line !== '')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { code: 'CONTEXT_LOST', msg: expect.stringContaining('$extends(writeback(config))') },
  ])
})
