import { describe, expect, test } from 'vitest'
import { useEmulator } from './support.ts'

const bench = useEmulator()

async function append(spreadsheetId: string, range: string, values: unknown[][], more: object = {}) {
  const { data } = await bench.api.spreadsheets.values.append({
    spreadsheetId,
    range,
    valueInputOption: 'RAW',
    requestBody: { values },
    ...more,
  })
  return data
}

async function rowCount(spreadsheetId: string): Promise<number> {
  const { data } = await bench.api.spreadsheets.get({
    spreadsheetId,
    fields: 'sheets.properties.gridProperties',
  })
  return data.sheets![0]!.properties!.gridProperties!.rowCount!
}

describe('values.append', () => {
  // The example of the values guide: a table in A1:C2 and another in B4:D6.
  test.each([
    ['T', 'B7'],
    ['T!B4', 'B7'],
    ['T!C5:D5', 'B7'],
    ['T!B2:D4', 'B7'],
    ['T!A3:G8', 'B7'],
    ['T!A1', 'A3'],
    ['T!E4', 'E4'],
    ['T!A4', 'A4'],
  ])('%s adds at %s', async (range, cell) => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [
      ['x', 'y', 'z'],
      ['x', 'y', 'z'],
      [],
      ['', 'x', 'y', 'z'],
      ['', 'x', 'y', 'z'],
      ['', 'x', 'y', 'z'],
    ])
    const data = await append(spreadsheetId, range, [['new']])
    expect(data.updates).toMatchObject({ updatedRange: `T!${cell}`, updatedCells: 1 })
  })

  test('there is no tableRange without a table', async () => {
    const spreadsheetId = bench.make()
    const first = await append(spreadsheetId, 'T', [['a', 'b']])
    expect(first).not.toHaveProperty('tableRange')
    expect(first.updates?.updatedRange).toBe('T!A1:B1')
    const second = await append(spreadsheetId, 'T', [['c', 'd']])
    expect(second).toMatchObject({ tableRange: 'T!A1:B1', updates: { updatedRange: 'T!A2:B2' } })
  })

  test('answers from where the row begins, also when its first values are null', async () => {
    // google-spreadsheet's live tests find the values of such a row by their columns.
    const spreadsheetId = bench.make()
    await append(spreadsheetId, 'T', [['a', 'b', 'c', 'd']])
    const answer = await append(spreadsheetId, 'T!A1', [[null, null, null, 'x']], {
      includeValuesInResponse: true,
    })
    expect(answer.updates).toMatchObject({
      updatedRange: 'T!A2:D2',
      updatedCells: 1,
      updatedData: { range: 'T!A2:D2', values: [['', '', '', 'x']] },
    })
  })

  test('a blank column splits a table', async () => {
    const spreadsheetId = bench.make()
    await append(spreadsheetId, 'T', [['x', '', 'y']])
    const whole = await append(spreadsheetId, 'T', [['x', '', 'y']])
    expect(whole).toMatchObject({ tableRange: 'T!C1', updates: { updatedRange: 'T!C2:E2' } })
    const first = await append(spreadsheetId, 'T!A1', [['x']])
    expect(first).toMatchObject({ tableRange: 'T!A1', updates: { updatedRange: 'T!A2' } })
  })

  test('COLUMNS adds columns of values', async () => {
    const spreadsheetId = bench.make()
    const requestBody = {
      majorDimension: 'COLUMNS',
      values: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    }
    const data = await append(spreadsheetId, 'T!B1', [], { requestBody })
    expect(data.updates).toMatchObject({
      updatedRange: 'T!B1:C2',
      updatedRows: 2,
      updatedColumns: 2,
      updatedCells: 4,
    })
  })

  test('OVERWRITE fills blank rows and grows the grid to exactly the last row', async () => {
    const spreadsheetId = bench.make(3)
    await append(spreadsheetId, 'T', [['a'], ['b']])
    expect(await rowCount(spreadsheetId)).toBe(3)
    await append(spreadsheetId, 'T', [['c'], ['d'], ['e']])
    expect(await rowCount(spreadsheetId)).toBe(5)
  })

  test('INSERT_ROWS always adds rows and moves what is below', async () => {
    const spreadsheetId = bench.make(10)
    await bench.fill(spreadsheetId, [['a'], [''], ['below']])
    await append(spreadsheetId, 'T!A1', [['b']], { insertDataOption: 'INSERT_ROWS' })
    expect(await rowCount(spreadsheetId)).toBe(11)
    expect(await bench.read(spreadsheetId)).toEqual([['a'], ['b'], [], ['below']])
  })

  test('finds a table of 20,000 rows by any of its cells', async () => {
    const spreadsheetId = bench.make(20_000, 3)
    await bench.fill(
      spreadsheetId,
      Array.from({ length: 20_000 }, (_, i) => [`a${i}`, i, i % 3 ? 'c' : '']),
    )
    const data = await append(spreadsheetId, 'T!B100', [['end']])
    expect(data).toMatchObject({ tableRange: 'T!A1:C20000', updates: { updatedRange: 'T!A20001' } })
  })
})
