import { PrismaPg } from '@prisma/adapter-pg'
import { afterEach, describe, expect, it } from 'vitest'
import { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../prisma/generated/writeback/data-model.ts'
import { forClient, PlaceAway, type PlaceEntry, RecordRefused } from '../../../src/index.ts'
import { openWorld, type World } from '../../support/running-worker.ts'
import { until } from '../../support/wait.ts'

const { defineConfig, customTarget } = forClient<PrismaClient>(dataModel)

/** A place of the application's own, made with nothing but the public API. */
class Shelf {
  readonly entries = new Map<string, { document: unknown; ticket: bigint }>()
  calls = 0
  isAway = false
  refuses: string | undefined
  breaks: string | undefined
  /** What a write waits for before it is carried out. */
  slow: Promise<void> | undefined
  /** What a listing waits for between its look at the shelf and its answer. */
  listed: (() => Promise<void>) | undefined

  target(name: string, versions = false) {
    return customTarget({
      name,
      model: 'Airport',
      document: ({ iata, name, city }) => ({ iata, name, city }),
      upsert: async (document, { id, ticket }) => {
        this.#call()
        await this.slow
        if (this.refuses === id) throw new RecordRefused('no room for it')
        if (this.breaks === id) throw new Error('it fell down')
        const there = this.entries.get(id)
        if (versions && there && there.ticket > ticket) return 'superseded'
        this.entries.set(id, { document, ticket })
        return undefined
      },
      remove: async ({ id }) => {
        this.#call()
        this.entries.delete(id)
      },
      list: async function* (this: void, { pageSize }: { pageSize: number }) {
        const all = [...shelves.get(name)!.entries].map(
          ([id, { document }]): PlaceEntry => ({ id, document }),
        )
        await shelves.get(name)?.listed?.()
        for (let at = 0; at < all.length; at += pageSize) yield all.slice(at, at + pageSize)
      },
      probe: () => {
        if (this.isAway) throw new PlaceAway('the shelf is away')
      },
      versions,
    })
  }

  #call(): void {
    this.calls++
    if (this.isAway) throw new PlaceAway('the shelf is away')
  }
}

const shelves = new Map<string, Shelf>()
let world: World

async function open(...names: string[]) {
  shelves.clear()
  for (const name of names) shelves.set(name, new Shelf())
  world = await openWorld((url) =>
    defineConfig({
      client: () => new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 2 }) }),
      targets: names.map((name) => shelf(name).target(name, name === 'versions')),
    }),
  )
}
afterEach(() => world.close())

const shelf = (name: string): Shelf => {
  const found = shelves.get(name)
  if (!found) throw new Error(`no shelf ${name}`)
  return found
}
const airport = (iata: string) => ({
  ...document(iata),
  country: 'DE',
  latitude: 52,
  longitude: 13,
})
const shown = (name: string) =>
  Object.fromEntries([...shelf(name).entries].map(([id, { document }]) => [id, document]))
const document = (iata: string, city = 'Berlin') => ({ iata, name: `Airport ${iata}`, city })
const quiet = (name: string) => world.settled(name)

