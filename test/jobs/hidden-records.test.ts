import { PrismaPg } from '@prisma/adapter-pg'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../src/index.ts'
import { createTestRole, type TestRole } from '../support/role.ts'
import { openWorld, SPREADSHEET, type World } from '../support/running-worker.ts'
import { until } from '../support/wait.ts'

vi.setConfig({ testTimeout: 120_000 })

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)
type Options = Partial<Parameters<typeof sheetTarget<'Airport', never>>[0]>

const clientOf = (url: string) =>
  new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 1 }) })
const configOf = (url: string, client: () => PrismaClient = () => clientOf(url), options: Options = {}) =>
  defineConfig({
    client,
    targets: [
      sheetTarget({
        ...{
          name: 'airports',
          spreadsheetId: SPREADSHEET,
          tab: 'Airports',
          model: 'Airport',
          columns: ['name'],
        },
        ...options,
      } as never),
    ],
  })

let world: World
let role: TestRole | undefined
afterEach(async () => {
  await role?.drop()
  role = undefined
  await world.close()
})

/** Airports of two countries, each in its row. */
async function filled(count: number): Promise<string[]> {
  await world.sql.query(
    `insert into airports (iata_code, name, country, latitude, longitude)
     select 'A' || lpad(i::text, 3, '0'), 'Airport ' || i, case when i % 2 = 0 then 'DE' else 'FR' end, 1, 1
     from generate_series(1, $1::int) i`,
    [count],
  )
  // No capture saw them, and the first comparison may have been quicker.
  await world.operations.reconcile('airports', { actor: 'ada' })
  await until(
    'every airport has its row',
    async () => (await world.keys('Airports')).length === count,
    60_000,
  )
  await world.settled('airports')
  return (await world.keys('Airports')).toSorted()
}

const rows = async () => (await world.keys('Airports')).toSorted()
const health = async () => world.operations.health(await world.operations.stats())
const complaint = (words: RegExp) =>
  until(`status says ${words}`, async () => {
    const { verdict, complaints } = await health()
    const found = complaints.find(({ message, remedy }) => words.test(`${message} > ${remedy}`))
    return found && { verdict, ...found }
  })

/** What doctor finds with a client. */
async function doctor(client: PrismaClient) {
  try {
    return await world.operations.doctor({ client })
  } finally {
    await client.$disconnect()
  }
}

/** What an application with tenants does to its tables. */
const TENANTS = [
  'alter table airports enable row level security',
  'alter table airports force row level security',
  `create policy tenant on airports using (country = current_setting('app.tenant', true))`,
]

describe('row-level security that hides records from the worker', () => {
  /** The worker reads with the application's role. */
  const openForRole = async () => {
    world = await openWorld(async (url) => {
      role = await createTestRole(url)
      const { url: ofRole } = role
      return configOf(url, () => clientOf(ofRole))
    })
  }

  it.each(['the owner', 'that role'])(
    'stops the target and removes nothing, by a change or by a comparison; it goes on once that is over. DATABASE_URL is of %s',
    async (whose) => {
      await openForRole()
      await world.work(undefined, whose === 'that role' ? role?.url : undefined)
      const keys = await filled(12)
      for (const statement of TENANTS) await world.sql.query(statement)
      await world.app.airport.updateMany({ data: { name: 'changed' } })
      const found = await complaint(/RECORDS_HIDDEN/)
      expect(found).toMatchObject({ verdict: 'broken', target: 'airports' })
      expect(found.message).toMatch(/row-level security .*"airports".*BYPASSRLS/)
      const { state, output } = await world.reconcile('airports')
      expect({ state, output }).toMatchObject({ state: 'retry', output: { code: 'RECORDS_HIDDEN' } })
      expect(await doctor(clientOf(role?.url ?? ''))).toContainEqual(
        expect.objectContaining({ severity: 'error', subject: 'records of airports' }),
      )
      expect(await rows()).toEqual(keys)
      expect((await world.jobs('airports')).every(({ attempts }) => attempts === 0)).toBe(true)

      await world.sql.query(`alter role ${role?.name} bypassrls`)
      await until('its changes are written', async () => {
        const [, ...shown] = await world.person.see('Airports')
        return shown.every(([, name]) => name === 'changed')
      })
      await until('status has nothing to say of it', async () =>
        (await health()).complaints.every(({ message }) => !message.includes('records cannot be read')),
      )
      expect(await rows()).toEqual(keys)
    },
  )

  it('is found when the worker starts, by status and by doctor, in a table that is only included as well', async () => {
    world = await openWorld(async (url) => {
      role = await createTestRole(url)
      const { url: ofRole } = role
      return defineConfig({
        client: () => clientOf(ofRole),
        targets: [
          sheetTarget({
            name: 'requests',
            spreadsheetId: SPREADSHEET,
            tab: 'Requests',
            model: 'Request',
            columns: [{ header: 'Tags', value: (request) => request.tags.map((tag) => tag.name).join() }],
            include: { tags: true },
          }),
        ],
      })
    })
    await world.sql.query('alter table "_RequestToTag" enable row level security')
    await world.work()
    expect((await health()).complaints).toContainEqual(
      expect.objectContaining({
        severity: 'broken',
        target: 'requests',
        message: expect.stringMatching(/RECORDS_HIDDEN row-level security .*"_RequestToTag"/),
      }),
    )
    expect(await doctor(clientOf(role?.url ?? ''))).toContainEqual(
      expect.objectContaining({
        severity: 'error',
        subject: 'records of requests',
        message: expect.stringMatching(/row-level.*"_RequestToTag"/),
      }),
    )
    await world.sql.query('alter table "_RequestToTag" disable row level security')
    await world.work()
    expect(
      (await health()).complaints.filter(({ message }) => /records cannot be read/.test(message)),
    ).toEqual([])
  })
})

