import { describe, expect, test } from 'vitest'
import type { DataModel, Field, Model, ScalarType } from '../../src/model/data-model.ts'
import { uniqueKey, unusableAsKey } from '../../src/model/record-key.ts'
import { forClient } from '../../src/targets/for-client.ts'

const scalar = (name: string, type: ScalarType, more: Partial<Field> = {}): Field =>
  ({
    ...{ kind: 'scalar', name, type, column: name, isList: false, isRequired: true, nativeType: null },
    ...more,
  }) as Field
const time = (nativeType: string, precision?: number) =>
  scalar('at', 'DateTime', { nativeType, ...(precision !== undefined && { precision }) })

function modelWith(
  primaryKey: readonly string[],
  fields: readonly Field[],
  uniques: string[][] = [],
): DataModel {
  const model: Model = {
    ...{ name: 'Reading', table: 'readings', schema: null, primaryKey, uniques },
    fields: Object.fromEntries(fields.map((field) => [field.name, field])),
  }
  return { models: { Reading: model }, enums: {}, joinTables: [] }
}

function targetOf(dataModel: DataModel) {
  const { sheetTarget } = forClient<never>(dataModel)
  const input = { name: 'readings', spreadsheetId: 's', tab: 't', model: 'Reading', columns: ['note'] }
  return sheetTarget(input as never)
}

const note = scalar('note', 'String')
const device = scalar('device', 'Int')

describe('a key that Prisma Client cannot read exactly is refused in the configuration', () => {
  test.each([
    ['microseconds', time('Timestamptz', 6), '@db.Timestamptz(6), which Prisma Client rounds to 3 digits'],
    ['more than milliseconds', time('Timestamp', 4), '@db.Timestamp(4)'],
    ['a time of day with microseconds', time('Time', 6), '@db.Time(6)'],
    ['a time of day with a zone', time('Timetz', 3), '@db.Timetz'],
    ['a float', scalar('at', 'Float'), 'of type Float'],
    [
      'a decimal, money among them',
      scalar('at', 'Decimal', { nativeType: 'Money' } as never),
      'of type Decimal',
    ],
    ['JSON', scalar('at', 'Json'), 'of type Json'],
    ['bytes', scalar('at', 'Bytes'), 'of type Bytes'],
    ['a list', scalar('at', 'Int', { isList: true }), 'a list of Int'],
  ])('%s', (_what, at, got) => {
    const data = modelWith(['device', 'at'], [device, at, note])
    expect(() => targetOf(data)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        problem: expect.stringContaining('model Reading cannot be mirrored'),
        got: expect.stringContaining(`key field at: ${got}`),
        expected: expect.stringContaining('@db.Timestamptz(3)'),
        remedy: expect.stringContaining('Give the model such a key'),
      }),
    )
  })

  test.each([
    ["Prisma's own timestamp(3)", scalar('at', 'DateTime')],
    ['milliseconds', time('Timestamptz', 3)],
    ['whole seconds', time('Timestamp', 0)],
    ['a date', scalar('at', 'DateTime', { nativeType: 'Date' } as never)],
    ['what an older generator wrote down, which says nothing of digits', time('Timestamptz')],
  ])('%s is not', (_what, at) => {
    expect(targetOf(modelWith(['device', 'at'], [device, at, note]))).toMatchObject({ model: 'Reading' })
    expect(unusableAsKey(at)).toBeNull()
  })
})

describe('the key of a model without @id', () => {
  const fields = Object.fromEntries(
    [device, note, scalar('maybe', 'Int', { isRequired: false }), scalar('rate', 'Decimal')].map((one) => [
      one.name,
      one,
    ]),
  )

  test.each([
    ['the first over required fields', [['maybe'], ['device', 'note'], ['note']], ['device', 'note']],
    ['of those the first that text can stand for', [['rate'], ['note']], ['note']],
    ['one that no text stands for, where there is no other', [['maybe'], ['rate']], ['rate']],
    ['none', [['maybe']], []],
  ])('%s', (_what, uniques, key) => {
    expect(uniqueKey(uniques, fields)).toEqual(key)
  })

  test('a data model of an older generator asks for prisma generate', () => {
    expect(() => targetOf(modelWith([], [device, note], [['device']]))).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', remedy: expect.stringContaining('prisma generate') }),
    )
  })
})
