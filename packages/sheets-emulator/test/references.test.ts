import { describe, expect, test } from 'vitest'
import { useEmulator } from './support.ts'

const bench = useEmulator()

/** A spreadsheet with numbers in A1:B4 and a formula in D2. */
async function withFormula(formula: string): Promise<string> {
  const spreadsheetId = bench.make()
  await bench.fill(spreadsheetId, [
    [1, 10],
    [2, 20],
    [3, 30],
    [4, 40],
  ])
  bench.emulator.human(spreadsheetId).act('type', { cell: 'D2', text: formula })
  return spreadsheetId
}

async function formulas(spreadsheetId: string): Promise<string[]> {
  const { data } = await bench.api.spreadsheets.values.get({
    spreadsheetId,
    range: 'T',
    valueRenderOption: 'FORMULA',
  })
  return (data.values ?? []).flat().filter((value) => String(value).startsWith('='))
}

describe('references of formulas follow', () => {
  test.each([
    ['=A2*2', 'insertRows', { above: 1 }, '=A3*2'],
    ['=A2*2', 'insertRows', { above: 3 }, '=A2*2'],
    ['=SUM(A1:A4)', 'insertRows', { above: 3, count: 2 }, '=SUM(A1:A6)'],
    ['=SUM(A:A)', 'insertRows', { above: 3 }, '=SUM(A:A)'],
    ['=SUM(1:1)', 'insertRows', { above: 1 }, '=SUM(2:2)'],
    ['=$A$2+T!A3+"A2"', 'insertRows', { above: 1 }, '=$A$3+T!A4+"A2"'],
    ['=A4', 'deleteRows', { row: 1 }, '=A3'],
    ['=A1 + 1', 'deleteRows', { row: 1 }, '=#REF! + 1'],
    ['=SUM(A1:A4)', 'deleteRows', { row: 1 }, '=SUM(A1:A3)'],
    ['=SUM(A3:A4)', 'deleteRows', { row: 3, count: 2 }, '=SUM(#REF!)'],
    ['=B2', 'insertColumns', { before: 'B' }, '=C2'],
    ['=B2', 'moveColumns', { column: 'B', before: 'A' }, '=A2'],
    ['=A4', 'moveRows', { row: 4, above: 1 }, '=A1'],
    ['=A1', 'moveRows', { row: 4, above: 1 }, '=A2'],
    ['=T!A1', 'renameTab', { title: "It's" }, "='It''s'!A1"],
    ['=Other!A1', 'insertRows', { above: 1 }, '=Other!A1'],
  ] as const)('%s: %s %j gives %s', async (formula, action, args, expected) => {
    const spreadsheetId = await withFormula(formula)
    bench.emulator.human(spreadsheetId).act(action, args as never)
    const range = action === 'renameTab' ? "'It''s'" : 'T'
    const { data } = await bench.api.spreadsheets.values.get({
      spreadsheetId,
      range,
      valueRenderOption: 'FORMULA',
    })
    expect(data.values?.flat().filter((value) => String(value).startsWith('='))).toEqual([expected])
  })

  test('the rows they are sorted with, and copies', async () => {
    const spreadsheetId = await withFormula('=A2*2')
    const person = bench.emulator.human(spreadsheetId)
    person.act('sort', { column: 'A', descending: true, headerRows: 0 })
    expect(await formulas(spreadsheetId)).toEqual(['=A3*2'])
    expect(person.see('T', 'D3')).toEqual([['4']])
    person.act('copyRows', { row: 3, above: 4 })
    expect(await formulas(spreadsheetId)).toEqual(['=A3*2', '=A4*2'])
  })

  test('a formula that is repeated counts on', async () => {
    const spreadsheetId = await withFormula('=1')
    await bench.batch(spreadsheetId, {
      repeatCell: {
        range: { sheetId: 0, startRowIndex: 0, endRowIndex: 2, startColumnIndex: 3, endColumnIndex: 5 },
        cell: { userEnteredValue: { formulaValue: '=$A1+B$1' } },
        fields: 'userEnteredValue',
      },
    })
    expect(await formulas(spreadsheetId)).toEqual(['=$A1+B$1', '=$A1+C$1', '=$A2+B$1', '=$A2+C$1'])
  })

  test('a formula written in the middle of a batch is moved only by what comes after it', async () => {
    const spreadsheetId = await withFormula('=A2')
    const insert = {
      insertDimension: { range: { sheetId: 0, dimension: 'ROWS', startIndex: 0, endIndex: 1 } },
    }
    const rows = [{ values: [{ userEnteredValue: { formulaValue: '=A9' } }] }]
    await bench.batch(
      spreadsheetId,
      insert,
      {
        updateCells: { start: { sheetId: 0, rowIndex: 8, columnIndex: 4 }, rows, fields: 'userEnteredValue' },
      },
      insert,
    )
    expect(await formulas(spreadsheetId)).toEqual(['=A4', '=A10'])
  })

  test('a deleted tab leaves #REF!', async () => {
    const spreadsheetId = await withFormula('=1')
    const person = bench.emulator.human(spreadsheetId)
    person.act('addTab', { title: 'Other' })
    person.act('type', { tab: 'Other', cell: 'A1', text: '=T!A1+1' })
    expect(person.see('Other')).toEqual([['2']])
    person.act('deleteTab', { tab: 'T' })
    expect(person.see('Other')).toEqual([['#REF!']])
  })

  test('a thousand deletions in one batch over 5,000 formulas take no minute', () => {
    const spreadsheetId = bench.make(6000)
    const person = bench.emulator.human(spreadsheetId)
    const rows = Array.from({ length: 5000 }, (_, i) => ({
      values: [
        { userEnteredValue: { numberValue: i } },
        { userEnteredValue: { formulaValue: `=A${i + 1}+1` } },
      ],
    }))
    person.apply([{ updateCells: { start: { sheetId: 0 }, rows, fields: 'userEnteredValue' } }])
    const started = performance.now()
    person.apply(
      Array.from({ length: 1000 }, (_, i) => ({
        deleteDimension: {
          range: { sheetId: 0, dimension: 'ROWS', startIndex: 4000 - i * 4, endIndex: 4001 - i * 4 },
        },
      })),
    )
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(person.see('T', 'A3001:B3001')).toEqual([['3999', '4000']])
  })
})