describe('a client that leaves records out', () => {
  /** A soft delete, as an extension. */
  const filtering = (url: string) => () =>
    clientOf(url).$extends({
      query: {
        airport: {
          findMany({ args, query }) {
            return query({ ...args, where: { AND: [args.where ?? {}, { country: 'FR' }] } })
          },
        },
      },
    }) as unknown as PrismaClient

  it('stops the target: the database has what looks deleted, and no row goes', async () => {
    world = await openWorld((url) => configOf(url))
    const first = await world.work()
    const keys = await filled(8)
    await first.stop()
    const blind = await world.work(configOf(world.database.url, filtering(world.database.url)))
    await world.app.airport.update({ where: { iata: 'A002' }, data: { name: 'changed' } })
    const found = await complaint(/RECORDS_HIDDEN/)
    expect(found.verdict).toBe('broken')
    expect(found.message).toMatch(/1 record of Airport would look deleted.*use filter/)
    // What is still seen does not make it well again.
    await world.app.airport.update({ where: { iata: 'A001' }, data: { name: 'changed' } })
    expect((await world.reconcile('airports')).output).toMatchObject({ code: 'RECORDS_HIDDEN' })
    await complaint(/RECORDS_HIDDEN/)
    // One that really is deleted waits as well.
    await world.app.airport.delete({ where: { iata: 'A003' } })
    expect(await rows()).toEqual(keys)
    await blind.stop()
    await world.work()
    await until('the worker with the right client goes on', async () => (await rows()).length === 7, 40_000)
    await world.settled('airports')
    await until('status has nothing to say of it', async () =>
      (await health()).complaints.every(({ message }) => !message.includes('records cannot be read')),
    )
  })
})

