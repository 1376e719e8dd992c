import { afterEach, beforeEach, expect, test } from 'vitest'
import { installJobs } from '../../src/operations/install.ts'
import { createWorld, type World } from './support.ts'

/* Writes through the extension where the release step has never run, and where what it made is gone. */

const airport = (iata: string) => ({ iata, name: iata, country: 'DE', latitude: 1, longitude: 1 })

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

/** As after `prisma migrate reset`: the application's schema is new, the queue's is left. */
async function uninstall(): Promise<void> {
  await world.sql.query('drop function sync_publish; drop function sync_related; delete from sync_target')
  await world.sql.query("delete from pgboss.job where name = 'sync.reconcile'")
}

test('a seed passes with one warning, and the first release step compares every tab', async () => {
  await uninstall()
  await world.prisma.airport.create({ data: airport('BER') })
  await world.prisma.$transaction(async (tx) => {
    await tx.airport.createMany({ data: [airport('MUC')] })
    await tx.airport.update({ where: { iata: 'BER' }, data: { name: 'x' } })
  })
  expect(await world.base.airport.count()).toBe(2)
  expect(await world.keys()).toEqual([])
  expect(world.lines).toEqual([
    expect.objectContaining({
      level: 40,
      code: 'QUEUE_MISSING',
      msg: expect.stringContaining('writeback migrate'),
    }),
  ])
  const { newTargets } = await installJobs(world.url, world.config)
  expect([...newTargets].sort()).toEqual(world.config.targets.map(({ name }) => name).sort())
  await world.prisma.airport.create({ data: airport('OSL') })
  expect(await world.keys()).toEqual(['airports:Airport:OSL'])
})

test('the release step waits for a write that passed', async () => {
  await uninstall()
  let installing: Promise<unknown> | undefined
  const order: string[] = []
  await world.prisma.$transaction(async (tx) => {
    await tx.airport.create({ data: airport('BER') })
    installing = installJobs(world.url, world.config).then(() => order.push('installed'))
    await untilWaiting()
    order.push('committed')
  })
  await installing
  expect(order).toEqual(['committed', 'installed'])
})

test('a write that comes while the release step waits is published', async () => {
  await uninstall()
  let others: Promise<unknown> | undefined
  await world.prisma.$transaction(async (tx) => {
    await tx.airport.create({ data: airport('BER') })
    const installing = installJobs(world.url, world.config)
    await untilWaiting()
    others = Promise.all([installing, world.prisma.airport.create({ data: airport('OSL') })])
    await untilWaiting(2)
  })
  await others
  expect(await world.keys()).toEqual(['airports:Airport:OSL'])
})

test.each([
  ['the publishing function', 'drop function sync_publish'],
  ["pg-boss's schema", 'drop schema pgboss cascade'],
])('a write is refused where %s is gone', async (_what, sql) => {
  await world.sql.query(sql)
  await expect(world.prisma.airport.create({ data: airport('BER') })).rejects.toMatchObject({
    code: 'QUEUE_MISSING',
    message: expect.stringContaining('writeback migrate'),
  })
  expect(await world.base.airport.count()).toBe(0)
})

async function untilWaiting(least = 1): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const { rows } = await world.sql.query(
      `select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`,
    )
    if (rows.length >= least) return
    await new Promise((done) => setTimeout(done, 20))
  }
  throw new Error(`nobody waits, or less than ${least}`)
}
