import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTable, writeCell, writeRows } from './text-table.ts'

describe('a table', () => {
  it('is read as the values that a tab shows', () => {
    expect(
      readTable(`
        ID    | Name   | Seats | Paid  |
        a     | trip a | 11    | TRUE  | call them
              |        |       |       |
        "007" | "a|b"  | "11"  | FALSE |
              |        | -1.5  |       |
      `),
    ).toEqual([
      ['ID', 'Name', 'Seats', 'Paid'],
      ['a', 'trip a', 11, true, 'call them'],
      [],
      ['007', 'a|b', '11', false],
      ['', '', -1.5],
    ])
  })

  it('of a single line, column or cell is one', () => {
    expect(readTable('ID | Name')).toEqual([['ID', 'Name']])
    expect(readTable('\n  ID\n  1\n')).toEqual([['ID'], [1]])
    expect(readTable('|')).toEqual([[]])
  })

  it('has an empty text where it is written, at the end of a row as well', () => {
    expect(readTable('a | "" | b\nc | ""  |')).toEqual([
      ['a', '', 'b'],
      ['c', ''],
    ])
  })

  it.each<[string, string]>([
    ['a line has a cell too few', 'ID | Name\na'],
    ['a line has a cell too many', 'ID | Name\na | b |'],
    ['a line is empty', 'ID | Name\n\na | b'],
    ['there is no line', '\n  \n'],
    ['quotes are not closed', 'ID | "Name'],
    ['something stands after quotes', 'ID | "Name" x'],
    ...[
      '007',
      '1.50',
      '1e5',
      '+5',
      '0x1F',
      '.5',
      'true',
      'False',
      'Infinity',
      '<null>',
      'a\\b',
      'a\u00a0b',
    ].map((cell): [string, string] => [`${cell} could be something else`, `ID | ${cell}`]),
  ])('is refused where %s', (_, table) => {
    expect(() => readTable(table)).toThrow()
  })

  it('tells how a text is written that could be something else', () => {
    expect(() => readTable('007')).toThrow('expected "007", if this is a text, got 007')
  })
})

describe('a value', () => {
  it.each([
    ['trip a', 'trip a'],
    [11, '11'],
    ['11', '"11"'],
    [-0, '-0'],
    [12345678901234600000, '12345678901234600000'],
    [true, 'TRUE'],
    ['TRUE', '"TRUE"'],
    ['', '""'],
    [' a', '" a"'],
    ['a|b', '"a|b"'],
    ['say "a"', 'say "a"'],
    ['"a"', '"\\"a\\""'],
    ['a\nb', '"a\\nb"'],
    ['a\u00a0', '"a\\u00a0"'],
    ['a\u200bb', '"a\\u200bb"'],
    ['2026-01-02', '2026-01-02'],
    [null, '<null>'],
    [Number.NaN, '<NaN>'],
  ])('%j is written %s', (value, written) => {
    expect(writeCell(value)).toBe(written)
  })

  it('is read as it was written, whatever it is', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[ |"\\<>+\-.0-9eEatrufls\u00a0\n]{0,6}$/),
    )
    const value = fc.oneof(text, fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }))
    fc.assert(
      fc.property(fc.array(fc.array(value, { maxLength: 4 }), { minLength: 1 }), (rows) => {
        expect(readTable(writeRows(rows).join('\n'))).toEqual(rows)
      }),
    )
  })
})
