import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Prisma } from '../../../prisma/generated/client/client.ts'
import { decimalOf, minus, plus, textOfDecimal } from '../../../src/targets/merge/decimal.ts'
import { decideQuantity, type QuantityBase } from '../../../src/targets/merge/delta.ts'

const text = (value: unknown) => {
  const decimal = decimalOf(value)
  return decimal && textOfDecimal(decimal)
}

describe('a decimal', () => {
  it.each([
    [5, '5'],
    ['0012.500', '12.5'],
    [-0.05, '-0.05'],
    ['1e3', '1000'],
    [1e21, '1000000000000000000000'],
    [1e-7, '0.0000001'],
    ['-1.5E-3', '-0.0015'],
    [12345678901234567890n, '12345678901234567890'],
    [new Prisma.Decimal('0.1'), '0.1'],
    ['.5', '0.5'],
    [0, '0'],
    ['-0', '0'],
  ])('reads %s as %s', (given, expected) => expect(text(given)).toBe(expected))

  it.each([
    '',
    ' ',
    '.',
    'x',
    '1,5',
    '0x10',
    '1e99999',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    true,
    [1],
    new Date(),
  ])('does not read %s', (given) => expect(decimalOf(given)).toBeUndefined())

  it('adds and subtracts as integers of the smallest unit do', () => {
    const cents = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n })
    const asText = (units: bigint) => textOfDecimal({ units, digits: 2 })
    fc.assert(
      fc.property(cents, cents, (a, b) => {
        const [left, right] = [decimalOf(asText(a)), decimalOf(asText(b))]
        if (!left || !right) throw new Error('unreadable')
        expect(textOfDecimal(plus(left, right))).toBe(text(asText(a + b)))
        expect(textOfDecimal(minus(left, right))).toBe(text(asText(a - b)))
      }),
    )
  })
})

describe('a quantity', () => {
  const decide = (wanted: unknown, shown: unknown, base: QuantityBase | undefined) =>
    decideQuantity({ header: 'stock', wanted, shown, base })

  it('keeps what others moved and gets what was moved here', () => {
    expect(decide('95', '120', '100')).toEqual({ write: '115', movement: '-5', base: '95' })
  })

  it('has no drift', () => {
    expect(decide(0.3, 0.1, 0.1)).toMatchObject({ write: 0.3, movement: '0.2' })
    expect(decide('0.3', '0.7', '0.2')).toMatchObject({ write: '0.8' })
  })

  it('is written in the form that the place has', () => {
    expect(decide('7', 10, '5').write).toBe(12)
    expect(decide(7, '10', 5).write).toBe('12')
    // A number that would lose digits becomes a text.
    expect(decide('9007199254740993', 0, '0').write).toBe('9007199254740993')
  })

  it('is left alone where nothing was moved here, whatever others did', () => {
    expect(decide('100', '3', '100.00')).toEqual({ base: '100' })
  })

  it('is the whole of it where the place has none', () => {
    expect(decide('7', null, undefined)).toEqual({ write: '7', movement: '7', base: '7' })
    expect(decide('7', null, '100')).toEqual({ write: '7', movement: '7', base: '7' })
  })

  it('is left alone while the database says none', () => {
    expect(decide(null, '5', '7')).toEqual({ base: '7' })
  })

  it("without a base is the place's, and counting begins there", () => {
    const first = decide('40', '55', undefined)
    expect(first).toMatchObject({ base: '40', conflict: { winner: 'sheet', open: false } })
    expect(first.write).toBeUndefined()
    expect(decide('38', '55', first.base).write).toBe('53')
    expect(decide('40', 40, undefined)).toEqual({ base: '40' })
  })

  it('waits for a person while nobody knows whether a movement arrived', () => {
    const decision = decide('95', '92', { unsure: '100' })
    expect(decision).toMatchObject({
      base: { unsure: '100' },
      conflict: { winner: 'none', open: true, base: '100' },
    })
    expect(decision.write).toBeUndefined()
  })

  it('follows what a person decided, and what was moved since', () => {
    // The place's stands, of when it was 92 and the database said 95.
    const kept = { kept: '92', over: '95', seen: '92', from: '92' }
    expect(decide('95', '92', kept)).toEqual({ base: '95' })
    expect(decide('94', '90', kept)).toMatchObject({ write: '89', base: '94' })
    // Another value.
    expect(decide('95', '90', { kept: '87', over: '95', seen: '92', from: '87' })).toMatchObject({
      write: '85',
    })
    // The database's: as if both had agreed on what the place shows.
    expect(decide('95', '92', '92')).toMatchObject({ write: '95' })
  })

  it('waits where the place has no number', () => {
    expect(decide('95', 'plenty', '100')).toMatchObject({
      base: '100',
      conflict: { winner: 'none', open: true },
    })
  })

  it('loses no movement of either side, in any order of movements and merges', () => {
    const step = fc.record({
      who: fc.constantFrom('here', 'there', 'merge'),
      by: fc.integer({ min: -9999, max: 9999 }).map((units) => units / 100),
    })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.array(step, { maxLength: 40 }), (start, steps) => {
        const add = (a: unknown, b: unknown) => {
          const [left, right] = [decimalOf(a), decimalOf(b)]
          if (!left || !right) throw new Error('unreadable')
          return textOfDecimal(plus(left, right))
        }
        let [here, there, total, base]: [string, string, string, QuantityBase | undefined] = [
          `${start}`,
          `${start}`,
          `${start}`,
          `${start}`,
        ]
        for (const { who, by } of [...steps, { who: 'merge', by: 0 }]) {
          if (who === 'here') here = add(here, by)
          if (who === 'there') there = add(there, by)
          if (who !== 'merge') total = add(total, by)
          else {
            const decision = decide(here, there, base)
            there = String(decision.write ?? there)
            base = decision.base
          }
        }
        expect(there).toBe(total)
      }),
    )
  })
})
