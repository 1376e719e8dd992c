import { Client } from '@elastic/elasticsearch'
import { Client as OpenSearch } from '@opensearch-project/opensearch'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { elasticPlace } from '../../../../src/targets/search/elastic/place.ts'
import { elasticSettingsSchema } from '../../../../src/targets/search/elastic/settings.ts'
import { ElasticModel } from '../servers/elastic.ts'
import { targetOf, write } from '../writes.ts'

describe.each(['elasticsearch', 'opensearch'] as const)('%s', (engine) => {
  let model: ElasticModel
  let close: () => Promise<unknown>
  let client: Client | OpenSearch
  beforeEach(async () => {
    model = new ElasticModel()
    const server = await model.start()
    const options = { node: server.url, maxRetries: 0 }
    client = engine === 'elasticsearch' ? new Client(options) : new OpenSearch(options)
    close = async () => {
      await client.close()
      await server.close()
    }
  })
  afterEach(() => close())

  const open = (settings: object = {}) =>
    elasticPlace(targetOf(engine, client, 'things', elasticSettingsSchema.parse(settings)))

  it('keeps the newer version, and tells which it is', async () => {
    const place = open()
    await write(place, { a: { at: 3 } }, 3n)
    const answers = await write(place, { a: { at: 2 }, b: { at: 2 } }, 2n)
    expect(answers.get('a')).toEqual({ status: 'superseded', version: 3n })
    expect(answers.get('b')).toEqual({ status: 'written' })
    expect(await place.read('a')).toEqual({ at: 3 })
  })

  it('sends versions with all their digits', async () => {
    const place = open()
    const large = 2n ** 60n + 1n
    await write(place, { a: { at: 1 } }, large)
    expect((await write(place, { a: { at: 2 } }, large - 1n)).get('a')).toEqual({
      ...{ status: 'superseded', version: large },
    })
  })

  it('removes with a version too: a late writer does not bring a document back while the engine remembers it', async () => {
    const place = open()
    await write(place, { a: { at: 1 } }, 1n)
    expect((await write(place, { a: undefined, never: undefined }, 5n)).get('never')).toEqual({
      status: 'written',
    })
    expect((await write(place, { a: { at: 4 } }, 4n)).get('a')).toMatchObject({ status: 'superseded' })
    expect(await place.read('a')).toBeUndefined()
    // What the page about search warns of.
    model.forgetDeletes()
    expect((await write(place, { a: { at: 4 } }, 4n)).get('a')).toEqual({ status: 'written' })
  })

  it('leaves tombstones, if it is to: they outlast what the engine remembers, and are no document', async () => {
    const place = open({ tombstones: true })
    await write(place, { a: { at: 1 }, b: { at: 1 } }, 1n)
    await write(place, { a: undefined }, 5n)
    model.forgetDeletes()
    expect((await write(place, { a: { at: 4 } }, 4n)).get('a')).toMatchObject({
      status: 'superseded',
      version: 5n,
    })
    expect(await place.read('a')).toBeUndefined()
    const listed: string[] = []
    for await (const page of place.list!({} as never, 10, new AbortController().signal))
      listed.push(...page.map(({ id }) => id))
    expect(listed).toEqual(['b'])
    expect((await write(place, { a: { at: 6 } }, 6n)).get('a')).toEqual({ status: 'written' })
  })

  it('sends again what the engine had no room for, and nothing else', async () => {
    const place = open()
    model.crowded = 2
    const answers = await write(place, { a: { at: 1 }, b: { at: 1 }, c: { at: 1 } }, 1n)
    expect([...answers.values()].map(({ status }) => status)).toEqual(['written', 'written', 'written'])
    expect(model.writes).toBe(2)
  })

  it('waits where the engine has no room for long, or its disk is nearly full', async () => {
    const place = open()
    model.crowded = 1_000
    const failureOf = async (id: string) =>
      place.failureOf?.(await write(place, { [id]: { at: 1 } }, 1n).catch((error) => error))
    expect(await failureOf('a')).toMatchObject({ kind: 'quota', code: 'PLACE_QUOTA', status: 429 })
    model.crowded = 0
    model.isFlooded = true
    expect(await failureOf('a')).toMatchObject({ kind: 'transient', code: 'PLACE_UNAVAILABLE', status: 403 })
  })

  it.each([
    [401, 'PLACE_FORBIDDEN'],
    [403, 'PLACE_FORBIDDEN'],
    [429, 'PLACE_QUOTA'],
    [502, 'PLACE_UNAVAILABLE'],
  ])('takes %s of a whole request for %s', async (status, code) => {
    const place = open()
    await place.setUp()
    model.down = { status, body: { error: { type: 'x', reason: 'y' } } }
    const error = await write(place, { a: { at: 1 } }, 1n).catch((thrown) => thrown)
    expect(place.failureOf?.(error)).toMatchObject({ code, status })
  })

  it('takes an engine that is gone for one that is away', async () => {
    const place = open()
    await place.setUp()
    await close()
    close = async () => {}
    const error = await place.probe?.({} as never, {} as never).catch((thrown: unknown) => thrown)
    expect(place.failureOf?.(error)).toMatchObject({ code: 'PLACE_UNAVAILABLE', kind: 'transient' })
  })

  it('singles out an id that no document may have, although it makes the whole request fail', async () => {
    const place = open()
    const long = 'x'.repeat(513)
    const answers = await write(place, { a: { at: 1 }, [long]: { at: 1 }, b: { at: 1 } }, 1n)
    expect(answers.get(long)).toMatchObject({
      status: 'dead',
      reason: expect.stringMatching(/id is too long/),
    })
    expect(await place.read('a')).toEqual({ at: 1 })
    expect(await place.read('b')).toEqual({ at: 1 })
  })

  it('says what makes a mapping that cannot be changed', async () => {
    const mappings = (type: string) => ({ mappings: { properties: { size: { type } } } })
    await open(mappings('integer')).setUp()
    const other = open(mappings('keyword'))
    expect(await other.differences()).toEqual(['index things has another mapping properties.size.type'])
    const failure = other.failureOf?.(await other.setUp().catch((error) => error))
    expect(failure).toMatchObject({
      code: 'PLACE_SETTINGS',
      message: expect.stringMatching(/cannot be changed/),
    })
  })

  it('remembers deleted versions for longer than the engine would, unless the settings say how long', async () => {
    await open().setUp()
    expect(await open({ settings: { 'index.gc_deletes': '1h' } }).differences()).toEqual([])
    expect(await open({ settings: { index: { gc_deletes: '5m' } } }).differences()).toEqual([
      'index things has another setting index.gc_deletes',
    ])
  })
})
