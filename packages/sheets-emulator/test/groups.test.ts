import fc from 'fast-check'
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'
import { describe, expect, test } from 'vitest'
import { deepen, type Group } from '../model/groups.ts'
import { errorOf, useEmulator } from './support.ts'

const bench = useEmulator()

const columns = (from: string, to: string) => ({
  dimension: 'COLUMNS',
  startIndex: from.charCodeAt(0) - 65,
  endIndex: to.charCodeAt(0) - 64,
})
const add = (range: object) => ({ addDimensionGroup: { range } })
const remove = (range: object) => ({ deleteDimensionGroup: { range } })

async function sheet(spreadsheetId: string): Promise<sheets_v4.Schema$Sheet> {
  const { data } = await bench.api.spreadsheets.get({ spreadsheetId, includeGridData: true })
  return data.sheets![0]!
}

describe('groups of rows and columns', () => {
  test('answer and are shown as recorded', async () => {
    // gspread's recordings of test_group_columns and test_group_rows.
    const spreadsheetId = bench.make()
    const range = { dimension: 'COLUMNS', startIndex: 0, endIndex: 2 }
    const added = await bench.batch(spreadsheetId, add({ sheetId: 0, ...range }))
    expect(added.replies).toEqual([{ addDimensionGroup: { dimensionGroups: [{ range, depth: 1 }] } }])
    const grouped = await sheet(spreadsheetId)
    expect(grouped.columnGroups).toEqual([{ range, depth: 1 }])
    expect(grouped.properties?.gridProperties?.columnGroupControlAfter).toBe(true)
    const deleted = await bench.batch(spreadsheetId, remove({ sheetId: 0, ...range }))
    expect(deleted.replies).toEqual([{ deleteDimensionGroup: {} }])
    const after = await sheet(spreadsheetId)
    expect(after).not.toHaveProperty('columnGroups')
    expect(after.properties?.gridProperties?.columnGroupControlAfter).toBe(true)
  })

  // The examples of the discovery document.
  test.each([
    ['around another', [add(columns('C', 'D')), add(columns('B', 'E'))], ['B:E 1', 'C:D 2']],
    ['in another', [add(columns('B', 'E')), add(columns('C', 'D'))], ['B:E 1', 'C:D 2']],
    ['across another', [add(columns('B', 'D')), add(columns('C', 'E'))], ['B:E 1', 'C:D 2']],
    [
      'less a part',
      [add(columns('B', 'E')), add(columns('C', 'D')), remove(columns('D', 'E'))],
      ['B:D 1', 'C:C 2'],
    ],
  ])('%s', async (_name, requests, expected) => {
    const spreadsheetId = bench.make()
    await bench.batch(spreadsheetId, ...requests)
    const { columnGroups } = await sheet(spreadsheetId)
    const letter = (index: number) => String.fromCharCode(65 + index)
    expect(
      columnGroups?.map(
        ({ range, depth }) => `${letter(range!.startIndex!)}:${letter(range!.endIndex! - 1)} ${depth}`,
      ),
    ).toEqual(expected)
  })

  test('one that is folded hides its rows, moves with them, and opens again', async () => {
    const spreadsheetId = bench.make()
    const range = { dimension: 'ROWS', startIndex: 2, endIndex: 4 }
    const fold = (at: object, collapsed: boolean) => ({
      updateDimensionGroup: { dimensionGroup: { range: at, depth: 1, collapsed }, fields: 'collapsed' },
    })
    await bench.batch(spreadsheetId, add(range), fold(range, true))
    bench.emulator.human(spreadsheetId).act('insertRows', { above: 1 })
    const hidden = async () =>
      (await sheet(spreadsheetId)).data?.[0]?.rowMetadata?.flatMap(({ hiddenByUser }, row) =>
        hiddenByUser ? [row] : [],
      )
    const moved = { ...range, startIndex: 3, endIndex: 5 }
    expect((await sheet(spreadsheetId)).rowGroups).toEqual([{ range: moved, depth: 1, collapsed: true }])
    expect(await hidden()).toEqual([3, 4])
    await bench.batch(spreadsheetId, fold(moved, false))
    expect((await sheet(spreadsheetId)).rowGroups).toEqual([{ range: moved, depth: 1 }])
    expect(await hidden()).toEqual([])
    expect((await errorOf(bench.batch(spreadsheetId, fold(range, true)))).status).toBe(400)
    expect((await errorOf(bench.batch(spreadsheetId, remove(columns('A', 'B'))))).status).toBe(400)
    expect((await errorOf(bench.batch(spreadsheetId, add(columns('H', 'J'))))).status).toBe(400)
  })

  test('are at each place as many as its depth, whatever is added and taken away', () => {
    const change = fc.tuple(
      fc.nat(9),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(1 as const, -1 as const),
    )
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        let groups: Group[] = []
        const depths = new Array<number>(15).fill(0)
        for (const [start, length, by] of changes) {
          groups = deepen(groups, start, start + length, by)
          for (let i = start; i < start + length; i++) depths[i] = Math.max(0, depths[i]! + by)
        }
        const around = depths.map((_, i) => groups.filter(({ start, end }) => start <= i && i < end).length)
        expect(around).toEqual(depths)
        for (const { start, end, depth } of groups)
          expect(Math.min(...depths.slice(start, end))).toBeGreaterThanOrEqual(depth)
      }),
    )
  })
})

describe('textToColumns', () => {
  const split = (delimiterType: string | undefined, more: object = {}) => ({
    textToColumns: {
      source: { startRowIndex: 0, endRowIndex: 9, startColumnIndex: 0, endColumnIndex: 1 },
      ...(delimiterType && { delimiterType }),
      ...more,
    },
  })

  test('splits the texts of a column, each part as if it were typed', async () => {
    const spreadsheetId = bench.make(10, 3)
    await bench.fill(spreadsheetId, [['a,b,c', 'over'], ['whole', 'stays'], ['1,2024-01-02,TRUE,more'], [7]])
    await bench.batch(spreadsheetId, split('COMMA'))
    expect(await bench.read(spreadsheetId)).toEqual([
      ['a', 'b', 'c'],
      ['whole', 'stays'],
      ['1', '2024-01-02', 'TRUE', 'more'],
      ['7'],
    ])
    const { data } = await bench.api.spreadsheets.values.get({
      spreadsheetId,
      range: 'T!A3:C4',
      valueRenderOption: 'UNFORMATTED_VALUE',
    })
    expect(data.values).toEqual([[1, 45293, true], [7]])
  })

  test.each([
    ['SEMICOLON', 'a;b', {}],
    ['PERIOD', 'a.b', {}],
    ['SPACE', 'a b', {}],
    ['CUSTOM', 'a--b', { delimiter: '--' }],
    ['AUTODETECT', 'a;b', {}],
    [undefined, 'a,b', {}],
  ])('%s', async (type, text, more) => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [[text]])
    await bench.batch(spreadsheetId, split(type, more))
    expect(await bench.read(spreadsheetId)).toEqual([['a', 'b']])
  })

  test.each([
    [split('COMMA', { source: { startColumnIndex: 0, endColumnIndex: 2 } }), 'exactly one column'],
    [split('CUSTOM'), 'delimiter must be specified'],
    [split('COMMA', { delimiter: 'x' }), 'only be specified with the delimiterType CUSTOM'],
  ])('%j is refused', async (request, message) => {
    const { status, message: text } = await errorOf(bench.batch(bench.make(), request))
    expect(status).toBe(400)
    expect(text).toContain(message)
  })
})
