import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Prisma } from '../../../../prisma/generated/client/client.ts'
import {
  type CellValue,
  fromCellData,
  sameCell,
  toCellData,
} from '../../../../src/targets/sheet/cells/cell.ts'
import { fitting } from '../../../../src/targets/sheet/cells/codec.ts'
import { fieldCodec, listCodec, valueCodec } from '../../../../src/targets/sheet/cells/column-codec.ts'
import { joinList, splitList } from '../../../../src/targets/sheet/cells/list.ts'
import { exactNumber, plainText } from '../../../../src/targets/sheet/cells/number.ts'
import { scalarCodec } from '../../../../src/targets/sheet/cells/scalars.ts'
import { zoneOf } from '../../../../src/targets/sheet/cells/zone.ts'
import { dataModel } from '../support/records.ts'

const utc = zoneOf('Etc/UTC')
const berlin = zoneOf('Europe/Berlin')

/** What comes back after a cell went to the API and was read again. */
const throughSheet = (value: CellValue) => fromCellData(JSON.parse(JSON.stringify(toCellData(value))))

describe('text', () => {
  const text = scalarCodec('String', null)

  it.each([
    '=HYPERLINK("http://x")',
    '+49 30 123',
    '-5',
    '@name',
    "'quoted",
    '0012',
    '1e5',
    'TRUE',
    '2026-01-01',
    '1/2',
  ])('stays as it is: %s', (value) => {
    const cell = text.encode(value, utc)
    expect(toCellData(cell)).toEqual({ userEnteredValue: { stringValue: value } })
    expect(text.decode(throughSheet(cell), utc)).toBe(value)
  })

  it('is null where it is empty, as an empty cell is', () => {
    expect(text.encode('', utc)).toBeNull()
    expect(text.encode(null, utc)).toBeNull()
    expect(text.decode(null, utc)).toBeNull()
  })

  it('loses nothing but halves of surrogate pairs', () => {
    expect(text.encode('a\ud83d', utc)).toBe('a\ufffd')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (value) => {
        expect(text.decode(throughSheet(text.encode(value, utc)), utc)).toBe(value)
      }),
    )
  })

  it('of 50,000 characters fits, one more does not', () => {
    expect(fitting('x'.repeat(50_000))).toHaveLength(50_000)
    expect(() => fitting('x'.repeat(50_001))).toThrow(/CELL_TOO_LONG|at most 50000 characters, got 50001/)
  })
})

describe('numbers', () => {
  it('of up to 15 digits are numbers, longer ones texts', () => {
    const bigInt = scalarCodec('BigInt', null)
    expect(bigInt.encode(123_456_789_012_345n, utc)).toBe(123_456_789_012_345)
    expect(bigInt.encode(1_234_567_890_123_456n, utc)).toBe('1234567890123456')
    expect(bigInt.encode(-9_007_199_254_740_993n, utc)).toBe('-9007199254740993')
    expect(bigInt.encode(10n ** 20n, utc)).toBe(1e20)
  })

  it('of BigInt come back exactly', () => {
    const bigInt = scalarCodec('BigInt', null)
    fc.assert(
      fc.property(fc.bigInt(), (value) => {
        expect(bigInt.decode(throughSheet(bigInt.encode(value, utc)), utc)).toBe(value)
      }),
    )
  })

  it('of Decimal come back exactly', () => {
    const decimal = scalarCodec('Decimal', null)
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,18})(\.\d{0,10}[1-9])?$/)
    fc.assert(
      fc.property(digits, (text) => {
        const value = new Prisma.Decimal(text)
        const back = decimal.decode(throughSheet(decimal.encode(value, utc)), utc)
        expect(new Prisma.Decimal(back as string).equals(value)).toBe(true)
      }),
    )
  })

  it('of Decimal are written as people write them, not in scientific notation', () => {
    const decimal = scalarCodec('Decimal', null)
    expect(decimal.encode(new Prisma.Decimal('12.50'), utc)).toBe(12.5)
    expect(decimal.encode(new Prisma.Decimal('1e-7'), utc)).toBe(1e-7)
    expect(decimal.encode(new Prisma.Decimal('12345678901234567.891'), utc)).toBe('12345678901234567.891')
  })

  it('of Float come back as they are; what no cell has is text', () => {
    const float = scalarCodec('Float', null)
    fc.assert(
      fc.property(fc.double(), (value) => {
        const back = float.decode(throughSheet(float.encode(value, utc)), utc)
        expect(back).toBe(Object.is(value, -0) ? 0 : value)
      }),
    )
    expect(float.encode(Number.NaN, utc)).toBe('NaN')
    expect(float.encode(Number.NEGATIVE_INFINITY, utc)).toBe('-Infinity')
  })

  it('in plain notation are the same numbers', () => {
    expect(plainText(1e21)).toBe('1000000000000000000000')
    expect(plainText(-1.5e-7)).toBe('-0.00000015')
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(plainText(value)).not.toContain('e')
        expect(Number(plainText(value))).toBe(value + 0)
      }),
    )
  })

  it('are exact where they are said to be', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^-?\d{1,20}(\.\d{1,20})?$/), (text) => {
        const value = exactNumber(text)
        if (value === null) return
        const digits = new Prisma.Decimal(text).toSignificantDigits(15)
        expect(new Prisma.Decimal(value).equals(digits)).toBe(true)
        expect(digits.equals(text)).toBe(true)
      }),
    )
  })
})

