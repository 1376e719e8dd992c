import { describe, expect, test } from 'vitest'
import { errorOf, useEmulator } from './support.ts'

const bench = useEmulator()

async function update(spreadsheetId: string, range: string, values: unknown[][], more: object = {}) {
  const { data } = await bench.api.spreadsheets.values.update({
    spreadsheetId,
    range,
    valueInputOption: 'RAW',
    requestBody: { values },
    ...more,
  })
  return data
}

async function unformatted(spreadsheetId: string, range: string, more: object = {}) {
  const { data } = await bench.api.spreadsheets.values.get({
    spreadsheetId,
    range,
    valueRenderOption: 'UNFORMATTED_VALUE',
    ...more,
  })
  return data.values
}

// Measured by others against the real API (brekkylab/backlot); a named range behind its tab is recorded by gspread.
test('the tab of a range is found without case, but not without accents or in another width', async () => {
  const spreadsheetId = bench.make()
  const title = 'Umsatz ①'
  await bench.batch(
    spreadsheetId,
    { addSheet: { properties: { title } } },
    { addNamedRange: { namedRange: { name: 'Named', range: { sheetId: 0, ...NAMED } } } },
  )
  await bench.fill(spreadsheetId, [
    ['a', 'b'],
    ['c', 'd'],
  ])
  const get = async (range: string) =>
    (await bench.api.spreadsheets.values.get({ spreadsheetId, range })).data.range
  expect(await get('t!A1:B2')).toBe('T!A1:B2')
  expect(await get("'umsatz ①'!B2")).toBe(`'${title}'!B2`)
  expect(await get('UMSATZ ①')).toBe(`'${title}'!A1:Z1000`)
  expect(await get("'T'!Named")).toBe('T!A1:B2')
  expect(await get('t!named')).toBe('T!A1:B2')
  expect(await get('!B2')).toBe('T!B2')
  for (const range of ['Umsatz 1!A1', 'Ｔ!A1', 'Ümsatz ①!A1', `'${title}'!Named`, '!Named', 'T!']) {
    expect(await errorOf(get(range))).toEqual({ status: 400, message: `Unable to parse range: ${range}` })
  }
})

test.each([
  ['R1C1:R2C2', 'T!A1:B2'],
  ['R[1]C[1]', 'T!B2'],
  ['T!RC', 'T!A1'],
  ['R1C1:R2', 'T!A1:H2'],
  ['C[1]', 'T!B1:B20'],
  ['R3C3:R1C1', 'T!A1:C3'],
  ['A01', 'T!A1'],
])('%s is %s', async (range, expected) => {
  const spreadsheetId = bench.make()
  expect((await bench.api.spreadsheets.values.get({ spreadsheetId, range })).data.range).toBe(expected)
})

test.each(['A1:R2C2', 'R0C1', 'A0', 'R[-1]C[0]', 'T!B', 'T!2'])('%s is no range', async (range) => {
  const error = await errorOf(bench.api.spreadsheets.values.get({ spreadsheetId: bench.make(), range }))
  expect(error).toEqual({ status: 400, message: `Unable to parse range: ${range}` })
})

const NAMED = { startRowIndex: 0, endRowIndex: 2, startColumnIndex: 0, endColumnIndex: 2 }

