import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { PrismaClient } from '../../../../prisma/generated/client/client.ts'
import { search } from '../../../../src/index.ts'
import { createEmptyDatabase, type TestDatabase } from '../../../support/postgres.ts'
import type { World } from '../../../support/running-worker.ts'
import { until } from '../../../support/wait.ts'
import { airport, codes, openSearchWorld, searchTarget } from '../world.ts'

let world: World
let place: TestDatabase
let pool: pg.Pool

/** Calls that write documents, and how many documents they had. */
const sent: number[] = []

async function open(refused?: string) {
  sent.length = 0
  // The search is in another database than the records.
  place = await createEmptyDatabase()
  pool = new pg.Pool({ connectionString: place.url, max: 4, allowExitOnIdle: true })
  pool.on('error', () => {})
  const client = {
    query: (text: string, values?: unknown[]) => {
      if (text.startsWith('insert into')) sent.push(JSON.parse(values?.[0] as string).length)
      return pool.query(text, values)
    },
  }
  const target = searchTarget({
    ...{ name: 'airports', model: 'Airport', engine: 'postgres', client, index: 'airport_search' },
    settings: { language: 'english', weights: { name: 'A', city: 'B' } },
    document: ({ iata, name, city }) => ({ iata, name: iata === refused ? `${name}\0` : name, city }),
    filter: ({ country }) => country !== 'XX',
  })
  world = await openSearchWorld(() => [target])
  return target
}
afterEach(async () => {
  await world.close()
  await pool.end()
  await place.drop()
})

const documents = async () =>
  Object.fromEntries(
    (
      await pool.query<{ id: string; document: { name: string } }>(
        'select id, document from airport_search where document is not null',
      )
    ).rows.map(({ id, document }) => [id, document.name]),
  )
const count = async () => Object.keys(await documents()).length

