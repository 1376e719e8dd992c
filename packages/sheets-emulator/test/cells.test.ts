import { describe, expect, test } from 'vitest'
import { errorOf, useEmulator } from './support.ts'

const bench = useEmulator()

const text = (stringValue: string) => ({ userEnteredValue: { stringValue } })
const row = (...texts: string[]) => ({ values: texts.map(text) })

async function cells(spreadsheetId: string, range: string, fields = 'userEnteredValue') {
  const { data } = await bench.api.spreadsheets.get({
    spreadsheetId,
    ranges: [range],
    fields: `sheets.data.rowData.values(${fields})`,
  })
  return (data.sheets?.[0]?.data?.[0]?.rowData ?? []).map(({ values }) => values ?? [])
}

describe('updateCells', () => {
  test('writes typed values from start, as short as the rows are', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ])
    const { replies } = await bench.batch(spreadsheetId, {
      updateCells: {
        start: { sheetId: 0, rowIndex: 0, columnIndex: 1 },
        rows: [
          {
            values: [{ userEnteredValue: { numberValue: 1.5 } }, { userEnteredValue: { boolValue: false } }],
          },
          { values: [{ userEnteredValue: { stringValue: '=not a formula' } }] },
        ],
        fields: 'userEnteredValue',
      },
    })
    expect(replies).toEqual([{}])
    expect(await cells(spreadsheetId, 'T!A1:C2')).toEqual([
      [text('a'), { userEnteredValue: { numberValue: 1.5 } }, { userEnteredValue: { boolValue: false } }],
      [text('d'), text('=not a formula'), text('f')],
    ])
  })

  test('keeps text that looks like something else, and long text, exactly', async () => {
    const spreadsheetId = bench.make()
    const hard = [
      '0012',
      '=HYPERLINK("x")',
      '+1',
      '-1',
      '@x',
      "'x",
      ' x ',
      '1e5',
      'TRUE',
      '2020-01-01',
      'z'.repeat(50_000),
      'ü𝒳\n\t"',
    ]
    const rows = hard.map((each) => row(each))
    await bench.batch(spreadsheetId, {
      updateCells: { start: { sheetId: 0 }, rows, fields: 'userEnteredValue' },
    })
    expect(await cells(spreadsheetId, 'T!A:A')).toEqual(hard.map((each) => [text(each)]))
  })

  test('clears the masked fields of cells of the range that rows do not cover', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
      ['g', 'h', 'i'],
    ])
    const range = { sheetId: 0, startRowIndex: 0, endRowIndex: 2, startColumnIndex: 0, endColumnIndex: 2 }
    await bench.batch(spreadsheetId, { updateCells: { range, rows: [row('x')], fields: 'userEnteredValue' } })
    expect(await bench.read(spreadsheetId)).toEqual([
      ['x', '', 'c'],
      ['', '', 'f'],
      ['g', 'h', 'i'],
    ])
  })

  test('a masked field that is absent is reset; others stay', async () => {
    const spreadsheetId = bench.make()
    const start = { sheetId: 0 }
    const bold = { textFormat: { bold: true } }
    await bench.batch(
      spreadsheetId,
      {
        updateCells: {
          start,
          rows: [{ values: [{ ...text('a'), note: 'n', userEnteredFormat: bold }] }],
          fields: '*',
        },
      },
      { updateCells: { start, rows: [row('b')], fields: 'userEnteredValue,note' } },
    )
    expect(await cells(spreadsheetId, 'T!A1', 'userEnteredValue,note,userEnteredFormat')).toEqual([
      [{ ...text('b'), userEnteredFormat: bold }],
    ])
  })

  test('a mask below userEnteredFormat merges with the format that is there', async () => {
    const spreadsheetId = bench.make()
    const start = { sheetId: 0 }
    const numberFormat = { type: 'DATE', pattern: 'yyyy-mm-dd' }
    await bench.batch(
      spreadsheetId,
      {
        updateCells: {
          start,
          rows: [{ values: [{ userEnteredFormat: { textFormat: { bold: true } } }] }],
          fields: 'userEnteredFormat',
        },
      },
      {
        updateCells: {
          start,
          rows: [
            { values: [{ userEnteredValue: { numberValue: 43831 }, userEnteredFormat: { numberFormat } }] },
          ],
          fields: 'userEnteredValue,userEnteredFormat.numberFormat',
        },
      },
    )
    expect(await cells(spreadsheetId, 'T!A1', 'formattedValue,userEnteredFormat')).toEqual([
      [{ formattedValue: '2020-01-01', userEnteredFormat: { textFormat: { bold: true }, numberFormat } }],
    ])
  })

  test.each([
    ['0.00', 'NUMBER', 1.005, '1.01'],
    ['yyyy-mm-dd hh:mm:ss', 'DATE_TIME', 45292.75, '2024-01-01 18:00:00'],
    ['0.0%', 'PERCENT', 0.125, '12.5%'],
    ['#,##0', 'NUMBER', 1234567, '1,234,567'],
    [undefined, 'DATE', 43831, '1/1/2020'],
    ['@', 'TEXT', 12, '12'],
  ])('number format %s %s shows %d as %s', async (pattern, type, numberValue, shown) => {
    const spreadsheetId = bench.make()
    const numberFormat = { type, ...(pattern && { pattern }) }
    const values = [{ userEnteredValue: { numberValue }, userEnteredFormat: { numberFormat } }]
    await bench.batch(spreadsheetId, {
      updateCells: { start: { sheetId: 0 }, rows: [{ values }], fields: '*' },
    })
    expect(await bench.read(spreadsheetId)).toEqual([[shown]])
  })

  test('is refused past the grid, past its range, and above 50,000 characters', async () => {
    const spreadsheetId = bench.make()
    const write = (request: object) =>
      errorOf(bench.batch(spreadsheetId, { updateCells: { fields: 'userEnteredValue', ...request } }))
    expect(await write({ start: { sheetId: 0, rowIndex: 20 }, rows: [row('a')] })).toMatchObject({
      status: 400,
      message: expect.stringMatching(
        /^Invalid requests\[0\]\.updateCells: .*\[20\] is after last row in grid\[19\]/,
      ),
    })
    expect((await write({ start: { sheetId: 0, rowIndex: 19 }, rows: [row('a'), row('b')] })).status).toBe(
      400,
    )
    const range = { sheetId: 0, startRowIndex: 0, endRowIndex: 1, startColumnIndex: 0, endColumnIndex: 1 }
    expect((await write({ range, rows: [row('a', 'b')] })).message).toBe(
      'Invalid requests[0].updateCells: Attempting to write column: 1, beyond the last requested column of: 0',
    )
    expect((await write({ start: { sheetId: 0 }, rows: [row('x'.repeat(50_001))] })).message).toContain(
      '50000 characters',
    )
    expect((await write({ start: { sheetId: 9 }, rows: [row('x')] })).message).toBe(
      'Invalid requests[0].updateCells: No grid with id: 9',
    )
    expect(await bench.read(spreadsheetId)).toEqual([])
  })
})

