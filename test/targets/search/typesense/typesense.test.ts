import { Client } from 'typesense'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { typesensePlace } from '../../../../src/targets/search/typesense/place.ts'
import { typesenseSettingsSchema } from '../../../../src/targets/search/typesense/settings.ts'
import { TypesenseModel } from '../servers/typesense.ts'
import { targetOf, write } from '../writes.ts'

let model: TypesenseModel
let server: { url: string; close(): Promise<void> }
let client: Client
beforeEach(async () => {
  model = new TypesenseModel()
  server = await model.start()
  const { hostname: host, port } = new URL(server.url)
  client = new Client({
    nodes: [{ host, port: Number(port), protocol: 'http' }],
    ...{ apiKey: 'none', numRetries: 0, connectionTimeoutSeconds: 5, logLevel: 'silent' },
  })
})
afterEach(() => server.close())

const open = (settings: object = {}) =>
  typesensePlace(targetOf('typesense', client, 'things', typesenseSettingsSchema.parse(settings)))

it('writes and removes, whatever characters ids have', async () => {
  const place = open()
  const ids = ['plain', 'with space', 'a|b', 'a,b', 'ü', '`']
  await write(place, Object.fromEntries(ids.map((id) => [id, { id: 'of the record', at: 1 }])), 1n)
  for (const id of ids) expect(await place.read(id)).toEqual({ at: 1 })
  await write(place, Object.fromEntries(ids.map((id) => [id, undefined])), 2n)
  for (const id of ids) expect(await place.read(id)).toBeUndefined()
  expect((await write(place, { gone: undefined, 'gone too': undefined }, 3n)).size).toBe(0)
})

it('removes more than one request may name', async () => {
  const place = open()
  const ids = Array.from({ length: 500 }, (_, at) => `record-number-${at}`)
  await write(place, Object.fromEntries(ids.map((id) => [id, { at: 1 }])), 1n)
  const before = model.writes
  await write(place, Object.fromEntries(ids.map((id) => [id, undefined])), 2n)
  expect(model.writes - before).toBeGreaterThan(1)
  expect(await place.read('record-number-499')).toBeUndefined()
})

it('hears of every line: a refused one is dead, the others are written', async () => {
  const place = open({ fields: [{ name: 'size', type: 'int32' }] })
  const answers = await write(place, { a: { size: 1 }, b: { size: 'secret' }, c: { size: 3 } }, 1n)
  expect([...answers].map(([id, { status }]) => `${id} ${status}`)).toEqual([
    'a written',
    'b dead',
    'c written',
  ])
  expect(answers.get('b')).toEqual({
    status: 'dead',
    reason: 'Typesense says 400 Field `size` must be an int32.',
  })
})

it('waits where the engine lags behind, or refuses access', async () => {
  const place = open()
  await place.setUp()
  const failure = async () =>
    place.failureOf?.(await write(place, { a: { at: 1 } }, 1n).catch((error) => error))
  model.lagging = 1
  expect(await failure()).toMatchObject({ code: 'PLACE_UNAVAILABLE', status: 503 })
  model.down = { status: 401, body: { message: 'Forbidden' } }
  expect(await failure()).toMatchObject({ code: 'PLACE_FORBIDDEN', status: 401 })
  model.down = { status: 503, body: { message: 'Not Ready' } }
  expect(await failure()).toMatchObject({ code: 'PLACE_UNAVAILABLE', status: 503 })
})

it('takes an engine that is gone for one that is away', async () => {
  await server.close()
  const place = open()
  const error = await place.setUp().catch((thrown) => thrown)
  expect(place.failureOf?.(error)).toMatchObject({ code: 'PLACE_UNAVAILABLE' })
  server = await model.start()
})

it('lists by pages', async () => {
  const place = open()
  const all = Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`k${at}`, { at }]))
  await write(place, all, 1n)
  const sizes: number[] = []
  const seen: Record<string, unknown> = {}
  for await (const page of place.list!({} as never, 10, new AbortController().signal)) {
    sizes.push(page.length)
    for (const { id, document } of page) seen[id] = document
  }
  expect(sizes).toEqual([10, 10, 5])
  expect(seen).toEqual(all)
})