describe.each(['plain', 'versions'])('a target of two functions: %s', (name) => {
  it('follows creates, updates and deletes', async () => {
    await open(name)
    await world.work()
    await quiet(name)
    await world.app.airport.create({ data: airport('BER') })
    await world.app.airport.create({ data: airport('TXL') })
    await until('both are there', () => shelf(name).entries.size === 2)
    await world.app.airport.update({ where: { iata: 'BER' }, data: { city: 'Schönefeld' } })
    await world.app.airport.delete({ where: { iata: 'TXL' } })
    await until('the shelf follows', () => shelf(name).entries.size === 1)
    await quiet(name)
    expect(shown(name)).toEqual({ BER: document('BER', 'Schönefeld') })
  })

  it('is filled with what was there before, and sends nothing twice', async () => {
    await open(name)
    await world.sql.query(
      `insert into airports (iata_code, name, city, country, latitude, longitude)
       select x, 'Airport ' || x, 'Berlin', 'DE', 52, 13 from unnest($1::text[]) x`,
      [['AAA', 'BBB', 'CCC']],
    )
    await world.work()
    await until('all are there', () => shelf(name).entries.size === 3)
    await quiet(name)
    const { calls } = shelf(name)
    expect(calls).toBe(3)
    const { output } = await world.reconcile(name)
    expect(output.found).toMatchObject([{ rows: 3, records: 3, missing: 0, differs: 0, surplus: 0 }])
    await world.app.airport.update({ where: { iata: 'AAA' }, data: { country: 'FR' } })
    await quiet(name)
    expect(shelf(name).calls).toBe(calls)
  })

  it('is compared: what is missing, differs or is left over is put right', async () => {
    await open(name)
    await world.app.airport.createMany({ data: ['AAA', 'BBB', 'CCC'].map(airport) })
    await world.work()
    await until('all are there', () => shelf(name).entries.size === 3)
    await quiet(name)
    const { entries } = shelf(name)
    entries.delete('AAA')
    entries.set('BBB', { document: { iata: 'BBB', name: 'something else' }, ticket: 0n })
    entries.set('ZZZ', { document: document('ZZZ'), ticket: 0n })
    const { output } = await world.reconcile(name)
    expect(output.found).toMatchObject([{ missing: 1, differs: 1, surplus: 1, held: 0 }])
    await quiet(name)
    expect(shown(name)).toEqual({ AAA: document('AAA'), BBB: document('BBB'), CCC: document('CCC') })
  })

  it('is sent nothing twice that was written while it was compared', async () => {
    await open(name)
    await world.app.airport.create({ data: airport('AAA') })
    await world.work()
    await quiet(name)
    let isListed = false
    const { promise: written, resolve } = Promise.withResolvers<void>()
    shelf(name).listed = () => {
      isListed = true
      return written
    }
    const comparing = world.reconcile(name)
    await until('the shelf was looked at', () => isListed)
    await world.app.airport.update({ where: { iata: 'AAA' }, data: { city: 'Ulm' } })
    await world.app.airport.create({ data: airport('BBB') })
    await until('both are written', async () =>
      (await world.jobs(name)).every(({ state }) => state === 'completed'),
    )
    expect(shelf(name).calls).toBe(3)
    resolve()
    // The listing shows the shelf as it was before.
    expect((await comparing).output.found).toMatchObject([{ missing: 1, differs: 1 }])
    await quiet(name)
    expect(shown(name)).toEqual({ AAA: document('AAA', 'Ulm'), BBB: document('BBB') })
    expect(shelf(name).calls).toBe(3)
  })

  it('lets the good ones through beside a record that is refused, and one that fails', async () => {
    await open(name)
    shelf(name).refuses = 'BAD'
    shelf(name).breaks = 'SAD'
    await world.app.airport.createMany({ data: ['AAA', 'BAD', 'SAD'].map(airport) })
    await world.work()
    await until('the refused one is a dead letter, the other waits', async () => {
      const jobs = await world.jobs(name)
      return (
        jobs.some(({ record, code }) => record === 'BAD' && code === 'PLACE_REFUSED') &&
        jobs.some(({ record, state }) => record === 'SAD' && state === 'retry')
      )
    })
    expect(Object.keys(shown(name))).toEqual(['AAA'])
  })

  it('waits while the place is away, without using up attempts, and goes on by itself', async () => {
    await open(name)
    await world.work()
    await quiet(name)
    shelf(name).isAway = true
    await world.app.airport.create({ data: airport('BER') })
    await until('status says so', async () => {
      const { complaints, verdict } = world.operations.health(await world.operations.stats())
      return verdict === 'broken' && complaints.some(({ message }) => message.includes('PLACE_UNAVAILABLE'))
    })
    expect((await world.jobs(name)).every(({ attempts }) => attempts === 0)).toBe(true)
    shelf(name).isAway = false
    await until('it is there', () => shelf(name).entries.size === 1)
    await quiet(name)
    const { verdict } = world.operations.health(await world.operations.stats())
    expect(verdict).toBe('well')
  })

  it('can be paused', async () => {
    await open(name)
    await world.operations.pause(name, { actor: 'ada' })
    await world.work()
    await world.app.airport.create({ data: airport('BER') })
    const [target] = (await world.operations.stats()).targets
    expect(target).toMatchObject({ state: 'paused', waiting: 1, kind: 'custom', place: 'own functions' })
    expect(shelf(name).entries.size).toBe(0)
    await world.operations.resume(name, { actor: 'ada' })
    await until('it is there', () => shelf(name).entries.size === 1)
  })
})

it('does not let a place that is away delay another one', async () => {
  await open('plain', 'versions')
  await world.work()
  await quiet('plain')
  await quiet('versions')
  shelf('plain').isAway = true
  await world.app.airport.create({ data: airport('BER') })
  await until('the other one has it', () => shelf('versions').entries.size === 1)
  expect(shelf('plain').entries.size).toBe(0)
})

it('does not let places that are slow delay another one, though they have as many batches as a worker has slots', async () => {
  const slow = ['slow-1', 'slow-2', 'slow-3', 'slow-4']
  await open('quick', ...slow)
  await world.work()
  for (const name of ['quick', ...slow]) await quiet(name)
  const { promise, resolve } = Promise.withResolvers<void>()
  const quickHas = (id: string) => until(`the quick one has ${id}`, () => shelf('quick').entries.has(id))
  for (const [at, name] of slow.entries()) {
    shelf(name).slow = promise
    const calls = shelf(name).calls
    await world.app.airport.create({ data: airport(`SL${at}`) })
    await until(`${name} is called`, () => shelf(name).calls > calls)
    await quickHas(`SL${at}`)
  }
  await world.app.airport.create({ data: airport('BER') })
  await quickHas('BER')
  await until('no job of the quick one is under way', async () =>
    (await world.jobs('quick')).every(({ state }) => state === 'completed'),
  )
  for (const name of slow)
    expect((await world.jobs(name)).filter(({ state }) => state === 'active')).toHaveLength(1)
  resolve()
  for (const name of slow) await until(`${name} has BER`, () => shelf(name).entries.has('BER'))
})