describe('appendCells', () => {
  test('adds after the last row with data, growing the grid to exactly that', async () => {
    const spreadsheetId = bench.make(3)
    await bench.fill(spreadsheetId, [['h'], [''], ['']])
    const add = (...texts: string[]) => ({
      appendCells: { sheetId: 0, rows: texts.map((each) => row(each)), fields: 'userEnteredValue' },
    })
    const { replies } = await bench.batch(spreadsheetId, add('a'), add('b', 'c', 'd'))
    expect(replies).toEqual([{}, {}])
    expect(await bench.read(spreadsheetId)).toEqual([['h'], ['a'], ['b'], ['c'], ['d']])
    const { data } = await bench.api.spreadsheets.get({ spreadsheetId })
    expect(data.sheets?.[0]?.properties?.gridProperties?.rowCount).toBe(5)
  })

  test('adds no columns: a row wider than the grid is refused', async () => {
    // The text is that of updateCells (AMWA-TV/nmos-testing#578).
    const spreadsheetId = bench.make(20, 26)
    const values = Array.from({ length: 27 }, () => ({ userEnteredValue: { stringValue: 'x' } }))
    const append = { appendCells: { sheetId: 0, rows: [{ values }], fields: 'userEnteredValue' } }
    expect(await errorOf(bench.batch(spreadsheetId, append))).toEqual({
      status: 400,
      message:
        'Invalid requests[0].appendCells: Attempting to write column: 26, beyond the last requested column of: 25',
    })
    expect(await bench.read(spreadsheetId)).toEqual([])
    const { data } = await bench.api.spreadsheets.get({ spreadsheetId })
    expect(data.sheets?.[0]?.properties?.gridProperties?.columnCount).toBe(26)
  })

  test('rows with a note or a format only are not data', async () => {
    const spreadsheetId = bench.make()
    await bench.batch(
      spreadsheetId,
      {
        updateCells: {
          start: { sheetId: 0, rowIndex: 5 },
          rows: [{ values: [{ note: 'n' }] }],
          fields: 'note',
        },
      },
      { appendCells: { sheetId: 0, rows: [row('a')], fields: 'userEnteredValue' } },
    )
    expect(await bench.read(spreadsheetId)).toEqual([['a']])
  })
})

