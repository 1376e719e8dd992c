import { describe, expect, test } from 'vitest'
import type { EnumField, ScalarField, ScalarType } from '../../../../src/model/data-model.ts'
import type { SheetCell } from '../../../../src/targets/sheet/cells/cell.ts'
import { fieldCodec } from '../../../../src/targets/sheet/cells/column-codec.ts'
import { zoneOf } from '../../../../src/targets/sheet/cells/zone.ts'
import { readCell } from '../../../../src/targets/sheet/edits/read-cell.ts'

const enums = {
  Status: { name: 'Status', type: 's', schema: null, values: { NEW: 'new', BOOKED: 'booked' } },
  Long: {
    ...{ name: 'Long', type: 'l', schema: null },
    values: Object.fromEntries([...'ABCDEFGHIJKL'].map((name) => [name, name])),
  },
}
const zone = zoneOf('Europe/Berlin')

const scalar = (type: ScalarType, more: Partial<ScalarField> = {}): ScalarField => ({
  ...{ kind: 'scalar', name: 'f', column: 'f', type, nativeType: null, isList: false, isRequired: false },
  ...more,
})
const enumOf = (type: string, more: Partial<EnumField> = {}): EnumField => ({
  ...{ kind: 'enum', name: 'f', column: 'f', type, isList: false, isRequired: true },
  ...more,
})
const native = (type: ScalarType, nativeType: string) => scalar(type, { nativeType })
const read = (field: ScalarField | EnumField, cell: SheetCell) => readCell(field, cell, zone, enums)

const INT = scalar('Int')
const SMALL = native('Int', 'SmallInt')
const BIG = scalar('BigInt')
const FLOAT = scalar('Float')
const DECIMAL = scalar('Decimal')
const BOOLEAN = scalar('Boolean')
const TEXT = scalar('String')
const UUID = native('String', 'Uuid')
const DAY = native('DateTime', 'Date')
const TIME = native('DateTime', 'Time')
const MOMENT = native('DateTime', 'Timestamptz')
const JSON_FIELD = scalar('Json')
const STATUS = enumOf('Status')
const TEXTS = scalar('String', { isList: true, isRequired: true })
const INTS = scalar('Int', { isList: true, isRequired: true })