describe('more removals than the target allows', () => {
  const gone = (share: number) =>
    world.sql.query('delete from airports where iata_code <= $1', [`A${String(share).padStart(3, '0')}`])

  it('by a comparison stop the target, which asks; whoever resumes it says yes', async () => {
    world = await openWorld((url) => configOf(url))
    await world.work()
    const keys = await filled(40)
    await gone(30)
    expect((await world.reconcile('airports')).output).toMatchObject({ found: [{ surplus: 30, held: 30 }] })
    const found = await complaint(/REMOVALS_HELD/)
    expect(found).toMatchObject({
      verdict: 'broken',
      remedy: expect.stringContaining('writeback resume airports'),
    })
    expect(found.message).toMatch(/stopped by system .* 30 of the 40 rows .*75 %.*writeback resume airports/)
    // Neither another comparison, nor another change, nor another worker takes that for an answer.
    expect((await world.reconcile('airports')).output).toMatchObject({ found: [{ surplus: 30, held: 30 }] })
    await world.app.airport.update({ where: { iata: 'A040' }, data: { name: 'waits' } })
    await world.work()
    expect(await rows()).toEqual(keys)
    expect((await world.jobs('airports')).filter(({ state }) => state === 'created')).toHaveLength(31)

    await world.operations.resume('airports', { actor: 'ada' })
    await until('the rows are gone', async () => (await rows()).length === 10)
    await world.settled('airports')
    expect((await world.reconcile('airports')).output).toMatchObject({ found: [{ surplus: 0, held: 0 }] })
    expect((await health()).complaints).toEqual([])
  })

  it('leave the rows alone whose records are there again when the target is resumed', async () => {
    world = await openWorld((url) => configOf(url))
    await world.work()
    const keys = await filled(20)
    await world.sql.query('create table kept as select * from airports')
    await world.sql.query('delete from airports')
    expect((await world.reconcile('airports')).output).toMatchObject({ found: [{ held: 20 }] })
    // A batch that had read the records as gone would remove their rows once it may.
    await until('the worker knows that it is stopped, and has no batch under way', async () => {
      const isKnown = world.log.some(({ msg }) => msg === 'target is not active: its changes wait')
      return isKnown && (await world.jobs('airports')).every(({ state }) => state !== 'active')
    })
    await world.sql.query('insert into airports select * from kept')
    await world.operations.resume('airports', { actor: 'ada' })
    await until('the jobs are done', async () =>
      (await world.jobs('airports')).every(({ state }) => state === 'completed'),
    )
    expect(await rows()).toEqual(keys)
  })

  it('are made at once where the deletions were seen as changes, also by a comparison that is quicker', async () => {
    world = await openWorld((url) => configOf(url))
    const first = await world.work()
    await filled(40)
    await world.app.airport.deleteMany({ where: { iata: { lte: 'A015' } } })
    await until('the rows are gone', async () => (await rows()).length === 25)
    await first.stop()
    await world.app.airport.deleteMany({ where: { iata: { lte: 'A035' } } })
    await world.work()
    expect((await world.reconcile('airports')).output).toMatchObject({ found: [{ held: 0 }] })
    await until('the rows are gone', async () => (await rows()).length === 5)
    await world.settled('airports')
    expect((await health()).complaints).toEqual([])
  })

  it('are few or a small part, or the target never asks: nobody is asked', async () => {
    world = await openWorld((url) => configOf(url))
    const first = await world.work()
    await filled(60)
    await gone(12)
    expect((await world.reconcile('airports')).output).toMatchObject({ found: [{ surplus: 12, held: 0 }] })
    await until('the rows are gone', async () => (await rows()).length === 48)
    await first.stop()
    await world.work(configOf(world.database.url, undefined, { removalLimit: false }))
    await gone(48)
    expect((await world.reconcile('airports')).output).toMatchObject({ found: [{ surplus: 36, held: 0 }] })
    await until('the rows are gone', async () => (await rows()).length === 12)
  })

  it('by a filter that a deploy brought ask as well', async () => {
    world = await openWorld((url) => configOf(url))
    const first = await world.work()
    const keys = await filled(40)
    await first.stop()
    await world.work(
      configOf(world.database.url, undefined, {
        filter: (({ country }: { country: string }) => country === 'DE') as never,
      }),
    )
    expect((await world.reconcile('airports')).output).toMatchObject({ found: [{ surplus: 20, held: 20 }] })
    await complaint(/20 of the 40 rows/)
    expect(await rows()).toEqual(keys)
  })

  it('by a batch of changes ask where only the client says that the records are gone', async () => {
    world = await openWorld(async (url) => {
      role = await createTestRole(url)
      return configOf(url)
    })
    const first = await world.work()
    const keys = await filled(20)
    await first.stop()
    // The worker's own connection may not read the table; its client hides everything.
    await world.sql.query(`revoke select on airports from ${role?.name}`)
    const empty = () =>
      clientOf(world.database.url).$extends({
        query: { airport: { findMany: async () => [] } },
      }) as unknown as PrismaClient
    const blind = await world.work(configOf(world.database.url, empty), role?.url)
    await world.app.airport.updateMany({ data: { name: 'changed' } })
    await complaint(/stopped by system.*a batch would remove 20 of the 20 rows/)
    expect(await rows()).toEqual(keys)
    await blind.stop()
    await world.operations.resume('airports', { actor: 'ada' })
    await world.work()
    await until('the worker with the right client writes them', async () => {
      const [, ...shown] = await world.person.see('Airports')
      return shown.length === 20 && shown.every(([, name]) => name === 'changed')
    })
  })
})
