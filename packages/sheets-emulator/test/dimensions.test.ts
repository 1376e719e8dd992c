import { describe, expect, test } from 'vitest'
import { errorOf, useEmulator } from './support.ts'

const bench = useEmulator()

const rows = (startIndex: number, endIndex: number) => ({
  sheetId: 0,
  dimension: 'ROWS',
  startIndex,
  endIndex,
})
const columns = (startIndex: number, endIndex: number) => ({
  sheetId: 0,
  dimension: 'COLUMNS',
  startIndex,
  endIndex,
})
const LETTERS = [
  ['a', '1'],
  ['b', '2'],
  ['c', '3'],
  ['d', '4'],
  ['e', '5'],
]

async function size(spreadsheetId: string) {
  const { data } = await bench.api.spreadsheets.get({
    spreadsheetId,
    fields: 'sheets.properties.gridProperties',
  })
  return data.sheets?.[0]?.properties?.gridProperties
}

async function first(spreadsheetId: string): Promise<unknown[]> {
  return (await bench.read(spreadsheetId, 'A:A')).map(([value]) => value ?? '')
}

describe('insertDimension', () => {
  test('rows and columns move what lies behind', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, LETTERS)
    await bench.batch(
      spreadsheetId,
      { insertDimension: { range: rows(1, 3) } },
      { insertDimension: { range: columns(1, 2) } },
    )
    expect(await bench.read(spreadsheetId, 'A1:C4')).toEqual([['a', '', '1'], [], [], ['b', '', '2']])
    expect(await size(spreadsheetId)).toEqual({ rowCount: 22, columnCount: 9 })
  })

  test('inheritFromBefore needs a row before, and the end is reached only with it', async () => {
    const spreadsheetId = bench.make()
    const insert = (range: object, inheritFromBefore = false) =>
      bench.batch(spreadsheetId, { insertDimension: { range, inheritFromBefore } })
    expect((await errorOf(insert(rows(0, 1), true))).status).toBe(400)
    expect((await errorOf(insert(rows(20, 21)))).message).toContain('must be less than the grid size (20)')
    await insert(rows(20, 21), true)
    expect(await size(spreadsheetId)).toMatchObject({ rowCount: 21 })
  })

  test('new rows take the format of the row they inherit from, not its values', async () => {
    const spreadsheetId = bench.make()
    const userEnteredFormat = { textFormat: { bold: true } }
    const cell = { userEnteredValue: { stringValue: 'x' }, userEnteredFormat }
    await bench.batch(
      spreadsheetId,
      { updateCells: { start: { sheetId: 0 }, rows: [{ values: [cell] }], fields: '*' } },
      { insertDimension: { range: rows(1, 2), inheritFromBefore: true } },
    )
    const fields = 'sheets.data.rowData.values(userEnteredValue,userEnteredFormat)'
    const { data } = await bench.api.spreadsheets.get({ spreadsheetId, fields })
    expect(data.sheets?.[0]?.data?.[0]?.rowData).toEqual([
      { values: [cell] },
      { values: [{ userEnteredFormat }] },
    ])
  })
})

describe('deleteDimension', () => {
  test('takes rows and columns out, bottom up in one batch', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, LETTERS)
    await bench.batch(
      spreadsheetId,
      { deleteDimension: { range: rows(3, 4) } },
      { deleteDimension: { range: rows(0, 2) } },
      { deleteDimension: { range: columns(0, 1) } },
    )
    expect(await bench.read(spreadsheetId)).toEqual([['3'], ['5']])
    expect(await size(spreadsheetId)).toEqual({ rowCount: 17, columnCount: 7 })
  })

  test('is refused past the end, for all rows, and for all rows that are not frozen', async () => {
    const spreadsheetId = bench.make(5)
    const remove = (start: number, end: number) =>
      errorOf(bench.batch(spreadsheetId, { deleteDimension: { range: rows(start, end) } }))
    expect(await remove(5, 6)).toEqual({
      status: 400,
      message:
        "Invalid requests[0].deleteDimension: Cannot delete a row that doesn't exist. Tried to delete row index 5 but there are only 5 rows.",
    })
    expect((await remove(0, 5)).message).toContain("You can't delete all the rows on the sheet.")
    bench.emulator.human(spreadsheetId).act('freeze', { rows: 1 })
    expect((await remove(1, 5)).message).toContain('it is not possible to delete all non-frozen rows.')
    expect(await size(spreadsheetId)).toMatchObject({ rowCount: 5 })
  })

  test('a frozen row that is deleted is no longer frozen', async () => {
    const spreadsheetId = bench.make()
    bench.emulator.human(spreadsheetId).act('freeze', { rows: 2 })
    await bench.batch(spreadsheetId, { deleteDimension: { range: rows(0, 1) } })
    expect(await size(spreadsheetId)).toMatchObject({ frozenRowCount: 1, rowCount: 19 })
  })
})