describe('repeatCell and setDataValidation', () => {
  test('fill a range, which may reach out of the grid at its end', async () => {
    const spreadsheetId = bench.make(3, 3)
    const range = { sheetId: 0, startRowIndex: 1, endRowIndex: 99, startColumnIndex: 1, endColumnIndex: 99 }
    await bench.batch(spreadsheetId, { repeatCell: { range, cell: text('x'), fields: 'userEnteredValue' } })
    expect(await bench.read(spreadsheetId)).toEqual([[], ['', 'x', 'x'], ['', 'x', 'x']])
    const { data } = await bench.api.spreadsheets.get({ spreadsheetId })
    expect(data.sheets?.[0]?.properties?.gridProperties).toEqual({ rowCount: 3, columnCount: 3 })
    const outside = bench.batch(spreadsheetId, {
      repeatCell: { range: { sheetId: 0, startRowIndex: 3, endRowIndex: 4 }, cell: {}, fields: '*' },
    })
    expect((await errorOf(outside)).message).toMatch(
      /^Invalid requests\[0\]\.repeatCell: Range \(T!.*\) exceeds grid limits/,
    )
  })

  test('a rule is set on every cell and taken away again', async () => {
    const spreadsheetId = bench.make()
    const range = { sheetId: 0, startRowIndex: 0, endRowIndex: 2, startColumnIndex: 0, endColumnIndex: 1 }
    const rule = { condition: { type: 'ONE_OF_LIST', values: [{ userEnteredValue: 'a' }] }, strict: true }
    await bench.batch(spreadsheetId, { setDataValidation: { range, rule } })
    expect(await cells(spreadsheetId, 'T', 'dataValidation')).toEqual([
      [{ dataValidation: rule }],
      [{ dataValidation: rule }],
    ])
    await bench.batch(spreadsheetId, { setDataValidation: { range } })
    expect(await cells(spreadsheetId, 'T', 'dataValidation')).toEqual([])
  })
})

describe('formulas', () => {
  test.each([
    ['=A1+B1*2', '8'],
    ['=SUM(A1:B1)', '5'],
    ['=SUM(A:A)', '2'],
    ['="x"&A1', 'x2'],
    ['=IF(A1<B1,"less","more")', 'less'],
    ["='T'!B1^2", '9'],
    ['=-2^2', '4'],
    ['=50%', '0.5'],
    ['=HYPERLINK("https://example.org","label")', 'label'],
    ['=1/0', '#DIV/0!'],
    ['=NOSUCH(1)', '#NAME?'],
    ['=Nowhere!A1', '#REF!'],
    ['=C1', '#REF!'],
    ['="a"+1', '#VALUE!'],
    ['=1+', '#ERROR!'],
  ])('%s shows %s', async (formulaValue, shown) => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [[2, 3]])
    const values = [{ userEnteredValue: { formulaValue } }]
    const start = { sheetId: 0, columnIndex: 2 }
    await bench.batch(spreadsheetId, {
      updateCells: { start, rows: [{ values }], fields: 'userEnteredValue' },
    })
    expect(await bench.read(spreadsheetId, 'C1')).toEqual([[shown]])
    expect(await cells(spreadsheetId, 'T!C1')).toEqual([values])
  })
})