describe('values.get', () => {
  test('leaves out values when nothing is set, and trims what is blank at the end', async () => {
    const spreadsheetId = bench.make()
    const empty = await bench.api.spreadsheets.values.get({ spreadsheetId, range: 'T' })
    expect(empty.data).toEqual({ range: 'T!A1:H20', majorDimension: 'ROWS' })
    await bench.fill(spreadsheetId, [[''], ['a', '', 'c', ''], [''], ['', 'b']])
    expect(await bench.read(spreadsheetId)).toEqual([[], ['a', '', 'c'], [], ['', 'b']])
  })

  test.each([
    ['T', 'T!A1:H20'],
    ['T!A1:1', 'T!A1:H1'],
    ['T!D1:D', 'T!D1:D20'],
    ['T!2:4', 'T!A2:H4'],
    ['T!B3:A1', 'T!A1:B3'],
    ['T!A5:A', 'T!A5:A20'],
    ['T!R2C3:R4C5', 'T!C2:E4'],
    ['T!B2:Z99', 'T!B2:H20'],
    ["'T'!A1", 'T!A1'],
    ['A1:B2', 'T!A1:B2'],
  ])('%s is echoed as %s', async (range, echoed) => {
    const spreadsheetId = bench.make()
    const { data } = await bench.api.spreadsheets.values.get({ spreadsheetId, range })
    expect(data.range).toBe(echoed)
  })

  test.each([
    ['My Tab', "'My Tab'!A1"],
    ["It's", "'It''s'!A1"],
    ['D3', "'D3'!A1"],
    ['R1C1', "'R1C1'!A1"],
    ['🌵 a-b!', "'🌵 a-b!'!A1"],
    ['Sheet_1', 'Sheet_1!A1'],
    ['2025', "'2025'!A1"],
  ])('a tab called %s is quoted where needed', async (title, echoed) => {
    const spreadsheetId = bench.make()
    await bench.emulator.human(spreadsheetId).act('renameTab', { title })
    const range = `'${title.replaceAll("'", "''")}'!A1`
    const { data } = await bench.api.spreadsheets.values.get({ spreadsheetId, range })
    expect(data.range).toBe(echoed)
  })

  test('refuses unknown tabs, text that is no range, and ranges that start outside of the grid', async () => {
    const spreadsheetId = bench.make()
    const get = (range: string) => errorOf(bench.api.spreadsheets.values.get({ spreadsheetId, range }))
    expect(await get("'Nope'!A1:B2")).toEqual({ status: 400, message: "Unable to parse range: 'Nope'!A1:B2" })
    expect(await get('T!AAAA1')).toEqual({ status: 400, message: 'Unable to parse range: T!AAAA1' })
    expect(await get('T!A21:B30')).toEqual({
      status: 400,
      message: 'Range (T!A21:B30) exceeds grid limits. Max rows: 20, max columns: 8',
    })
  })

  test('majorDimension COLUMNS turns the answer', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [
      ['a', 'b'],
      ['', 'd'],
    ])
    const { data } = await bench.api.spreadsheets.values.get({
      spreadsheetId,
      range: 'T',
      majorDimension: 'COLUMNS',
    })
    expect(data).toEqual({ range: 'T!A1:H20', majorDimension: 'COLUMNS', values: [['a'], ['b', 'd']] })
  })

  test('a named range comes before a tab of the same name', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['a', 'b']])
    const range = { sheetId: 0, startRowIndex: 0, endRowIndex: 1, startColumnIndex: 1, endColumnIndex: 2 }
    await bench.batch(spreadsheetId, { addNamedRange: { namedRange: { name: 'T', range } } })
    const get = async (text: string) =>
      (await bench.api.spreadsheets.values.get({ spreadsheetId, range: text })).data.range
    expect(await get('T')).toBe('T!B1')
    expect(await get("'T'")).toBe('T!A1:H20')
  })
})

describe('values.batchGet', () => {
  test('answers every range, and nothing when one of them is wrong', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['a', 'b']])
    const { data } = await bench.api.spreadsheets.values.batchGet({
      spreadsheetId,
      ranges: ['T!A:A', 'T!B1'],
    })
    expect(data.valueRanges).toEqual([
      { range: 'T!A1:A20', majorDimension: 'ROWS', values: [['a']] },
      { range: 'T!B1', majorDimension: 'ROWS', values: [['b']] },
    ])
    const wrong = bench.api.spreadsheets.values.batchGet({ spreadsheetId, ranges: ['T!A:A', 'X!B1'] })
    expect((await errorOf(wrong)).message).toBe('Unable to parse range: X!B1')
  })
})