describe('moveDimension', () => {
  // The example of the discovery document: 0,1,2,3,4 with 1..2 moved before 4 is 0,3,1,2,4.
  test.each([
    [1, 3, 4, 'adbce'],
    [3, 5, 0, 'deabc'],
    [0, 1, 5, 'bcdea'],
    [1, 2, 2, 'abcde'],
  ])('rows %d..%d before %d', async (start, end, destinationIndex, expected) => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, LETTERS)
    await bench.batch(spreadsheetId, { moveDimension: { source: rows(start, end), destinationIndex } })
    expect((await first(spreadsheetId)).join('')).toBe(expected)
  })

  test('columns', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['a', 'b', 'c', 'd'], ['x']])
    await bench.batch(spreadsheetId, { moveDimension: { source: columns(0, 1), destinationIndex: 3 } })
    expect(await bench.read(spreadsheetId)).toEqual([
      ['b', 'c', 'a', 'd'],
      ['', '', 'x'],
    ])
    await bench.batch(spreadsheetId, { moveDimension: { source: columns(6, 7), destinationIndex: 0 } })
    expect(await bench.read(spreadsheetId)).toEqual([
      ['', 'b', 'c', 'a', 'd'],
      ['', '', '', 'x'],
    ])
  })
})

describe('sizes', () => {
  test('appendDimension adds at the end', async () => {
    const spreadsheetId = bench.make()
    await bench.batch(spreadsheetId, { appendDimension: { sheetId: 0, dimension: 'ROWS', length: 5 } })
    expect(await size(spreadsheetId)).toEqual({ rowCount: 25, columnCount: 8 })
  })

  test('10,000,000 cells and 18,278 columns are the end', async () => {
    const spreadsheetId = bench.make()
    const append = (dimension: string, length: number) =>
      bench.batch(spreadsheetId, { appendDimension: { sheetId: 0, dimension, length } })
    expect((await errorOf(append('COLUMNS', 18_271))).message).toContain('above the limit of 18278 columns')
    await append('ROWS', 10_000_000 / 8 - 20)
    expect((await errorOf(append('ROWS', 1))).message).toBe(
      'Invalid requests[0].appendDimension: This action would increase the number of cells in the workbook above the limit of 10000000 cells.',
    )
  })

  test('updateDimensionProperties and autoResizeDimensions are reported', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['a much longer text', 'b']])
    await bench.batch(
      spreadsheetId,
      {
        updateDimensionProperties: {
          range: columns(0, 2),
          properties: { pixelSize: 50 },
          fields: 'pixelSize',
        },
      },
      {
        updateDimensionProperties: {
          range: rows(1, 2),
          properties: { hiddenByUser: true },
          fields: 'hiddenByUser',
        },
      },
      { autoResizeDimensions: { dimensions: columns(0, 1) } },
    )
    const { data } = await bench.api.spreadsheets.get({
      spreadsheetId,
      fields: 'sheets.data(rowMetadata,columnMetadata)',
    })
    const [grid] = data.sheets![0]!.data!
    expect(grid?.rowMetadata?.[1]).toEqual({ pixelSize: 21, hiddenByUser: true })
    expect(grid?.columnMetadata?.[1]).toEqual({ pixelSize: 50 })
    expect(grid?.columnMetadata?.[0]?.pixelSize).toBeGreaterThan(100)
  })
})

describe('sortRange', () => {
  const sort = (startRowIndex: number, ...specs: [number, string][]) => ({
    sortRange: {
      range: { sheetId: 0, startRowIndex },
      sortSpecs: specs.map(([dimensionIndex, sortOrder]) => ({ dimensionIndex, sortOrder })),
    },
  })

  test('numbers, text without case, booleans, and blanks last in both orders', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['h'], ['b'], [2], [true], ['', 'x'], ['A'], [10], [false]])
    await bench.batch(spreadsheetId, sort(1, [0, 'ASCENDING']))
    expect(await bench.read(spreadsheetId)).toEqual([
      ['h'],
      ['2'],
      ['10'],
      ['A'],
      ['b'],
      ['FALSE'],
      ['TRUE'],
      ['', 'x'],
    ])
    await bench.batch(spreadsheetId, sort(1, [0, 'DESCENDING']))
    expect(await bench.read(spreadsheetId)).toEqual([
      ['h'],
      ['TRUE'],
      ['FALSE'],
      ['b'],
      ['A'],
      ['10'],
      ['2'],
      ['', 'x'],
    ])
  })

  test('several columns, stable, with the column of the sheet', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [
      ['x', 'b', 1],
      ['y', 'a', 2],
      ['z', 'b', 0],
      ['w', 'a', 2],
    ])
    await bench.batch(spreadsheetId, {
      sortRange: {
        range: { sheetId: 0, startColumnIndex: 1, endColumnIndex: 3 },
        sortSpecs: [{ dimensionIndex: 1 }, { dimensionIndex: 2, sortOrder: 'DESCENDING' }],
      },
    })
    // Column A is outside of the range and stays.
    expect(await bench.read(spreadsheetId)).toEqual([
      ['x', 'a', '2'],
      ['y', 'a', '2'],
      ['z', 'b', '1'],
      ['w', 'b', '0'],
    ])
  })

  test('vertically merged cells are not sorted', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, LETTERS)
    bench.emulator.human(spreadsheetId).act('merge', { range: 'A2:A3' })
    expect((await errorOf(bench.batch(spreadsheetId, sort(1, [0, 'DESCENDING'])))).status).toBe(400)
  })
})
