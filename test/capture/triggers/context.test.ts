import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { encodeContext } from '../../../src/capture/extension/context-comment.ts'
import { runWithContext } from '../../../src/index.ts'
import { createTriggerWorld, plainTargets, type TriggerWorld } from './support.ts'

let world: TriggerWorld

beforeAll(async () => {
  world = await createTriggerWorld(plainTargets)
})

afterAll(() => world.close())

afterEach(async () => {
  await world.pool.query('truncate countries, airports, operators, requests, tags, "Revenue" cascade')
  await world.pool.query('delete from pgboss.job')
})

const airport = (iata: string) => ({ iata, name: iata, country: 'DE', latitude: 1, longitude: 1 })
const request = (id: string) => ({ id, reference: id, customerName: 'Ada' })
const ada = { userId: 'ada', correlationId: 'c-1', tenantId: 't' }
const bob = { userId: 'bob' }

/** Contexts of the queued jobs by record id. */
async function contexts(): Promise<Record<string, unknown>> {
  const jobs = await world.take()
  return Object.fromEntries(jobs.map((job) => [job.key.split(':').slice(2).join(':'), job.context]))
}

describe('writebackContext', () => {
  test('carries the context of a call, and none where there is none', async () => {
    const { prisma } = world
    await runWithContext(ada, () => prisma.airport.create({ data: airport('AAA') }))
    await prisma.airport.create({ data: airport('BBB') })
    await runWithContext({}, () => prisma.airport.create({ data: airport('CCC') }))
    expect(await contexts()).toEqual({ AAA: ada, BBB: undefined, CCC: undefined })
  })

  test('carries it through nested writes, cascades, raw SQL and many rows', async () => {
    const { prisma } = world
    await runWithContext(ada, async () => {
      await prisma.request.create({
        data: { ...request('a'), items: { create: { position: 1, kind: 'FLIGHT', title: 'x' } } },
      })
      await prisma.$executeRaw`insert into airports (iata_code, name, country, latitude, longitude) values ('RAW', 'x', 'DE', 1, 1)`
      await prisma.airport.createMany({ data: Array.from({ length: 3_000 }, (_, at) => airport(`N${at}`)) })
    })
    const seen = await contexts()
    expect(Object.keys(seen)).toHaveLength(3_003)
    expect(new Set(Object.values(seen).map((context) => JSON.stringify(context))).size).toBe(1)
    expect(seen['a|1']).toEqual(ada)
    await runWithContext(bob, () => prisma.request.delete({ where: { id: 'a' } }))
    expect(await contexts()).toEqual({ a: bob, 'a|1': bob })
  })

  test('keeps concurrent requests apart', async () => {
    const { prisma } = world
    const users = Array.from({ length: 40 }, (_, at) => `user-${at}`)
    await Promise.all(
      users.map((userId, at) =>
        runWithContext({ userId }, async () => {
          if (at % 2) return prisma.airport.create({ data: airport(userId) })
          return prisma.$transaction((tx) => tx.airport.create({ data: airport(userId) }))
        }),
      ),
    )
    const seen = await contexts()
    for (const userId of users) expect(seen[userId]).toEqual({ userId })
  })

  test('a lazy promise has the context in which it is awaited', async () => {
    const made = await runWithContext(
      ada,
      () => [world.prisma.airport.create({ data: airport('AAA') })] as const,
    )
    await made[0]
    const other = world.prisma.airport.create({ data: airport('BBB') })
    await runWithContext(bob, () => other)
    expect(await contexts()).toEqual({ AAA: undefined, BBB: bob })
  })

  test('an interactive transaction and a batch', async () => {
    const { prisma } = world
    await runWithContext(ada, () =>
      prisma.$transaction(async (tx) => {
        await tx.airport.create({ data: airport('AAA') })
        await runWithContext(bob, () => tx.airport.create({ data: airport('BBB') }))
        await tx.airport.create({ data: airport('CCC') })
      }),
    )
    await runWithContext(bob, () =>
      prisma.$transaction([
        prisma.airport.create({ data: airport('DDD') }),
        prisma.airport.create({ data: airport('EEE') }),
      ]),
    )
    expect(await contexts()).toEqual({ AAA: ada, BBB: { ...ada, ...bob }, CCC: ada, DDD: bob, EEE: bob })
  })
})

