import { Meilisearch } from 'meilisearch'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { meilisearchPlace } from '../../../../src/targets/search/meilisearch/place.ts'
import { MeilisearchModel } from '../servers/meilisearch.ts'
import { targetOf, write } from '../writes.ts'

let model: MeilisearchModel
let server: { url: string; close(): Promise<void> }
let client: Meilisearch
beforeEach(async () => {
  model = new MeilisearchModel()
  server = await model.start()
  client = new Meilisearch({ host: server.url })
})
afterEach(() => server.close())

const open = (settings: object = {}) => meilisearchPlace(targetOf('meilisearch', client, 'things', settings))

it('waits for its tasks: what was written is there', async () => {
  model.looks = 5
  const place = open()
  await write(place, { a: { at: 1 }, b: { at: 1 } }, 1n)
  expect(await place.read('a')).toEqual({ at: 1 })
  await write(place, { a: undefined, b: { at: 2 } }, 2n)
  expect(await place.read('a')).toBeUndefined()
  expect(await place.read('b')).toEqual({ at: 2 })
})

it('refuses an id that the engine would not take before anything is sent, and lets a removal of it pass', async () => {
  const place = open()
  await place.setUp()
  const answers = await write(place, { 'a|b': { at: 1 }, 'c d': undefined }, 1n)
  expect(answers.get('a|b')).toMatchObject({ status: 'dead', reason: expect.stringMatching(/at most 511/) })
  expect(answers.get('c d')).toEqual({ status: 'written' })
  expect(model.writes).toBe(0)
})

it('halves a task that failed for one document', async () => {
  const place = open()
  const all = Object.fromEntries(Array.from({ length: 16 }, (_, at) => [`k${at}`, { at }]))
  const answers = await write(place, { ...all, k7: { _geo: 'secret' } }, 1n)
  expect([...answers].map(([id, { status }]) => [id, status])).toEqual([['k7', 'dead']])
  expect(JSON.stringify([...answers.values()])).not.toMatch(/secret/)
  expect(await place.read('k8')).toEqual({ at: 8 })
  expect(model.writes).toBe(9)
})

it('leaves an index alone that has another primary key', async () => {
  await client.createIndex('things', { primaryKey: 'sku' }).waitTask()
  const place = open()
  expect(await place.differences()).toEqual([expect.stringMatching(/primary key sku: expected id/)])
  expect(place.failureOf?.(await place.setUp().catch((error) => error))).toMatchObject({
    code: 'PLACE_SETTINGS',
  })
})

it.each([
  [403, 'PLACE_FORBIDDEN'],
  [429, 'PLACE_QUOTA'],
  [503, 'PLACE_UNAVAILABLE'],
])('takes %s for %s', async (status, code) => {
  const place = open()
  await place.setUp()
  model.down = { status, body: { message: 'no', code: 'x', type: 'y', link: '' } }
  const error = await write(place, { a: { at: 1 } }, 1n).catch((thrown) => thrown)
  expect(place.failureOf?.(error)).toMatchObject({ code, status })
})

it('takes an engine that is gone for one that is away', async () => {
  await server.close()
  const place = open()
  const error = await place.setUp().catch((thrown) => thrown)
  expect(place.failureOf?.(error)).toMatchObject({ code: 'PLACE_UNAVAILABLE' })
  server = await model.start()
})

it('compares settings without the order of those that have none', async () => {
  await open({ filterableAttributes: ['b', 'a'], rankingRules: ['words', 'typo'] }).setUp()
  expect(await open({ filterableAttributes: ['a', 'b'] }).differences()).toEqual([])
  expect(await open({ rankingRules: ['typo', 'words'] }).differences()).toEqual([
    'index things has another rankingRules',
  ])
})