describe('a cell that is a value', () => {
  test.each<[string, ScalarField | EnumField, SheetCell, unknown]>([
    ['a whole number', INT, 12, 12],
    ['a whole number as text', INT, ' 12 ', 12],
    ['one with a fraction of zeros', INT, '12.0', 12],
    ['minus nothing', INT, -0, 0],
    ['the most of an Int', INT, 2_147_483_647, 2_147_483_647],
    ['the least of a SmallInt', SMALL, -32_768, -32_768],
    ['a BigInt up to 2^53', BIG, 9_007_199_254_740_991, 9_007_199_254_740_991n],
    ['a longer BigInt as text', BIG, '9223372036854775807', 9_223_372_036_854_775_807n],
    ['a Float', FLOAT, 1.5, 1.5],
    ['a Float as text', FLOAT, '-1.25', -1.25],
    ['a Float of 17 digits', FLOAT, 0.30000000000000004, 0.30000000000000004],
    ['a Decimal', DECIMAL, 12.5, 12.5],
    ['a Decimal as the sheet shows it', DECIMAL, 0.1 + 0.2, 0.3],
    ['a Decimal as text', DECIMAL, '12.50', 12.5],
    ['a Decimal of more than 15 digits', DECIMAL, '12345678901234567.89', '12345678901234567.89'],
    ['a small Decimal', DECIMAL, 1e-7, 1e-7],
    ['true', BOOLEAN, true, true],
    ['false as text', BOOLEAN, 'FALSE', false],
    ['true in small letters', BOOLEAN, 'true', true],
    ['a text', TEXT, ' as typed ', ' as typed '],
    ['digits typed as text', TEXT, '007', '007'],
    ['a number in a text column', TEXT, 7.5, '7.5'],
    ['a large number in a text column', TEXT, 1e21, '1000000000000000000000'],
    ['a boolean in a text column', TEXT, true, 'TRUE'],
    ['a text that begins like a formula', TEXT, '=1+1', '=1+1'],
    ['a uuid', UUID, '0f8fad5b-d9cb-469f-a165-70867728950e', '0f8fad5b-d9cb-469f-a165-70867728950e'],
    ['an address', native('String', 'Inet'), '10.0.0.1/8', '10.0.0.1/8'],
    ['an enum', STATUS, 'BOOKED', 'BOOKED'],
    ['an enum with a blank', STATUS, 'NEW ', 'NEW'],
    ['nothing', scalar('Int'), null, null],
    ['an empty text', TEXT, '', null],
    ['a day', DAY, 46_022, new Date('2025-12-31T00:00:00Z')],
    ['a day as text', DAY, '2026-02-28', new Date('2026-02-28T00:00:00Z')],
    ['a time', TIME, 0.75, new Date('1970-01-01T18:00:00Z')],
    ['a time as text', TIME, '9:30', new Date('1970-01-01T09:30:00Z')],
    ['a time with seconds', TIME, '09:30:15.250', new Date('1970-01-01T09:30:15.250Z')],
    ['a moment on the clock of the sheet', MOMENT, 46_022.5, new Date('2025-12-31T11:00:00Z')],
    ['a moment in summer', MOMENT, 46_204.5, new Date('2026-07-01T10:00:00Z')],
    ['a moment in UTC', MOMENT, '2026-07-01T10:00:00.000Z', new Date('2026-07-01T10:00:00Z')],
    ['a moment with an offset', MOMENT, '2026-07-01T10:00+05:30', new Date('2026-07-01T04:30:00Z')],
    ['a moment as text without a zone', MOMENT, '2026-07-01 12:00', new Date('2026-07-01T10:00:00Z')],
    ['a day as a moment', MOMENT, '2026-07-01', new Date('2026-06-30T22:00:00Z')],
    ['the first of two hours in autumn', MOMENT, '2026-10-25 02:30', new Date('2026-10-25T00:30:00Z')],
    ['JSON', JSON_FIELD, '{"a": [1, "b", 0.10]}', { a: [1, 'b', 0.1] }],
    ['a number as JSON', JSON_FIELD, 5, 5],
    ['a boolean as JSON', JSON_FIELD, false, false],
    ['an empty list', TEXTS, null, []],
    ['texts', TEXTS, 'red, "a, b",green', ['red', 'a, b', 'green']],
    ['a single number in a list of texts', TEXTS, 5, ['5']],
    ['whole numbers', INTS, '1, 2,3', [1, 2, 3]],
    ['enums', enumOf('Status', { isList: true }), 'NEW, BOOKED', ['NEW', 'BOOKED']],
    ['booleans', scalar('Boolean', { isList: true }), 'true, FALSE', [true, false]],
    [
      'days',
      scalar('DateTime', { isList: true, nativeType: 'Date' }),
      '2026-01-01',
      [new Date('2026-01-01')],
    ],
  ])('%s', (_what, field, cell, value) => {
    expect(read(field, cell)).toEqual({ value })
  })
})