describe('dates', () => {
  const moment = scalarCodec('DateTime', null)

  it('are serials on the clock of the spreadsheet', () => {
    // 43831 is 2020-01-01: recorded answers of the real API show it.
    expect(moment.encode(new Date('2020-01-01T00:00:00Z'), utc)).toBe(43831)
    expect(moment.encode(new Date('2020-01-01T00:00:00Z'), berlin)).toBeCloseTo(43831 + 1 / 24, 9)
    expect(moment.encode(new Date('2020-07-01T12:00:00Z'), berlin)).toBeCloseTo(44013 + 14 / 24, 9)
  })

  it('of @db.Date are the same day in every zone', () => {
    const day = scalarCodec('DateTime', 'Date')
    for (const zone of [utc, berlin, zoneOf('Pacific/Kiritimati'), zoneOf('America/Los_Angeles')]) {
      expect(day.encode(new Date('1999-01-02T00:00:00Z'), zone)).toBe(36162)
      expect(day.decode(36162, zone)).toEqual(new Date('1999-01-02T00:00:00Z'))
    }
  })

  it('of @db.Time are fractions of a day', () => {
    const time = scalarCodec('DateTime', 'Time')
    expect(time.encode(new Date('1970-01-01T18:00:00Z'), berlin)).toBe(0.75)
    expect(time.decode(0.75, berlin)).toEqual(new Date('1970-01-01T18:00:00Z'))
  })

  it('come back to the millisecond, but for the hour a clock shows twice', () => {
    const zones = [
      'Etc/UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
    ]
    const time = fc.integer({ min: Date.UTC(1901, 0, 1), max: Date.UTC(2200, 0, 1) })
    fc.assert(
      fc.property(fc.constantFrom(...zones), time, (name, at) => {
        const zone = zoneOf(name)
        const serial = zone.toSerial(at)
        const back = zone.fromSerial(serial)
        // Where two moments have one serial, the other one came back.
        expect(zone.toSerial(back)).toBeCloseTo(serial, 8)
        if (Math.abs(back - at) > 1) expect(Math.abs(back - at)).toBeLessThanOrEqual(3_600_000)
        else expect(back).toBe(at)
      }),
      { numRuns: 2_000 },
    )
  })

  it('around the change of the clock: spring has a gap, autumn two of one', () => {
    // Berlin, 2026: 29 March 01:00Z (02:00 -> 03:00), 25 October 01:00Z (03:00 -> 02:00).
    const before = Date.UTC(2026, 2, 29, 0, 59, 59)
    const after = Date.UTC(2026, 2, 29, 1, 0, 0)
    expect((berlin.toSerial(after) - berlin.toSerial(before)) * 86_400).toBeCloseTo(3601, 3)
    expect(berlin.fromSerial(berlin.toSerial(before))).toBe(before)
    expect(berlin.fromSerial(berlin.toSerial(after))).toBe(after)
    const first = Date.UTC(2026, 9, 25, 0, 30)
    const second = Date.UTC(2026, 9, 25, 1, 30)
    expect(berlin.toSerial(first)).toBe(berlin.toSerial(second))
    expect(berlin.fromSerial(berlin.toSerial(second))).toBe(first)
    // 02:30 on 29 March is shown by no clock.
    expect(new Date(berlin.fromSerial(46110 + 2.5 / 24)).toISOString()).toBe('2026-03-29T01:30:00.000Z')
  })

  it('that no spreadsheet shows are ISO texts, and come back', () => {
    const old = new Date('1066-10-14T09:00:00.000Z')
    expect(moment.encode(old, utc)).toBe('1066-10-14T09:00:00.000Z')
    expect(moment.decode('1066-10-14T09:00:00.000Z', utc)).toEqual(old)
    expect(moment.encode(new Date('+012026-01-01T00:00:00.000Z'), utc)).toBe('+012026-01-01T00:00:00.000Z')
    expect(scalarCodec('DateTime', 'Date').encode(new Date('0044-03-15T00:00:00Z'), utc)).toBe('0044-03-15')
  })

  it('in a zone that nobody knows are in UTC', () => {
    for (const name of ['Mars/Olympus', 'GMT+24', 'GMT+5:7', 'GMT-07:60', 'GMT+', '+', '']) {
      expect([name, zoneOf(name).isKnown]).toEqual([name, false])
      expect(zoneOf(name).toSerial(Date.UTC(2020, 0, 1))).toBe(43831)
    }
  })

  it.each([
    ['GMT-07:00', -7],
    ['GMT-7', -7],
    ['GMT-07', -7],
    ['GMT-0700', -7],
    ['GMT+5', 5],
    ['GMT+05:30', 5.5],
    ['GMT+0530', 5.5],
    ['gmt+05:45', 5.75],
    ['UTC+05:30', 5.5],
    ['UTC-3', -3],
    ['UT+1', 1],
    ['+14:00', 14],
    ['-09:30', -9.5],
    ['GMT +2', 2],
    ['GMT\u221203:00', -3],
    ['GMT+00:30:15', 0.5 + 15 / 3600],
    ['GMT', 0],
    ['UTC', 0],
    ['Z', 0],
    ['GMT0', 0],
    ['Etc/GMT', 0],
    // The signs of these names are turned around.
    ['Etc/GMT+7', -7],
    ['Etc/GMT-14', 14],
    ['Etc/UCT', 0],
    ['EST', -5],
    ['America/Phoenix', -7],
  ])('in the zone %s are %d hours ahead of UTC', (name, hours) => {
    const zone = zoneOf(name)
    expect(zone.isKnown).toBe(true)
    for (const at of [Date.UTC(2020, 0, 1), Date.UTC(2020, 6, 1, 23, 59, 59, 999)]) {
      expect(Math.round((zone.toSerial(at) - utc.toSerial(at)) * 86_400_000)).toBe(
        Math.round(hours * 3_600_000),
      )
      expect(zone.fromSerial(zone.toSerial(at))).toBe(at)
    }
  })
})

