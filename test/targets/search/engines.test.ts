import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { World } from '../../support/running-worker.ts'
import { until } from '../../support/wait.ts'
import { type Harness, openHarness, realUrl, type Served } from './harness.ts'
import { airport, codes, openSearchWorld, searchTarget } from './world.ts'

/** What makes a document that the engine refuses, and the engine's words for it. */
const BAD = {
  elasticsearch: [
    { size: 'secret words' },
    /400 document_parsing_exception: failed to parse field \[size\] of type \[integer\]/,
  ],
  opensearch: [
    { size: 'secret words' },
    /400 document_parsing_exception: failed to parse field \[size\] of type \[integer\]/,
  ],
  meilisearch: [{ _geo: 'secret words' }, /invalid_document_geo_field: The `_geo` field in the document/],
  typesense: [{ size: 'secret words' }, /400 Field `size` must be an int32/],
} as const satisfies Record<Served, readonly [object, RegExp]>

describe.each(Object.keys(BAD) as Served[])('an index of %s', (engine) => {
  let harness: Harness
  let world: World
  let index: string
  beforeEach(async () => {
    harness = await openHarness(engine)
    index = `writeback-${randomBytes(4).toString('hex')}`
  })
  afterEach(async () => {
    await world.close()
    await harness.close()
  })

  async function open(refused?: string, settings: object = harness.settings) {
    const [bad] = BAD[engine]
    const target = searchTarget({
      ...{ name: 'airports', model: 'Airport', engine, client: harness.client as never, index },
      settings: settings as never,
      document: ({ iata, name, city }) => ({ name, city, size: 1, ...(iata === refused && bad) }),
      filter: ({ country }) => country !== 'XX',
    })
    world = await openSearchWorld(() => [target])
    return target
  }
  const names = async () =>
    Object.fromEntries(Object.entries(await harness.documents(index)).map(([id, { name }]) => [id, name]))
  const count = async () => Object.keys(await names()).length
  const filled = async (size: number) => {
    await world.app.airport.createMany({ data: codes(size).map((iata) => airport(iata)) })
    await world.work()
    await until('all are there', async () => (await count()) === size, 60_000)
    await world.settled('airports')
  }

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
    await until('the index follows', async () => (await count()) === 1)
    await world.settled('airports')
    expect(await names()).toEqual({ BER: 'Brandenburg' })
  })

  it("gets 999 of 1,000 documents, and the bad one becomes a dead letter with the engine's words", async () => {
    await open('X500')
    await world.app.airport.createMany({ data: codes(1_000).map((iata) => airport(iata)) })
    await world.work()
    await until('the others are there', async () => (await count()) === 999, 60_000)
    await world.settled('airports')
    const dead = await world.sql.query<{ record: string; code: string; message: string }>(
      `select distinct data->>'id' as record, output->>'code' as code, output->>'message' as message
       from pgboss.job where name = 'sync.write-back' and state = 'failed'`,
    )
    expect(dead).toMatchObject([{ record: 'X500', code: 'PLACE_REFUSED' }])
    expect(dead[0]?.message).toMatch(BAD[engine][1])
    expect(dead[0]?.message).not.toMatch(/secret/)
  })

  it('has 50 documents damaged at random: the comparison reports 50 and repairs 50; a second full run sends nothing', async () => {
    await open()
    await filled(200)
    const right = await harness.documents(index)
    const ids = Object.keys(right).sort(() => Math.random() - 0.5)
    for (const id of ids.slice(0, 20)) await harness.remove(index, id)
    for (const id of ids.slice(20, 50)) await harness.put(index, id, { name: 'damaged', city: 'x', size: 2 })
    await harness.put(index, 'ZZZ', { name: 'left over', city: 'x', size: 3 })
    const { output } = await world.reconcile('airports')
    expect(output.found).toMatchObject([{ missing: 20, differs: 30, surplus: 1, held: 0 }])
    await world.settled('airports')
    expect(await harness.documents(index)).toEqual(right)
    const { writes } = harness.model ?? {}
    await world.app.airport.updateMany({ data: { latitude: 1 } })
    await world.settled('airports')
    const again = await world.reconcile('airports')
    expect(again.output.found).toMatchObject([{ missing: 0, differs: 0, surplus: 0 }])
    expect(harness.model?.writes).toBe(writes)
  })

  it('is checked: settings that differ are told, and changed by the next release', async () => {
    const target = await open()
    const { operator, prepare } = target.definition
    const services = {
      sql: world.sql,
      schemas: { library: 'public', queue: 'pgboss' },
      variables: {},
    } as never
    expect(await operator.check?.(services, [target])).toMatchObject([{ severity: 'ok' }])
    const more = {
      elasticsearch: {
        mappings: { properties: { city: { type: 'keyword' } } },
        settings: {},
        tombstones: false,
      },
      opensearch: {
        mappings: { properties: { city: { type: 'keyword' } } },
        settings: {},
        tombstones: false,
      },
      meilisearch: { filterableAttributes: ['city', 'size'] },
      typesense: { fields: [{ name: 'city', type: 'string', facet: true }] },
    }[engine]
    const changed = { ...target, settings: more } as typeof target
    expect(await operator.check?.(services, [changed])).toMatchObject([
      { severity: 'warning', message: expect.stringMatching(/city|filterableAttributes/) },
    ])
    await prepare?.([changed])
    expect(await operator.check?.(services, [changed])).toMatchObject([{ severity: 'ok' }])
  })

  it.skipIf(realUrl(engine))(
    'waits while the engine is away, and halves what is too large for it',
    async () => {
      await open()
      await world.work()
      await world.settled('airports')
      const model = harness.model!
      model.down = { status: 503, body: { message: 'away', error: 'away' } }
      await world.app.airport.createMany({ data: codes(300).map((iata) => airport(iata)) })
      await until('the lane says so', async () => {
        const { complaints } = world.operations.health(await world.operations.stats())
        return complaints.some(({ message }) => message.includes('PLACE_UNAVAILABLE'))
      })
      expect((await world.jobs('airports')).every(({ attempts }) => attempts === 0)).toBe(true)
      model.down = undefined
      model.maxBytes = 3_000
      await until('all are there', async () => (await count()) === 300, 60_000)
      await world.settled('airports')
      expect(model.writes).toBeGreaterThan(3)
    },
  )
})
