import { describe, expect, it } from 'vitest'
import type { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { Prisma } from '../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../../src/index.ts'
import { fieldsOf } from '../../../src/targets/api/fields.ts'

const { apiTarget } = forClient<PrismaClient>(dataModel)
const right = {
  name: 'stock',
  model: 'Request',
  document: ({ budget, comment }: { budget: unknown; comment: string | null }) => ({
    stock: budget,
    note: comment,
  }),
  get: () => null,
  put: () => {},
}
const made = (more: object) => apiTarget({ ...right, ...more } as never)

describe('what is wrong is named', () => {
  it.each<[string, object, string]>([
    ['no document', { document: undefined }, 'document'],
    ['an async document', { document: async () => ({}) }, 'async'],
    ['no get', { get: undefined }, 'get'],
    ['no put', { put: 'PUT' }, 'put'],
    ['removal and tombstone', { remove: () => {}, tombstone: () => ({}) }, 'tombstone'],
    ['an async tombstone', { tombstone: async () => ({}) }, 'tombstone'],
    ['the strategy of sheets', { conflict: 'sheet-wins' }, 'place-wins'],
    ['delta for all fields', { conflict: 'delta' }, 'conflict'],
    ['an unknown strategy of a field', { fields: { stock: 'sum' } }, 'delta'],
    ['an async strategy', { fields: { note: async () => 1 } }, 'fields.note'],
    [
      'times in a field that is none',
      { conflict: { lastWriter: { field: 'comment', placeField: 'at' } } },
      'DateTime',
    ],
    [
      'times of a field in a field that is none',
      { fields: { note: { firstWriter: { field: 'nope', placeField: 'at' } } } },
      'fields.note',
    ],
    ['no timeout', { timeoutMs: 0 }, 'timeoutMs'],
    ['too many at once', { concurrency: 1000 }, 'concurrency'],
    ['a misspelt option', { keysKeptHour: 24 }, 'keysKeptHour'],
    ['an unknown model', { model: 'Article' }, 'Article'],
  ])('%s', (_name, more, word) => {
    expect(() => made(more)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(word) }),
    )
  })

  it('nothing, where all is right', () => {
    const target = made({
      fields: { stock: 'delta', note: 'place-wins' },
      conflict: { merge: { numbers: 'place' } },
    })
    expect(target).toMatchObject({
      kind: 'api',
      lane: 'api:stock',
      fields: undefined,
      concurrency: 4,
      keysKeptHours: 0,
    })
  })
})

describe('the document of a record', () => {
  const target = made({ fields: { stock: 'delta' } })
  const of = (record: object) => fieldsOf(target, record)

  it('is plain JSON', () => {
    const record = { budget: new Prisma.Decimal('1.50'), comment: 'x' }
    expect(of(record)).toEqual({ stock: '1.5', note: 'x' })
    const dated = made({ document: () => ({ at: new Date(0), big: 10n, left: undefined, list: [1] }) })
    expect(fieldsOf(dated, {})).toEqual({ at: '1970-01-01T00:00:00.000Z', big: '10', list: [1] })
  })

  it('can never be written where it is no object, or lacks a field that has a strategy, or a quantity is none', () => {
    const wrong = (document: () => unknown) => () =>
      fieldsOf(made({ document, fields: { stock: 'delta' } }), {})
    for (const document of [
      () => null,
      () => [1],
      () => ({ stcok: 1 }),
      () => ({ stock: 'many' }),
      () => ({ stock: Number.NaN }),
    ])
      expect(wrong(document)).toThrow(expect.objectContaining({ code: 'DOCUMENT_FAILED' }))
    expect(wrong(() => ({ stock: null }))()).toEqual({ stock: null })
  })
})