describe('a cell that is none is refused, with a reason for whoever typed it', () => {
  test.each<[ScalarField | EnumField, SheetCell, string]>([
    [INT, 'abc', '"abc" is no whole number'],
    [INT, 1.5, '"1.5" is no whole number'],
    [INT, true, '"TRUE" is no whole number'],
    [INT, '1,000', '"1,000" is no whole number'],
    [INT, '1e3', '"1e3" is no whole number'],
    [INT, '+5', '"+5" is no whole number'],
    [INT, 2_147_483_648, '"2147483648" is not between -2147483648 and 2147483647'],
    [SMALL, 40_000, '"40000" is not between -32768 and 32767'],
    [BIG, 0.5, '"0.5" is no whole number'],
    [BIG, 1e16, '"10000000000000000" has more digits than a number of the sheet keeps; type it as text'],
    [BIG, '12 3', '"12 3" is no whole number'],
    [
      BIG,
      '9223372036854775808',
      '"9223372036854775808" is not between -9223372036854775808 and 9223372036854775807',
    ],
    [FLOAT, 'NaN', '"NaN" is no number'],
    [FLOAT, '1,5', '"1,5" is no number'],
    [DECIMAL, '12 €', '"12 €" is no number'],
    [DECIMAL, true, '"TRUE" is no number'],
    [BOOLEAN, 1, '"1" is neither TRUE nor FALSE'],
    [BOOLEAN, 'yes', '"yes" is neither TRUE nor FALSE'],
    [scalar('String', { isRequired: true }), '', 'cannot be empty'],
    [scalar('Int', { isRequired: true }), null, 'cannot be empty'],
    [UUID, 'x', '"x" is no uuid'],
    [TEXT, 'a\0b', '"a\0b" is no text'],
    [STATUS, 'booked', '"booked" is none of NEW, BOOKED'],
    [STATUS, 3, '"3" is none of NEW, BOOKED'],
    [STATUS, 'toString', '"toString" is none of NEW, BOOKED'],
    [enumOf('Long'), 'x', '"x" is none of A, B, C, D, E, F, G, H, I, J, …'],
    [DAY, 46_022.5, '"2025-12-31 12:00:00" has a time of day; type the day alone'],
    [DAY, '31.12.2025', '"31.12.2025" is no date such as 2026-12-31'],
    [DAY, '2026-02-30', '"2026-02-30" is no date such as 2026-12-31'],
    [DAY, '0000-01-01', '"0000-01-01" is no date such as 2026-12-31'],
    [DAY, -5, '"-5" is no date'],
    [DAY, true, '"TRUE" is no date such as 2026-12-31'],
    [TIME, 46_022.5, '"2025-12-31 12:00:00" is no time of day'],
    [TIME, '25:00', '"25:00" is no time such as 18:30'],
    [TIME, '12:60', '"12:60" is no time such as 18:30'],
    [MOMENT, 'tomorrow', '"tomorrow" is no date such as 2026-12-31 18:30'],
    [MOMENT, '2026-13-01 10:00', '"2026-13-01 10:00" is no date such as 2026-12-31 18:30'],
    [MOMENT, '03/04/2026', '"03/04/2026" is no date such as 2026-12-31 18:30'],
    [MOMENT, '2026-03-29 02:30', '"2026-03-29 02:30" does not exist: the clocks go forward then'],
    [JSON_FIELD, '{a: 1}', '"{a: 1}" is no JSON: texts need double quotes'],
    [JSON_FIELD, 'null', '"null" is no value: leave the cell empty'],
    [JSON_FIELD, '[12345678901234567890]', '"12345678901234567890" has too many digits'],
    [INTS, '1, two', '"two" is no whole number'],
    [enumOf('Status', { isList: true }), 'NEW, x', '"x" is none of NEW, BOOKED'],
    [INT, { formula: '=A1+1' }, '"=A1+1" is a formula; type the value itself'],
    [TEXTS, { formula: '=A1' }, '"=A1" is a formula; type the value itself'],
    [
      INT,
      'a text that goes on for longer than anybody reads',
      '"a text that goes on for longe…" is no whole number',
    ],
  ])('%j: %j', (field, cell, refused) => {
    expect(read(field, cell)).toEqual({ refused })
  })
})

test('an empty cell is a text that is empty where none is given', () => {
  const text = scalar('String', { isRequired: true })
  expect(read(text, null)).toEqual({ refused: 'cannot be empty' })
  expect(read({ ...text, isEmptyByDefault: true }, null)).toEqual({ value: '' })
  expect(read({ ...text, isEmptyByDefault: true }, '')).toEqual({ value: '' })
})

test('what the library shows is read as what it was', () => {
  const values: [ScalarField | EnumField, unknown][] = [
    [INT, -7],
    [BIG, 2n ** 62n],
    [BIG, 5n],
    [FLOAT, 0.1],
    [BOOLEAN, false],
    [TEXT, '0012'],
    [STATUS, 'NEW'],
    [DAY, new Date('2026-05-01')],
    [DAY, new Date('1850-05-01')],
    [TIME, new Date('1970-01-01T23:59:59.999Z')],
    [MOMENT, new Date('2026-05-01T12:34:56.789Z')],
    [MOMENT, new Date('1850-05-01T12:34:56.789Z')],
    [JSON_FIELD, { a: 'b' }],
    [TEXTS, ['', ' a', 'b,c', '"d"']],
  ]
  for (const [field, value] of values)
    expect(read(field, fieldCodec(field).encode(value, zone))).toEqual({ value })
})