describe('a table that is searched', () => {
  it('is made by the release step, and follows creates, updates, deletes and the filter', async () => {
    await open()
    expect(await count()).toBe(0)
    await world.work()
    await world.settled('airports')
    await world.app.airport.createMany({ data: ['BER', 'TXL', 'SXF'].map((iata) => airport(iata)) })
    await until('all are there', async () => (await count()) === 3)
    await world.app.airport.update({ where: { iata: 'BER' }, data: { name: 'Brandenburg' } })
    await world.app.airport.update({ where: { iata: 'SXF' }, data: { country: 'XX' } })
    await world.app.airport.delete({ where: { iata: 'TXL' } })
    await until('the table follows', async () => (await count()) === 1)
    await world.settled('airports')
    expect(await documents()).toEqual({ BER: 'Brandenburg' })
    const { rows } = await pool.query(
      'select id from airport_search where removed_at is not null order by id',
    )
    expect(rows).toEqual([{ id: 'SXF' }, { id: 'TXL' }])
  })

  it('gets 999 of 1,000 documents, and the bad one becomes a dead letter with the words of Postgres', async () => {
    await open('X500')
    await world.app.airport.createMany({ data: codes(1_000).map((iata) => airport(iata)) })
    await world.work()
    await until('the others are there', async () => (await count()) === 999, 40_000)
    await world.settled('airports')
    const dead = await world.sql.query<{ record: string; code: string; message: string }>(
      `select distinct data->>'id' as record, output->>'code' as code, output->>'message' as message
       from pgboss.job where name = 'sync.write-back' and state = 'failed'`,
    )
    expect(dead).toMatchObject([{ record: 'X500', code: 'PLACE_REFUSED' }])
    expect(dead[0]?.message).toMatch(/22P05.*unsupported Unicode escape sequence/)
    expect(dead[0]?.message).not.toMatch(/Airport/)
    const letters = await world.jobs('airports')
    expect(new Set(letters.filter(({ state }) => state === 'created').map(({ record }) => record))).toEqual(
      new Set(['X500']),
    )
  })

  it('is sent nothing by a second full run', async () => {
    await open()
    await world.work()
    // The first comparison asks for each record that it misses, also while its call is under way.
    await world.settled('airports')
    await world.app.airport.createMany({ data: codes(500).map((iata) => airport(iata)) })
    await until('all are there', async () => (await count()) === 500, 40_000)
    await world.settled('airports')
    const before = sent.reduce((sum, one) => sum + one, 0)
    expect(before).toBe(500)
    // Every record changes, in what no document shows.
    await world.app.airport.updateMany({ data: { latitude: 1 } })
    await world.settled('airports')
    expect(sent.reduce((sum, one) => sum + one, 0)).toBe(500)
  })

  it('has 50 documents damaged at random: the comparison reports 50 and repairs 50', async () => {
    await open()
    const ids = codes(300)
    await world.app.airport.createMany({ data: ids.map((iata) => airport(iata)) })
    await world.work()
    await until('all are there', async () => (await count()) === 300, 40_000)
    await world.settled('airports')
    const right = await documents()
    const { rows } = await pool.query<{ id: string }>(
      'select id from airport_search order by random() limit 50',
    )
    const [gone, changed] = [rows.slice(0, 20).map(({ id }) => id), rows.slice(20).map(({ id }) => id)]
    await pool.query('delete from airport_search where id = any ($1)', [gone])
    await pool.query(
      `update airport_search set document = document || '{"name": "damaged"}' where id = any ($1)`,
      [changed],
    )
    await pool.query(
      `insert into airport_search (id, version, document) values ('ZZZ', 1, '{"name": "left over"}')`,
    )
    const { output } = await world.reconcile('airports')
    expect(output.found).toMatchObject([{ missing: 20, differs: 30, surplus: 1, held: 0 }])
    await world.settled('airports')
    expect(await documents()).toEqual(right)
    const again = await world.reconcile('airports')
    expect(again.output.found).toMatchObject([{ missing: 0, differs: 0, surplus: 0 }])
  })

  it('waits while the database is away, without an attempt, and goes on by itself', async () => {
    await open()
    await world.work()
    await world.settled('airports')
    await pool.query('alter table airport_search rename to elsewhere')
    await pool.query('create view airport_search as select 1 as id')
    await world.app.airport.create({ data: airport('BER') })
    await until('the lane says so', async () => {
      const { complaints } = world.operations.health(await world.operations.stats())
      return complaints.some(({ message }) => message.includes('PLACE_SETTINGS'))
    })
    expect((await world.jobs('airports')).every(({ attempts }) => attempts === 0)).toBe(true)
    await pool.query('drop view airport_search; alter table elsewhere rename to airport_search')
    await until('it is there', async () => (await count()) === 1)
  })

  it('sends again what a restored database drew before, and says TICKET_BEHIND', async () => {
    await open()
    await world.work()
    await world.app.airport.create({ data: airport('BER') })
    await until('it is there', async () => (await count()) === 1)
    await world.settled('airports')
    // What the database drew after its backup was made is in the table still.
    await pool.query('update airport_search set version = version + 1000')
    await world.app.airport.update({ where: { iata: 'BER' }, data: { name: 'Brandenburg' } })
    await until('the change is there', async () => (await documents()).BER === 'Brandenburg')
    await world.settled('airports')
    expect(world.log.some(({ code }) => code === 'TICKET_BEHIND')).toBe(true)
    const [{ version }] = (await pool.query('select version::int from airport_search')).rows as [
      { version: number },
    ]
    const [{ last }] = (await world.sql.query('select last_value::int as last from sync_ticket')) as [
      { last: number },
    ]
    expect(version).toBeGreaterThan(1000)
    expect(last).toBeGreaterThanOrEqual(version)
  })

  it('is described, checked, and shown beside its record', async () => {
    const target = await open()
    await world.work()
    await world.app.airport.create({ data: airport('BER') })
    await until('it is there', async () => (await count()) === 1)
    await world.settled('airports')
    const [stats] = (await world.operations.stats()).targets
    expect(stats).toMatchObject({ kind: 'search', place: 'postgres index airport_search' })
    const { operator } = target.definition
    const services = {
      sql: world.sql,
      schemas: { library: 'public', queue: 'pgboss' },
      dataModel: (await import('../../../../prisma/generated/writeback/data-model.ts')).dataModel,
      variables: {},
    }
    expect(await operator.check?.(services, [target])).toMatchObject([{ severity: 'ok' }])
    await pool.query(`update airport_search set document = document || '{"city": "Bonn"}'`)
    const client = new PrismaClient({
      adapter: new PrismaPg({ connectionString: world.database.url, max: 1 }),
    })
    const shown = await operator.show?.(services, client, target, 'BER')
    await client.$disconnect()
    expect(shown).toMatchObject({
      entry: 'a document of index airport_search',
      inDatabase: true,
      hasBase: true,
    })
    expect(shown?.columns.find(({ header }) => header === 'city')).toMatchObject({
      ...{ database: 'Berlin', place: 'Bonn' },
    })
    await pool.query('drop table airport_search')
    expect(await operator.check?.(services, [target])).toMatchObject([
      { severity: 'warning', message: 'table airport_search does not exist' },
    ])
  })
})

it('types what a search finds by the document of its target', async () => {
  const target = await open()
  await world.work()
  await world.app.airport.create({ data: airport('BER', { name: 'Brandenburg' }) })
  await until('it is there', async () => (await count()) === 1)
  const { hits } = await search(pool, { target, query: 'brand' })
  const name: string | undefined = hits[0]?.document.name
  expect(name).toBe('Brandenburg')
  // @ts-expect-error The document has no such field.
  expect(hits[0]?.document.latitude).toBe(undefined)
})
