import { describe, expect, it } from 'vitest'
import type { DataModel, Field, Model } from '../../src/model/data-model.ts'
import { decodeRecordId, encodeRecordId, isRecordId } from '../../src/model/record-id.ts'

const enums: DataModel['enums'] = {
  Status: { name: 'Status', type: 'status', schema: null, values: { OPEN: 'open', DONE: 'done' } },
}

function modelOf(...keys: Omit<Field, 'name' | 'column' | 'isList' | 'isRequired'>[]): Model {
  const fields = keys.map((key, at) => {
    const name = `k${at}`
    return { ...key, name, column: name, isList: false, isRequired: true } as Field
  })
  return {
    name: 'Thing',
    table: 'things',
    schema: null,
    primaryKey: fields.map(({ name }) => name),
    uniques: [],
    fields: Object.fromEntries(fields.map((field) => [field.name, field])),
  }
}

const scalar = (type: string, nativeType: string | null = null) =>
  ({ kind: 'scalar', type, nativeType }) as never
const status = { kind: 'enum', type: 'Status' } as never

/** Keys that a person may type, with the type of the key column: Postgres or Prisma refuses a query that names one. */
const noIds: [string, Model, string[]][] = [
  [
    'Int',
    modelOf(scalar('Int')),
    ['4917012345678', '2147483648', '-2147483649', '1.5', '1e5', '', ' 1', 'total'],
  ],
  ['SmallInt', modelOf(scalar('Int', 'SmallInt')), ['40000', '-32769']],
  ['Oid', modelOf(scalar('Int', 'Oid')), ['-1', '4294967296']],
  [
    'BigInt',
    modelOf(scalar('BigInt')),
    ['9223372036854775808', '-9223372036854775809', '9'.repeat(400), '1.0'],
  ],
  ['Boolean', modelOf(scalar('Boolean')), ['TRUE', 'yes', '1']],
  ['enum', modelOf(status), ['total', 'open', '', 'toString', '__proto__']],
  ['Uuid', modelOf(scalar('String', 'Uuid')), ['total', '0b5b7d3c3f2a4c5e9a0f1d2e3f405060', '']],
  [
    'Inet',
    modelOf(scalar('String', 'Inet')),
    ['10.0.0.256', '10.0.0.1/33', 'fe80::1%eth0', '::1/129', '1/2/3', 'x'],
  ],
  ['Bit', modelOf(scalar('String', 'Bit')), ['102']],
  [
    'DateTime',
    modelOf(scalar('DateTime')),
    ['Total 5', '5', '2026-13-01', '0000-01-01', '+012026-01-01T00:00:00.000Z'],
  ],
  ['String', modelOf(scalar('String')), ['a\0b', 'half an emoji \ud83d']],
  ['a part of a compound key', modelOf(scalar('String'), scalar('Int')), ['a|4917012345678', 'a', 'a|1|2']],
]

describe('a text that is no value of its type', () => {
  it.each(noIds)('%s: is no id', (_type, model, ids) => {
    for (const id of ids) {
      expect(isRecordId(model, id, enums), JSON.stringify(id)).toBe(false)
      expect(() => decodeRecordId(model, id, enums)).toThrow(/not an id of Thing/)
    }
  })

  it('is told apart without quoting it', () => {
    const model = modelOf(scalar('Int', 'SmallInt'))
    expect(() => decodeRecordId(model, '40000')).toThrow('an integer out of range for k0')
  })
})

const ids: [string, Model, (string | number | bigint | boolean | Date)[]][] = [
  ['Int', modelOf(scalar('Int')), [2147483647, -2147483648, 0]],
  ['SmallInt', modelOf(scalar('Int', 'SmallInt')), [32767, -32768]],
  ['BigInt', modelOf(scalar('BigInt')), [9223372036854775807n, -9223372036854775808n]],
  ['Boolean', modelOf(scalar('Boolean')), [true, false]],
  ['enum', modelOf(status), ['OPEN', 'DONE']],
  ['Uuid', modelOf(scalar('String', 'Uuid')), ['0b5b7d3c-3f2a-4c5e-9a0f-1d2e3f405060']],
  ['Inet', modelOf(scalar('String', 'Inet')), ['10.0.0.1', '10.1.0.0/16', '::1', '::ffff:1.2.3.4/96']],
  ['Bit', modelOf(scalar('String', 'Bit')), ['0101']],
  [
    'DateTime',
    modelOf(scalar('DateTime')),
    [new Date('0001-01-01T00:00:00.000Z'), new Date('9999-12-31T23:59:59.999Z')],
  ],
  ['String', modelOf(scalar('String')), ['4917012345678', 'total', 'ümläut 🛫', '']],
]

it.each(ids)('%s: every id of a record is read back', (_type, model, values) => {
  for (const value of values) {
    const id = encodeRecordId(model, { k0: value })
    expect(decodeRecordId(model, id, enums)).toEqual({ k0: value })
  }
})

it('a data model that does not know the values of an enum, or a native type, takes what it cannot judge', () => {
  expect(isRecordId(modelOf(status), 'total')).toBe(true)
  expect(isRecordId(modelOf(status), 'total', {})).toBe(true)
  expect(isRecordId(modelOf(scalar('String', undefined as never)), 'total', enums)).toBe(true)
  expect(isRecordId(modelOf(scalar('Int', undefined as never)), '40000', enums)).toBe(true)
})