describe('lists', () => {
  it('are joined with commas, quoted where that is needed', () => {
    expect(joinList(['red', 'light blue'])).toBe('red, light blue')
    expect(joinList(['a, b', 'say "x"', '', ' pad '])).toBe('"a, b", "say ""x""", "", " pad "')
  })

  it('come back item by item', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (items) => {
        expect(splitList(joinList(items))).toEqual(items)
      }),
    )
  })

  it('typed by people are read with or without spaces', () => {
    expect(splitList('red,blue ,  green,, 5" nails')).toEqual(['red', 'blue', 'green', '5" nails'])
  })

  it('of any scalar are texts', () => {
    const cell = listCodec.encode([1, 2n, true, new Date(0), new Prisma.Decimal('1.5'), null], utc)
    expect(cell).toBe('1, 2, true, 1970-01-01T00:00:00.000Z, 1.5, ""')
  })
})

describe('Json', () => {
  const json = scalarCodec('Json', null)

  it('is compact text and comes back', () => {
    expect(json.encode({ a: [1, 'x'], b: null }, utc)).toBe('{"a":[1,"x"],"b":null}')
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const back = json.decode(throughSheet(json.encode(value, utc)), utc)
        if (value !== null) expect(JSON.stringify(back)).toBe(JSON.stringify(value))
      }),
    )
  })
})

