import { describe, expect, it } from 'vitest'
import { expectRows, expectTab } from './expect-tab.ts'
import type { Person, Shown } from './person.ts'

const TABLE = `
  ID | Name   | Seats | Paid |
  a  | trip a | 11    | TRUE | call them
     |        |       |      |
  b  |        | 2     |      |
`
const ROWS: Shown[][] = [
  ['ID', 'Name', 'Seats', 'Paid'],
  ['a', 'trip a', 11, true, 'call them'],
  [],
  ['b', '', 2],
]

/** A stage on which nothing but tabs is there. */
const showing = (tabs: Record<string, Shown[][]>) => ({
  person: { see: async (tab = 'Trips') => tabs[tab] ?? [] } as Person,
})

/** The rows with one replaced, or left out. */
const withRow = (at: number, ...row: Shown[][]) => ROWS.toSpliced(at, 1, ...row)

async function failureOf(assertion: () => unknown): Promise<Error> {
  try {
    await assertion()
  } catch (error) {
    return error as Error
  }
  throw new Error('expected a failure, got none')
}

describe('a tab', () => {
  it('that shows the table passes', async () => {
    await expectTab(showing({ Trips: ROWS })).toShow(TABLE)
    await expectTab(showing({ Others: ROWS }), 'Others').toShow(TABLE)
    expectRows(ROWS).toShow(TABLE)
  })

  it('that is empty is a single blank row, or none', async () => {
    expectRows([[]]).toShow('|')
    expect((await failureOf(() => expectRows([]).toShow('|'))).message).toBe(
      ['the tab shows something else', 'expected:', '-  |', 'seen:'].join('\n'),
    )
  })

  it.each<[string, Shown[][]]>([
    ['a number is a text', withRow(1, ['a', 'trip a', '11', true, 'call them'])],
    ['a number is another', withRow(1, ['a', 'trip a', 11.000000000000002, true, 'call them'])],
    ['a boolean is a text', withRow(1, ['a', 'trip a', 11, 'TRUE', 'call them'])],
    ['a boolean is another', withRow(1, ['a', 'trip a', 11, false, 'call them'])],
    ['a text is another', withRow(1, ['a', 'trip A', 11, true, 'call them'])],
    ['a text has a blank after it', withRow(1, ['a', 'trip a ', 11, true, 'call them'])],
    ['a text has a blank of another kind', withRow(1, ['a', 'trip\u00a0a', 11, true, 'call them'])],
    ['a cell is empty', withRow(1, ['a', '', 11, true, 'call them'])],
    ['a cell is not empty', withRow(3, ['b', 'trip b', 2])],
    ['an empty cell is a zero', withRow(3, ['b', 0, 2])],
    ['an empty cell is FALSE', withRow(3, ['b', false, 2])],
    ['cells have changed places', withRow(3, ['b', 2])],
    ['the last cell is missing', withRow(1, ['a', 'trip a', 11, true])],
    ['a cell stands beyond the table', withRow(1, ['a', 'trip a', 11, true, 'call them', 'x'])],
    ['a row ends with an empty text', withRow(3, ['b', '', 2, ''])],
    ['a blank row has an empty text', withRow(2, [''])],
    ['a blank row is missing', withRow(2)],
    ['the header is missing', withRow(0)],
    ['the last row is missing', withRow(3)],
    ['a row is there twice', [...ROWS, ['b', '', 2]]],
    ['a blank row is at the end', [...ROWS, []]],
    ['rows have changed places', [...ROWS.slice(0, 1), ...ROWS.slice(1).toReversed()]],
    ['nothing is there', []],
  ])('fails where %s', async (_, rows) => {
    const ofTab = await failureOf(() => expectTab(showing({ Trips: rows })).toShow(TABLE))
    const ofRows = await failureOf(() => expectRows(rows).toShow(TABLE))
    expect(ofTab.message).toMatch(/^the tab shows something else\nexpected:\n/)
    expect(ofRows.message).toBe(ofTab.message)
    // What differs is marked, and can be told apart in print.
    const [expected = '', seen = ''] = ofTab.message.split('seen:')
    expect(/^- /m.test(expected) || /^\+ /m.test(seen)).toBe(true)
    expect(expected.replace(/^- /gm, '  ').trim()).not.toBe(seen.replace(/^\+ /gm, '  ').trim())
  })

  it('that lacks a row, has another one and a changed one is printed with these marked', async () => {
    const seen = [
      ROWS[0] as Shown[],
      ['new', 'a row of theirs', 1],
      ...withRow(3, ['b', '', '2', '']).slice(1),
    ]
    const { message } = await failureOf(() => expectRows(seen).toShow(TABLE))
    expect(`\n${message}\n`).toBe(`
the tab shows something else
expected:
  ID  | Name            | Seats | Paid |
  a   | trip a          | 11    | TRUE | call them
      |                 |       |      |
- b   |                 | 2     |      |
seen:
  ID  | Name            | Seats | Paid |
+ new | a row of theirs | 1     |      |
  a   | trip a          | 11    | TRUE | call them
      |                 |       |      |
+ b   |                 | "2"   | ""   |
`)
  })

  it('names the line of the test that failed, not one of its own', async () => {
    const { stack } = await failureOf(async () => await expectTab(showing({})).toShow(TABLE))
    expect(stack).toContain('expect-tab.test.ts')
  })
})