describe('values.update', () => {
  test('null leaves a cell, "" empties it, short rows leave the rest; counts are of written cells', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ])
    const data = await update(spreadsheetId, 'T!A1:C2', [[null, '', 'z'], ['y']])
    expect(data).toMatchObject({
      updatedRange: 'T!A1:C2',
      updatedRows: 2,
      updatedColumns: 3,
      updatedCells: 3,
    })
    expect(await bench.read(spreadsheetId)).toEqual([
      ['a', '', 'z'],
      ['y', 'e', 'f'],
    ])
  })

  test('updatedRange is the box of the cells that were written, rows and columns are distinct ones', async () => {
    const spreadsheetId = bench.make()
    const first = await update(spreadsheetId, 'T!A2', [['1', 'John', '', null, null]])
    expect(first).toMatchObject({ updatedRange: 'T!A2:C2', updatedCells: 3 })
    const sparse = await update(spreadsheetId, 'T!A1:D6', [[], [], ['x'], [], [null, null, null, 'y']])
    expect(sparse).toMatchObject({
      updatedRange: 'T!A3:D5',
      updatedRows: 2,
      updatedColumns: 2,
      updatedCells: 2,
    })
  })

  test('a range of several cells bounds the write, a single cell does not, and the grid never grows', async () => {
    const spreadsheetId = bench.make()
    const refused = (range: string, values: unknown[][]) => errorOf(update(spreadsheetId, range, values))
    expect((await refused('T!A1:B2', [['a'], ['b'], ['c']])).message).toBe(
      'Requested writing within range [T!A1:B2], but tried writing to row [3]',
    )
    expect((await refused('T!A1:A2', [['a', 'b']])).message).toBe(
      'Requested writing within range [T!A1:A2], but tried writing to column [B]',
    )
    expect((await refused('T!A20', [['a'], ['b']])).message).toContain('exceeds grid limits. Max rows: 20')
    expect(await bench.read(spreadsheetId)).toEqual([])
    await update(spreadsheetId, 'T!A19', [['a'], ['b']])
    expect(await bench.read(spreadsheetId, 'A19:A20')).toEqual([['a'], ['b']])
  })

  test('RAW stores what it gets; FORMATTED_VALUE shows everything as text', async () => {
    const spreadsheetId = bench.make()
    const row = ["'x", '=1+2', '007', 'true', 25, 0.5, true, '2020-01-01']
    await update(spreadsheetId, 'T!A1', [row])
    expect(await unformatted(spreadsheetId, 'T')).toEqual([row])
    expect(await bench.read(spreadsheetId)).toEqual([
      ["'x", '=1+2', '007', 'true', '25', '0.5', 'TRUE', '2020-01-01'],
    ])
  })

  test.each([
    ['=4/2', 2, '2'],
    ['= 1 / 1024', 0.0009765625, '0.0009765625'],
    ['2020-01-01', 43831, '2020-01-01'],
    ['1999-01-02', 36162, '1999-01-02'],
    ['2,000,000.01', 2000000.01, '2,000,000.01'],
    ['$100.15', 100.15, '$100.15'],
    ['007', 7, '7'],
    ['TRUE', true, 'TRUE'],
    ['true', true, 'TRUE'],
    ["'0123", '0123', '0123'],
    ['3_1_0', '3_1_0', '3_1_0'],
    ['a=b', 'a=b', 'a=b'],
    ['12 Monkeys', '12 Monkeys', '12 Monkeys'],
  ])('USER_ENTERED %s', async (text, value, shown) => {
    const spreadsheetId = bench.make()
    await update(spreadsheetId, 'T!A1', [[text]], { valueInputOption: 'USER_ENTERED' })
    expect(await unformatted(spreadsheetId, 'T!A1')).toEqual([[value]])
    expect(await bench.read(spreadsheetId)).toEqual([[shown]])
  })

  test('FORMULA shows formulas, and dates as serial numbers; FORMATTED_STRING shows dates as text', async () => {
    const spreadsheetId = bench.make()
    await update(spreadsheetId, 'T!A1', [['=1+2', '2020-01-01']], { valueInputOption: 'USER_ENTERED' })
    expect(await unformatted(spreadsheetId, 'T', { valueRenderOption: 'FORMULA' })).toEqual([['=1+2', 43831]])
    const dates = { dateTimeRenderOption: 'FORMATTED_STRING' }
    expect(await unformatted(spreadsheetId, 'T', dates)).toEqual([[3, '2020-01-01']])
  })

  test('includeValuesInResponse answers the requested range, trimmed', async () => {
    const spreadsheetId = bench.make()
    const data = await update(spreadsheetId, 'T!A2:F2', [['a', 'b', null, 4]], {
      includeValuesInResponse: true,
    })
    expect(data).toMatchObject({
      updatedRange: 'T!A2:D2',
      updatedData: { range: 'T!A2:F2', majorDimension: 'ROWS', values: [['a', 'b', '', '4']] },
    })
  })

  test('50,000 characters fit, one more does not', async () => {
    const spreadsheetId = bench.make()
    await update(spreadsheetId, 'T!A1', [['x'.repeat(50_000)]])
    for (const valueInputOption of ['RAW', 'USER_ENTERED']) {
      const error = await errorOf(update(spreadsheetId, 'T!A1', [['x'.repeat(50_001)]], { valueInputOption }))
      expect(error.status).toBe(400)
      expect(error.message).toContain(
        'Your input contains more than the maximum of 50000 characters in a single cell',
      )
    }
  })

  test('a body that is wrong is refused in the API’s words', async () => {
    const spreadsheetId = bench.make()
    const values = 'X' as unknown as unknown[][]
    expect((await errorOf(update(spreadsheetId, 'T!A1', values))).message).toBe(
      `Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), "X"`,
    )
    expect((await errorOf(update(spreadsheetId, 'T!A1', [[{ a: 1 }]]))).message).toContain(
      'Invalid values[0][0]',
    )
    const none = update(spreadsheetId, 'T!A1', [['a']], { valueInputOption: undefined })
    expect((await errorOf(none)).status).toBe(400)
  })

  test('notes, formats and validation stay with a cell whose value is written or cleared', async () => {
    const spreadsheetId = bench.make()
    const rule = { condition: { type: 'BOOLEAN' } }
    const format = { numberFormat: { type: 'NUMBER', pattern: '0.00' } }
    await bench.batch(spreadsheetId, {
      updateCells: {
        start: { sheetId: 0 },
        rows: [{ values: [{ note: 'n', dataValidation: rule, userEnteredFormat: format }] }],
        fields: 'note,dataValidation,userEnteredFormat',
      },
    })
    const cell = async () => {
      const fields = 'sheets.data.rowData.values(note,dataValidation,userEnteredFormat,formattedValue)'
      const { data } = await bench.api.spreadsheets.get({ spreadsheetId, fields })
      return data.sheets?.[0]?.data?.[0]?.rowData?.[0]?.values?.[0]
    }
    await update(spreadsheetId, 'T!A1', [[1.5]])
    expect(await cell()).toEqual({
      note: 'n',
      dataValidation: rule,
      userEnteredFormat: format,
      formattedValue: '1.50',
    })
    await bench.api.spreadsheets.values.clear({ spreadsheetId, range: 'T!A1' })
    expect(await cell()).toEqual({ note: 'n', dataValidation: rule, userEnteredFormat: format })
  })
})