describe('what a person typed instead', () => {
  it('comes back as it is', () => {
    expect(scalarCodec('Int', null).decode('a dozen', utc)).toBe('a dozen')
    expect(scalarCodec('Boolean', null).decode('maybe', utc)).toBe('maybe')
    expect(scalarCodec('DateTime', null).decode('next week', utc)).toBe('next week')
    expect(scalarCodec('Json', null).decode('{half', utc)).toBe('{half')
    expect(scalarCodec('Decimal', null).decode({ formula: '=A1' }, utc)).toEqual({ formula: '=A1' })
  })

  it('is understood where it means the type', () => {
    expect(scalarCodec('Int', null).decode(' 12 ', utc)).toBe(12)
    expect(scalarCodec('Boolean', null).decode('true', utc)).toBe(true)
    expect(scalarCodec('BigInt', null).decode('12345678901234567890', utc)).toBe(12345678901234567890n)
    expect(scalarCodec('String', null).decode(12, utc)).toBe('12')
  })
})

describe('computed columns', () => {
  it.each([
    ['x', 'x'],
    [1.5, 1.5],
    [false, false],
    [10n, 10],
    [new Prisma.Decimal('2.50'), 2.5],
    [new Date('2020-01-01T00:00:00Z'), 43831],
    [['a', 'b'], 'a, b'],
    [{ a: 1 }, '{"a":1}'],
    [[{ a: 1 }], '[{"a":1}]'],
    [undefined, null],
    [[], null],
  ])('code %o by its type', (value, cell) => {
    expect(valueCodec.encode(value, utc)).toEqual(cell)
  })

  it.each([[() => 1], [Symbol('s')], [new Uint8Array(2)], [new Date(Number.NaN)]])('refuse %s', (value) => {
    expect(() => valueCodec.encode(value, utc)).toThrow(/a cell cannot show the value/)
  })
})