describe('calls that Prisma collects and sends together', () => {
  test('of several interactive transactions, each has its own', async () => {
    const { prisma } = world
    const users = Array.from({ length: 30 }, (_, at) => `user-${at}`)
    let arrived = 0
    const all = Promise.withResolvers<void>()
    await Promise.all(
      users.map((userId, at) =>
        runWithContext(at % 3 ? { userId } : {}, () =>
          prisma.$transaction(
            async (tx) => {
              // A few at a time, because the pool has no more connections: they write in one tick.
              if (++arrived >= 4) all.resolve()
              await all.promise
              await tx.airport.create({ data: airport(userId) })
            },
            { maxWait: 30_000 },
          ),
        ),
      ),
    )
    const seen = await contexts()
    for (const [at, userId] of users.entries()) expect(seen[userId]).toEqual(at % 3 ? { userId } : undefined)
  })

  test('of several batches, each has its own', async () => {
    const { prisma } = world
    const users = Array.from({ length: 30 }, (_, at) => `user-${at}`)
    await Promise.all(
      users.map((userId, at) =>
        runWithContext(at % 3 ? { userId } : {}, () =>
          prisma.$transaction([
            prisma.airport.create({ data: airport(userId) }),
            prisma.airport.create({ data: airport(`${userId}-b`) }),
          ]),
        ),
      ),
    )
    const seen = await contexts()
    for (const [at, userId] of users.entries()) {
      expect([seen[userId], seen[`${userId}-b`]]).toEqual(
        at % 3 ? [{ userId }, { userId }] : [undefined, undefined],
      )
    }
  })

  test('of one transaction, under Promise.all, each has its own', async () => {
    await world.prisma.$transaction((tx) =>
      Promise.all([
        runWithContext(ada, () => tx.airport.create({ data: airport('AAA') })),
        runWithContext(bob, () => tx.airport.create({ data: airport('BBB') })),
        runWithContext(bob, () => tx.airport.findUnique({ where: { iata: 'AAA' } })),
        tx.airport.create({ data: airport('CCC') }),
        runWithContext(ada, () =>
          tx.request.create({
            data: { ...request('a'), items: { create: { position: 1, kind: 'FLIGHT', title: 'x' } } },
          }),
        ),
      ]),
    )
    expect(await contexts()).toEqual({ AAA: ada, BBB: bob, CCC: undefined, a: ada, 'a|1': ada })
  })
})

describe('what a context may be', () => {
  test('anything that text can hold', async () => {
    const strange = {
      userId: `'; */ drop table "x" -- ümläut 🛫 \n % %27`,
      correlationId: '*/',
      tenantId: '/*',
    }
    await runWithContext(strange, () => world.prisma.airport.create({ data: airport('AAA') }))
    expect(await contexts()).toEqual({ AAA: strange })
  })

  test('values that are too long are cut, so that the worker can read the job', async () => {
    const long = { userId: 'x'.repeat(500), tenantId: '🛫'.repeat(300), correlationId: 'ü'.repeat(200) }
    await runWithContext(long, () => world.prisma.airport.create({ data: airport('AAA') }))
    const { AAA } = (await contexts()) as { AAA: typeof long }
    expect(AAA.userId).toBe('x'.repeat(200))
    expect('🛫'.repeat(100).startsWith(AAA.tenantId)).toBe(true)
    expect('ü'.repeat(200).startsWith(AAA.correlationId)).toBe(true)
  })

  test('a setting, for programs without comments; a comment goes before it', async () => {
    const client = await world.pool.connect()
    const insert = (iata: string) =>
      `insert into airports (iata_code, name, country, latitude, longitude) values ('${iata}', 'x', 'DE', 1, 1)`
    try {
      await client.query(`set writeback.context = '{"userId":"cron","more":1,"tenantId":5}'`)
      await client.query(insert('AAA'))
      await client.query(`${insert('BBB')} /*writeback='${encodeContext(bob)}'*/`)
      await client.query('reset writeback.context')
      await client.query(insert('CCC'))
      await client.query(`set writeback.context = 'no json'`)
      await client.query(insert('DDD'))
    } finally {
      client.release(true)
    }
    expect(await contexts()).toEqual({
      AAA: { userId: 'cron', tenantId: '5' },
      BBB: bob,
      CCC: undefined,
      DDD: undefined,
    })
  })
})

describe('a comment that is not ours, or broken, never fails a write', () => {
  const good = encodeContext(ada) as string
  const encoded = (text: string) => Buffer.from(text).toString('base64url')
  test.each([
    ['among other tags', `/*action='x%2Fy*',writeback='${good}',z='%27'*/`, ada],
    ['with a semicolon and space after it', `/*writeback='${good}'*/ ;\n`, ada],
    ['no base64', `/*writeback='a'*/`, undefined],
    ['no json', `/*writeback='${encoded('{')}'*/`, undefined],
    ['no object', `/*writeback='${encoded('[1]')}'*/`, undefined],
    ['no known key', `/*writeback='${encoded('{"x":"y"}')}'*/`, undefined],
    ['null', `/*writeback='${encoded('{"userId":null}')}'*/`, undefined],
    ['invalid UTF-8', `/*writeback='${Buffer.from([255, 254, 34]).toString('base64url')}'*/`, undefined],
    ['a zero character', `/*writeback='${encoded('{"userId":"\\u0000"}')}'*/`, undefined],
    ['cut off', `/*writeback='${good.slice(0, 11)}'*/`, undefined],
    ['never closed', `-- writeback='${good}'`, undefined],
    ['not at the end', `/*writeback='${good}'*/ returning 1`, undefined],
    ['followed by another', `/*writeback='${good}'*/ /*a='b'*/`, undefined],
    ['another key that ends alike', `/*xwriteback='${good}'*/`, undefined],
  ])('%s', async (_name, comment, expected) => {
    await world.pool.query(
      `insert into airports (iata_code, name, country, latitude, longitude) values ('AAA', 'x', 'DE', 1, 1) ${comment}`,
    )
    expect(await contexts()).toEqual({ AAA: expected })
  })

  test('a value that looks like one is a value', async () => {
    const text = `/*writeback='${good}'*/`
    await world.pool.query(
      `insert into airports (iata_code, name, country, latitude, longitude) values ('AAA', '${text.replaceAll("'", "''")}', 'DE', 1, 1)`,
    )
    await world.prisma.airport.create({ data: { ...airport('BBB'), name: text } })
    expect(await contexts()).toEqual({ AAA: undefined, BBB: undefined })
  })
})
