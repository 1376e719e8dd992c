import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { search } from '../../../../src/index.ts'
import { postgresPlace } from '../../../../src/targets/search/postgres/place.ts'
import {
  type PostgresSettingsInput,
  postgresSettingsSchema,
} from '../../../../src/targets/search/postgres/settings.ts'
import type { SearchTarget } from '../../../../src/targets/search/target.ts'
import { createEmptyDatabase, type TestDatabase } from '../../../support/postgres.ts'

let database: TestDatabase
let pool: pg.Pool
beforeAll(async () => {
  database = await createEmptyDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 2 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const targetOf = (index: string, settings: PostgresSettingsInput): SearchTarget<'postgres'> => ({
  ...{ kind: 'search', engine: 'postgres', name: index, model: 'Airport', lane: `search:${index}` },
  ...{ client: pool, index, settings: postgresSettingsSchema.parse(settings), document: undefined },
})
const signals = { abort: new AbortController().signal, leaving: new AbortController().signal }

async function fill(index: string, settings: PostgresSettingsInput, documents: Record<string, object>) {
  const place = postgresPlace(targetOf(index, settings))
  await write(place, documents, 1n)
  return place
}
const write = (place: ReturnType<typeof postgresPlace>, documents: Record<string, object>, ticket: bigint) =>
  place.apply(
    targetOf('any', {}),
    Object.entries(documents).map(([id, document]) => ({
      ...{ id, ticket, record: document, before: undefined, keys: [], snapshot: { xmin: 0n, xmax: 0n } },
      shown: { document },
    })),
    signals,
  )
const ids = async (index: string, query: string, more: object = {}) =>
  (await search(pool, { index, query, ...more })).hits.map(({ id }) => id)

describe('what is found', () => {
  beforeAll(() =>
    fill(
      'places',
      { language: 'english', weights: { title: 'A', 'address.city': 'B', tags: 'C', size: 'D' } },
      {
        a: { title: 'Travelling by train', address: { city: 'Berlin' }, tags: ['slow', 'green'], size: 4711 },
        b: { title: 'A city of trains', address: { city: 'London' }, tags: [], size: 2 },
        c: { title: 'Berlin', address: { city: 'Berlin' }, other: 'train' },
        d: { title: "O'Neil & <b>sons</b>", address: { city: 'São Paulo' } },
      },
    ),
  )

  it.each([
    ['stems', 'trains', ['a', 'b']],
    ['all words', 'train berlin', ['a']],
    ['either', 'london or sao', ['b']],
    ['neither', 'train -berlin', ['b']],
    ['a phrase', '"travelling by train"', ['a']],
    ['no phrase', '"train by travelling"', []],
    ['a beginning', 'lond', ['b']],
    ['a beginning that no stem has', 'travelli', ['a']],
    ['a word before the beginning', 'train lond', ['b']],
    ['a beginning after or', 'travel or lond', ['a', 'b']],
    ['inner fields', 'paulo', ['d']],
    ['lists', 'green', ['a']],
    ['numbers', '4711', ['a']],
    ['quotes', "o'nei", ['d']],
    ['nothing', '', []],
    ['signs', `'"\\ & | ! ( :* <->`, []],
    ['the NUL character', 'london\0', ['b']],
  ])('%s', async (_what, query, expected) => {
    const found = await ids('places', query)
    expect(found.sort()).toEqual(expected)
  })

  it('takes a beginning for a word when it is told so, or a blank follows', async () => {
    expect(await ids('places', 'lond', { prefix: false })).toEqual([])
    expect(await ids('places', 'lond ')).toEqual([])
  })

  it('ranks what stands in a field of more weight first', async () => {
    expect(await ids('places', 'berlin')).toEqual(['c', 'a'])
  })

  it('never finds a field without weight', async () => {
    expect(await ids('places', 'train')).not.toContain('c')
  })

  it('pages, and says how many there are', async () => {
    const page = (limit: number, offset: number) =>
      search(pool, { index: 'places', query: 'berlin', limit, offset })
    expect(await page(1, 0)).toMatchObject({ total: 2, hits: [{ id: 'c' }] })
    expect(await page(1, 1)).toMatchObject({ total: 2, hits: [{ id: 'a' }] })
    expect(await page(1, 9)).toMatchObject({ total: 2, hits: [] })
  })

  it.each([
    [{ limit: 0 }, 'limit'],
    [{ offset: -1 }, 'offset'],
    [{ index: 'a; drop table places' }, 'index'],
  ])('refuses %o', async (wrong, option) => {
    await expect(search(pool, { index: 'places', query: 'x', ...wrong })).rejects.toThrow(`search: ${option}`)
  })

  it('marks what was found, and escapes everything else', async () => {
    const highlight = { fields: ['title', 'missing'] as const }
    const { hits } = await search<{ title: string; missing: string }>(pool, {
      ...{ index: 'places', query: 'sons', highlight },
    })
    expect(hits[0]?.highlights).toEqual({ title: 'O&#39;Neil &amp; &lt;b&gt;<mark>sons</mark>&lt;/b&gt;' })
    const [travel] = (
      await search<{ title: string }>(pool, {
        index: 'places',
        query: 'travelli',
        highlight: { fields: ['title'], tag: 'em' },
      })
    ).hits
    expect(travel?.highlights.title).toBe('<em>Travelling</em> by train')
  })

  it('lets no text bring marks of its own, nor another element', async () => {
    await fill('marked', {}, { a: { title: '\uE000script\uE001 word' } })
    const { hits } = await search<{ title: string }>(pool, {
      ...{ index: 'marked', query: 'word', highlight: { fields: ['title'], tag: 'img onerror=x' } },
    })
    expect(hits[0]?.highlights.title).toBe('script <mark>word</mark>')
  })

  it('cuts passages out of a long text', async () => {
    const text = `${'before '.repeat(80)}needle ${'after '.repeat(80)}`
    await fill('long', {}, { a: { text } })
    const { hits } = await search<{ text: string }>(pool, {
      ...{ index: 'long', query: 'needle', highlight: { fields: ['text'], fragments: 1 } },
    })
    expect(hits[0]?.highlights.text).toContain('<mark>needle</mark>')
    expect(hits[0]?.highlights.text?.length).toBeLessThan(300)
  })
})

describe('the table', () => {
  it('gets other settings without any document being sent again', async () => {
    await fill('changing', { language: 'simple' }, { a: { title: 'trains', note: 'quiet' } })
    expect(await ids('changing', 'train', { prefix: false })).toEqual([])
    const other = postgresPlace(targetOf('changing', { language: 'english', weights: { title: 'A' } }))
    expect(await other.differences()).toEqual(['table changing has other settings'])
    await other.setUp()
    expect(await other.differences()).toEqual([])
    expect(await ids('changing', 'train', { prefix: false })).toEqual(['a'])
    expect(await ids('changing', 'quiet')).toEqual([])
  })

  it('may be made by many at once', async () => {
    const many = Array.from({ length: 8 }, () => postgresPlace(targetOf('crowded', { language: 'german' })))
    await Promise.all(many.map((place) => place.setUp()))
    expect(await many[0]?.differences()).toEqual([])
  })

  it("is not taken from somebody else, nor is another's changed", async () => {
    await pool.query('create table theirs (id text primary key)')
    const place = postgresPlace(targetOf('theirs', {}))
    expect(await place.differences()).toEqual(['table theirs was not made by writeback'])
    await expect(place.setUp()).rejects.toSatisfy(
      (error) => place.failureOf?.(error)?.code === 'PLACE_SETTINGS',
    )
  })

  it('stands in another schema, with a name that needs quotes', async () => {
    await pool.query('create schema "Shop"')
    await fill('Shop.Items', {}, { a: { title: 'word' } })
    expect(await ids('Shop.Items', 'word')).toEqual(['a'])
  })

  it('refuses a language that Postgres does not know, and says so', async () => {
    const place = postgresPlace(targetOf('klingon', { language: 'klingon' }))
    const failure = place.failureOf?.(await place.setUp().catch((error) => error))
    expect(failure).toMatchObject({ code: 'PLACE_SETTINGS', kind: 'refused' })
    expect(failure?.message).toMatch(/klingon/)
  })

  it('keeps the newer version, and tells which it is', async () => {
    const place = await fill('versions', {}, { a: { title: 'one' } })
    await write(place, { a: { title: 'three' } }, 3n)
    const answers = await write(place, { a: { title: 'two' }, b: { title: 'two' } }, 2n)
    expect(answers.get('a')).toEqual({ status: 'superseded', version: 3n })
    expect(answers.get('b')).toEqual({ status: 'written' })
    expect(await place.read('a')).toEqual({ title: 'three' })
  })

  it('remembers what was removed for a day, so that a late writer does not bring it back', async () => {
    const place = await fill('removed', {}, { a: { title: 'one' } })
    const removal = (id: string, ticket: bigint) =>
      place.apply(
        targetOf('any', {}),
        [
          {
            id,
            ticket,
            shown: undefined,
            record: undefined,
            before: undefined,
            keys: [],
            snapshot: { xmin: 0n, xmax: 0n },
          },
        ],
        signals,
      )
    await removal('a', 5n)
    expect((await write(place, { a: { title: 'late' } }, 4n)).get('a')).toEqual({
      status: 'superseded',
      version: 5n,
    })
    expect(await place.read('a')).toBeUndefined()
    expect(await ids('removed', 'late')).toEqual([])
    await pool.query(`update removed set removed_at = now() - interval '25 hours'`)
    // Another worker looks for old ones with the first removal that it writes.
    const other = postgresPlace(targetOf('removed', {}))
    await other.apply(
      targetOf('any', {}),
      [
        {
          id: 'b',
          ticket: 6n,
          shown: undefined,
          record: undefined,
          before: undefined,
          keys: [],
          snapshot: { xmin: 0n, xmax: 0n },
        },
      ],
      signals,
    )
    expect((await pool.query('select id from removed')).rows).toEqual([{ id: 'b' }])
  })

  it.each([
    ['a constraint', `alter table strict add check (document ->> 'title' <> 'secret value')`, '23514'],
    ['a text that is too long', `select 1`, '54000'],
  ])('singles out a document that breaks %s, without its values', async (_what, change, state) => {
    await pool.query('drop table if exists strict')
    const place = await fill('strict', {}, { a: { title: 'one' } })
    await pool.query(change)
    const title =
      state === '23514'
        ? 'secret value'
        : Array.from({ length: 20_000 }, (_, at) => `${'w'.repeat(60)}${at}`).join(' ')
    const answers = await write(place, { a: { title: 'a' }, b: { title }, c: { title: 'c' } }, 2n)
    expect(answers.get('b')).toMatchObject({ status: 'dead', reason: expect.stringContaining(state) })
    expect(JSON.stringify(answers.get('b'))).not.toContain('secret')
    expect(await place.read('c')).toEqual({ title: 'c' })
    expect(await place.read('b')).toBeUndefined()
  })

  it('lists every document, page by page', async () => {
    const all = Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`k${at}`, { at }]))
    const place = await fill('listed', {}, all)
    const seen: Record<string, unknown> = {}
    for await (const page of place.list!(targetOf('any', {}), 10, signals.abort))
      for (const { id, document } of page) seen[id] = document
    expect(seen).toEqual(all)
  })
})