describe('values.batchUpdate', () => {
  test('totals are distinct rows and columns over all ranges', async () => {
    const spreadsheetId = bench.make()
    const { data } = await bench.api.spreadsheets.values.batchUpdate({
      spreadsheetId,
      requestBody: {
        valueInputOption: 'RAW',
        data: [
          { range: 'T!A1:D1', values: [['a', 'b', 'c', 'd']] },
          { range: 'T!A4:D4', values: [['e', 'f', 'g', 'h']] },
        ],
      },
    })
    expect(data).toMatchObject({
      totalUpdatedRows: 2,
      totalUpdatedColumns: 4,
      totalUpdatedCells: 8,
      totalUpdatedSheets: 1,
      responses: [{ updatedRange: 'T!A1:D1' }, { updatedRange: 'T!A4:D4' }],
    })
  })

  test('writes nothing when one range is wrong, and says which', async () => {
    const spreadsheetId = bench.make()
    const call = bench.api.spreadsheets.values.batchUpdate({
      spreadsheetId,
      requestBody: {
        valueInputOption: 'RAW',
        data: [
          { range: 'T!A1', values: [['a']] },
          { range: 'T!A99', values: [['b']] },
        ],
      },
    })
    expect((await errorOf(call)).message).toMatch(/^Invalid data\[1\]: Range \(T!A99\) exceeds grid limits/)
    expect(await bench.read(spreadsheetId)).toEqual([])
  })
})

