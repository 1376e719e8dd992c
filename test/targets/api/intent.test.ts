import { describe, expect, it } from 'vitest'
import type { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../../src/index.ts'
import { type Intent, intentOf, isUntouched, judgeByValues } from '../../../src/targets/api/intent.ts'
import type { PlaceRecord } from '../../../src/targets/api/target.ts'

const { apiTarget } = forClient<PrismaClient>(dataModel)
const target = apiTarget({
  name: 'stock',
  model: 'Request',
  document: ({ budget, comment }) => ({ stock: budget, note: comment }),
  get: () => null,
  put: () => {},
  fields: { stock: 'delta' },
})

const from: PlaceRecord = { fields: { stock: '100', note: 'x' }, etag: '"1"' }
const plan = {
  to: { stock: '95', note: 'y' },
  movements: { stock: '-5' },
  base: { stock: '95', note: 'y' },
  notes: [],
  agreed: [],
}
const where = { target: 'stock', id: 'a', ticket: 7n }

describe('the key of a write', () => {
  const key = (at: object = {}, place: PlaceRecord | null = from, to: object = plan.to) =>
    intentOf({ ...where, ...at }, place, { ...plan, to: { ...to } }).key

  it('is the same for the same write, whenever it is asked for', () => expect(key()).toBe(key()))

  it.each<[string, string]>([
    ['record', key({ id: 'b' })],
    ['target', key({ target: 'other' })],
    ['moment: the same values as another change', key({ ticket: 8n })],
    ['state underneath', key({}, { ...from, etag: '"2"' })],
    ['first write', key({}, null)],
    ['value', key({}, from, { stock: '94', note: 'y' })],
  ])('is another for another %s', (_name, other) => expect(other).not.toBe(key()))
})

describe('a place', () => {
  const intent = intentOf(where, from, plan)
  it('that says so is untouched, and so the write has not arrived', () => {
    expect(isUntouched(intent, from)).toBe(true)
    expect(isUntouched(intent, { ...from, etag: '"2"' })).toBe(false)
    expect(isUntouched(intent, null)).toBe(false)
    const first = intentOf(where, null, plan)
    expect([isUntouched(first, null), isUntouched(first, from)]).toEqual([true, false])
  })

  it('without versions says nothing', () => {
    const plain = { fields: from.fields }
    expect(isUntouched(intentOf(where, plain, plan), plain)).toBe(false)
  })
})

describe('values', () => {
  const base = { stock: '100', note: 'x' }
  const judge = (shown: object | null, intent: Intent = intentOf(where, from, plan)) => {
    const { base: next, arrived } = judgeByValues(intent, base, shown as never, target)
    return { base: next, arrived: [...arrived] }
  }

  it.each<[string, object | null, object, string[]]>([
    ['all as written', { stock: 95, note: 'y' }, { stock: '95', note: 'y' }, ['stock', 'note']],
    ['all as before', { stock: '100.0', note: 'x' }, base, []],
    [
      'a quantity that is neither',
      { stock: '92', note: 'y' },
      { stock: { unsure: '100' }, note: 'y' },
      ['note'],
    ],
    ['a value that is neither', { stock: '95', note: 'z' }, { stock: '95', note: 'x' }, ['stock']],
    ['nothing any more', null, base, []],
  ])('%s', (_name, shown, next, arrived) => expect(judge(shown)).toEqual({ base: next, arrived }))

  it('of a first write: the quantity is counted from there on, whoever moved it since', () => {
    const first = intentOf(where, null, plan)
    expect(judgeByValues(first, {}, { stock: '90', note: 'y' }, target).base).toEqual({
      stock: '95',
      note: 'y',
    })
  })
})