describe('what no cell shows', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle

  it.each<[string, unknown, string]>([
    ['an invalid date', new Date(Number.NaN), 'an invalid Date'],
    ['a list with an invalid date', [new Date(Number.NaN)], 'an invalid Date'],
    ['a function', () => 1, 'function'],
    ['a symbol', Symbol('x'), 'symbol'],
    ['a list with a function', ['x', () => 1], 'function'],
    ['a circle', circle, 'JSON cannot say (TypeError)'],
    ['a list with a circle', [circle], 'JSON cannot say (TypeError)'],
    [
      'what says itself wrongly',
      { toJSON: () => (null as never as { x: number }).x },
      'JSON cannot say (TypeError)',
    ],
    ['a Map', new Map([['a', 1]]), 'Map'],
    ['a Set', new Set([1]), 'Set'],
    ['an Error', new RangeError('secret'), 'RangeError'],
    ['a regular expression', /x/, 'RegExp'],
    ['a Map in an object', { a: new Map() }, 'Map'],
    ['a promise in an object', { a: Promise.resolve(1) }, 'a Promise'],
    ['bytes', new Uint8Array(2), 'Bytes'],
  ])('%s is refused by the name of its type', (_, value, got) => {
    expect(() => valueCodec.encode(value, utc)).toThrow(
      expect.objectContaining({ code: 'CELL_UNSUPPORTED', got: expect.stringContaining(got) }),
    )
    expect(() => valueCodec.encode(value, utc)).not.toThrow(/secret/)
  })

  it('an invalid date of a field is refused as one', () => {
    for (const nativeType of [null, 'Date', 'Time'])
      expect(() => scalarCodec('DateTime', nativeType).encode(new Date(Number.NaN), utc)).toThrow(
        /expected a date, got an invalid Date/,
      )
  })

  it('a list of texts with NUL, or text with NUL, shows the replacement character instead: Postgres has no NUL', () => {
    expect(valueCodec.encode('a\0b', utc)).toBe('a\ufffdb')
    expect(valueCodec.encode(['a\0', 'b'], utc)).toBe('a\ufffd, b')
    expect(valueCodec.encode({ 'k\0': '\0' }, utc)).toBe('{"k\\u0000":"\\u0000"}')
    // Other control characters can be stored, and stay.
    expect(valueCodec.encode('\u0001\u001b\u007f\t', utc)).toBe('\u0001\u001b\u007f\t')
  })

  it('what JSON can say is said as ever', () => {
    class Point {
      x = 1
    }
    const bare = Object.create(null) as object
    expect(valueCodec.encode(new Point(), utc)).toBe('{"x":1}')
    expect(valueCodec.encode([{}, bare, new Point()], utc)).toBe('[{},{},{"x":1}]')
    expect(valueCodec.encode({ at: new Date(0), n: 1n, url: new URL('http://x/') }, utc)).toBe(
      '{"at":"1970-01-01T00:00:00.000Z","n":"1","url":"http://x/"}',
    )
  })
})

describe('fields', () => {
  it('have a codec each, relations and Bytes have none', () => {
    for (const field of Object.values(dataModel.models.Trip?.fields ?? {})) {
      if (field.kind === 'relation') expect(() => fieldCodec(field)).toThrow(/relation bus/)
      else expect(fieldCodec(field).encode(null, utc)).toBeNull()
    }
    const base = { name: 'x', isList: false, isRequired: true }
    expect(() =>
      fieldCodec({ ...base, kind: 'scalar', type: 'Bytes', column: 'x', nativeType: null }),
    ).toThrow(/Bytes/)
    expect(() => fieldCodec({ ...base, kind: 'unsupported', type: 'tsvector', column: 'x' })).toThrow(
      /unsupported x/,
    )
  })
})

describe('equal cells', () => {
  it('are those that look alike', () => {
    expect(sameCell('', null)).toBe(true)
    expect(sameCell('a\r\nb', 'a\nb')).toBe(true)
    expect(sameCell(0.1 + 0.2, 0.3)).toBe(true)
    expect(sameCell('12', 12)).toBe(false)
    expect(sameCell(0, null)).toBe(false)
    expect(sameCell(false, null)).toBe(false)
    expect(sameCell({ formula: '=1' }, { formula: '=1' })).toBe(true)
    expect(sameCell({ formula: '=1' }, 1)).toBe(false)
    expect(sameCell(1.000000001, 1)).toBe(false)
    // Fifteen digits count: no more, no fewer, whatever the number begins with.
    expect(sameCell(9007199254741010, 9007199254741030)).toBe(false)
    expect(sameCell(-999999999999.999, -999999999999.998)).toBe(false)
    expect(sameCell(1.23456789012344, 1.23456789012345)).toBe(false)
    expect(sameCell(1.234567890123449, 1.23456789012345)).toBe(true)
    expect(sameCell(46348.06631944445, 46348.06631944444)).toBe(true)
    expect(sameCell(1e-300, 2e-300)).toBe(false)
    expect(sameCell(1e15, -1e15)).toBe(false)
  })
})
