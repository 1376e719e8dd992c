import { expect, test } from 'vitest'
import type { Field, Model } from '../../src/model/data-model.ts'
import { byRecordId } from '../../src/model/id-order.ts'

function model(...types: string[]): Model {
  const fields = Object.fromEntries(
    types.map((type, at) => [
      `k${at}`,
      { name: `k${at}`, kind: 'scalar', type, isList: false } as unknown as Field,
    ]),
  )
  return { name: 'M', fields, primaryKey: Object.keys(fields) } as unknown as Model
}

test.each([
  ['numbers by value', ['Int'], ['10', '9', '1', '-3'], ['-3', '1', '9', '10']],
  [
    'large numbers exactly',
    ['BigInt'],
    ['9007199254740993', '9007199254740992'],
    ['9007199254740992', '9007199254740993'],
  ],
  ['text by its characters', ['String'], ['b', 'B', '10', '9'], ['10', '9', 'B', 'b']],
  [
    'times',
    ['DateTime'],
    ['2026-01-02T00:00:00.000Z', '2025-12-31T00:00:00.000Z'],
    ['2025-12-31T00:00:00.000Z', '2026-01-02T00:00:00.000Z'],
  ],
  ['compound keys field by field', ['String', 'Int'], ['b|1', 'a|10', 'a|9'], ['a|9', 'a|10', 'b|1']],
  ['what is no id comes last', ['Int'], ['total', '2', '1'], ['1', '2', 'total']],
])('%s', (_name, types, given, sorted) => {
  expect([...given].sort(byRecordId(model(...types)))).toEqual(sorted)
})