describe('values.clear and values.batchClear', () => {
  test('answer the cleared range, clamped to the grid', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [
      ['a', 'b'],
      ['c', 'd'],
    ])
    const one = await bench.api.spreadsheets.values.clear({ spreadsheetId, range: 'T!B:B' })
    expect(one.data).toEqual({ spreadsheetId, clearedRange: 'T!B1:B20' })
    expect(await bench.read(spreadsheetId)).toEqual([['a'], ['c']])
    const wrong = bench.api.spreadsheets.values.batchClear({
      spreadsheetId,
      requestBody: { ranges: ['T!A1', 'T!A50'] },
    })
    expect((await errorOf(wrong)).message).toMatch(/^Invalid range\[1\]: Range/)
    expect(await bench.read(spreadsheetId)).toEqual([['a'], ['c']])
    const two = await bench.api.spreadsheets.values.batchClear({
      spreadsheetId,
      requestBody: { ranges: ['T!A1', 'T!A2:Z2'] },
    })
    expect(two.data.clearedRanges).toEqual(['T!A1', 'T!A2:H2'])
    expect(await bench.read(spreadsheetId)).toEqual([])
  })
})

describe('values by data filter', () => {
  test('read, write and clear the rows that metadata marks', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['h'], ['a', 'b'], ['c', 'd']])
    await bench.batch(spreadsheetId, {
      createDeveloperMetadata: {
        developerMetadata: {
          metadataKey: 'row',
          visibility: 'DOCUMENT',
          location: { dimensionRange: { sheetId: 0, dimension: 'ROWS', startIndex: 1, endIndex: 2 } },
        },
      },
    })
    const dataFilters = [{ developerMetadataLookup: { metadataKey: 'row' } }]
    const { values } = bench.api.spreadsheets
    const read = await values.batchGetByDataFilter({ spreadsheetId, requestBody: { dataFilters } })
    expect(read.data.valueRanges).toEqual([
      { valueRange: { range: 'T!A2:H2', majorDimension: 'ROWS', values: [['a', 'b']] }, dataFilters },
    ])
    const written = await values.batchUpdateByDataFilter({
      spreadsheetId,
      requestBody: { valueInputOption: 'RAW', data: [{ dataFilter: dataFilters[0]!, values: [['x']] }] },
    })
    expect(written.data).toMatchObject({ totalUpdatedCells: 1, responses: [{ updatedRange: 'T!A2' }] })
    const cleared = await values.batchClearByDataFilter({ spreadsheetId, requestBody: { dataFilters } })
    expect(cleared.data.clearedRanges).toEqual(['T!A2:H2'])
    expect(await bench.read(spreadsheetId)).toEqual([['h'], [], ['c', 'd']])
  })
})

// Measured by others against the real API: CellData of formulas that fail.
test.each([
  ['=1/0', 'DIVIDE_BY_ZERO', '#DIV/0!', 'Function DIVIDE parameter 2 cannot be zero.'],
  [
    '="a"+1',
    'VALUE',
    '#VALUE!',
    "Function ADD parameter 1 expects number values. But 'a' is a text and cannot be coerced to a number.",
  ],
  ['=NotARealFunction()', 'NAME', '#NAME?', "Unknown function: 'NotARealFunction'."],
  ['=1+', 'ERROR', '#ERROR!', 'Formula parse error.'],
])('%s says why it fails', async (formula, type, shown, message) => {
  const spreadsheetId = bench.make()
  bench.emulator.human(spreadsheetId).act('type', { cell: 'A1', text: formula })
  const get = async (valueRenderOption: string) =>
    (await bench.api.spreadsheets.values.get({ spreadsheetId, range: 'T!A1', valueRenderOption })).data.values
  expect(await get('FORMATTED_VALUE')).toEqual([[shown]])
  expect(await get('UNFORMATTED_VALUE')).toEqual([[`${shown} (${message})`]])
  expect(await get('FORMULA')).toEqual([[formula]])
  const fields = 'sheets.data.rowData.values(effectiveValue,formattedValue)'
  const { data } = await bench.api.spreadsheets.get({ spreadsheetId, fields })
  expect(data.sheets?.[0]?.data?.[0]?.rowData?.[0]?.values?.[0]).toEqual({
    effectiveValue: { errorValue: { type, message } },
    formattedValue: shown,
  })
})
