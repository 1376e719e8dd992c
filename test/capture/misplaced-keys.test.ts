import { expect, test } from 'vitest'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { mayMisplaceKey } from '../../src/capture/extension/misplaced-keys.ts'
import type { Model } from '../../src/model/data-model.ts'

/** Of `request.create({ data: { operator: { connectOrCreate: { where, create } } } })`. */
const ofOperator = (create: object) =>
  mayMisplaceKey(dataModel, dataModel.models.Operator as Model, { where: { id: 1 }, create })
const country = { connect: { code: 'DE' } }

test.each([
  ['nothing nested', {}],
  ['a relation', { country }],
  ['relations side by side', { country, brands: { create: [{ name: 'a' }, { name: 'b' }] } }],
  ['a foreign key by value', { brands: { create: { name: 'a', countryCode: 'DE' } } }],
  ['many', { brands: { createMany: { data: [{ name: 'a' }] } } }],
  ['a connectOrCreate', { country: { connectOrCreate: { where: { code: 'DE' }, create: { code: 'DE' } } } }],
  ['nothing, by undefined', { brands: { create: { name: 'a', country: undefined } } }],
])('%s: no other key can be written', (_name, create) => {
  expect(ofOperator(create)).toBe(false)
})

test.each([
  ['a create', { brands: { create: { name: 'a', country } } }],
  ['one of several', { brands: { create: [{ name: 'a' }, { name: 'b', country }] } }],
  [
    'a connectOrCreate',
    { parent: { connectOrCreate: { where: { id: 2 }, create: { name: 'p', country } } } },
  ],
])('nested writes in %s', (_name, create) => {
  expect(ofOperator(create)).toBe(true)
})
