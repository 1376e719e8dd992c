import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'
import { describe, expect, test, vi } from 'vitest'
import { errorOf, useEmulator } from './support.ts'

const bench = useEmulator()

const text = (stringValue: string) => ({ userEnteredValue: { stringValue } })
const append = (...texts: string[]) => ({
  appendCells: {
    sheetId: 0,
    rows: texts.map((each) => ({ values: [text(each)] })),
    fields: 'userEnteredValue',
  },
})

describe('spreadsheets.batchUpdate', () => {
  test('requests run in order and each sees the one before', async () => {
    const spreadsheetId = bench.make()
    const rows = (startIndex: number) => ({
      sheetId: 0,
      dimension: 'ROWS',
      startIndex,
      endIndex: startIndex + 1,
    })
    const { replies } = await bench.batch(
      spreadsheetId,
      append('a', 'b', 'c'),
      { deleteDimension: { range: rows(0) } },
      { deleteDimension: { range: rows(0) } },
      append('d'),
    )
    expect(replies).toEqual([{}, {}, {}, {}])
    expect(await bench.read(spreadsheetId)).toEqual([['c'], ['d']])
  })

  test('nothing is applied when the last request is wrong', async () => {
    const spreadsheetId = bench.make()
    const error = await errorOf(
      bench.batch(spreadsheetId, { addSheet: { properties: { title: 'U' } } }, append('a'), {
        deleteSheet: { sheetId: 9 },
      }),
    )
    expect(error).toEqual({ status: 400, message: 'Invalid requests[2].deleteSheet: No sheet with id: 9' })
    expect(await bench.read(spreadsheetId)).toEqual([])
    expect((await errorOf(bench.api.spreadsheets.values.get({ spreadsheetId, range: 'U' }))).status).toBe(400)
  })

  // "GridRange indexes must be >= 0" was measured by others (brekkylab/backlot); the rest is by analogy.
  test.for<[sheets_v4.Schema$Request, string]>([
    [
      { updateCells: { start: { rowIndex: -1 }, rows: [{ values: [text('x')] }], fields: '*' } },
      'GridCoordinate',
    ],
    [{ updateCells: { range: { startRowIndex: -1 }, fields: '*' } }, 'GridRange'],
    [{ repeatCell: { range: { startColumnIndex: -2 }, cell: text('x'), fields: '*' } }, 'GridRange'],
    [{ insertRange: { range: { startRowIndex: -1, endRowIndex: 1 }, shiftDimension: 'ROWS' } }, 'GridRange'],
    [{ deleteRange: { range: { endColumnIndex: -1 }, shiftDimension: 'ROWS' } }, 'GridRange'],
    [{ sortRange: { range: { startRowIndex: -3 }, sortSpecs: [{ dimensionIndex: 0 }] } }, 'GridRange'],
    [{ mergeCells: { range: { startRowIndex: -1, endRowIndex: 2 }, mergeType: 'MERGE_ALL' } }, 'GridRange'],
    [{ addNamedRange: { namedRange: { name: 'n', range: { startRowIndex: -1 } } } }, 'GridRange'],
    [{ addProtectedRange: { protectedRange: { range: { startRowIndex: -1 } } } }, 'GridRange'],
    [{ cutPaste: { source: { endRowIndex: 1 }, destination: { columnIndex: -1 } } }, 'GridCoordinate'],
    [{ deleteDimension: { range: { dimension: 'ROWS', startIndex: -1, endIndex: 1 } } }, 'DimensionRange'],
    [{ insertDimension: { range: { dimension: 'COLUMNS', startIndex: -1, endIndex: 1 } } }, 'DimensionRange'],
    [
      { moveDimension: { source: { dimension: 'ROWS', startIndex: 1, endIndex: 2 }, destinationIndex: -1 } },
      'destinationIndex',
    ],
  ])(
    'a negative index is refused, and the requests before it are taken back: %j',
    async ([request, what]) => {
      const spreadsheetId = bench.make()
      await bench.fill(spreadsheetId, [['a', 'b'], ['c']])
      const { status, message } = await errorOf(
        bench.batch(
          spreadsheetId,
          { updateCells: { start: {}, rows: [{ values: [text('gone')] }], fields: '*' } },
          { insertDimension: { range: { dimension: 'ROWS', startIndex: 0, endIndex: 1 } } },
          request,
        ),
      )
      const kind = Object.keys(request)[0]
      expect(message).toMatch(new RegExp(`^Invalid requests\\[2\\]\\.${kind}: ${what}\\b.*must be >= 0$`))
      expect(status).toBe(400)
      expect(await bench.read(spreadsheetId)).toEqual([['a', 'b'], ['c']])
    },
  )

  test('a range whose end is before its start is refused', async () => {
    // Measured by others against the real API (brekkylab/backlot).
    const range = { startRowIndex: 3, endRowIndex: 1 }
    const error = await errorOf(bench.batch(bench.make(), { repeatCell: { range, cell: {}, fields: '*' } }))
    expect(error).toEqual({
      status: 400,
      message: 'Invalid requests[0].repeatCell: endRowIndex[1] cannot be before startRowIndex[3]',
    })
  })

  test('a mistake of the emulator is answered as an internal error, without its stack, and changes nothing', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['a']])
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const guard = vi.spyOn(bench.emulator.control.access, 'guard')
    guard
      .mockImplementationOnce(() => undefined)
      .mockImplementationOnce(() => {
        throw new TypeError('a mistake')
      })
    const insert = { insertDimension: { range: { dimension: 'ROWS', startIndex: 0, endIndex: 1 } } }
    const error = await errorOf(bench.batch(spreadsheetId, insert, insert))
    guard.mockRestore()
    const texts = told.mock.calls.map(([text]) => String(text))
    told.mockRestore()
    expect(error).toEqual({ status: 500, message: 'Internal error encountered.' })
    expect(texts.join('')).toMatch(/^sheets-emulator: TypeError: a mistake\n +at /)
    expect(await bench.read(spreadsheetId)).toEqual([['a']])
  })

  test('answers with the cells of responseRanges as they are after the batch, under the mask', async () => {
    const spreadsheetId = bench.make()
    await bench.batch(spreadsheetId, { addSheet: { properties: { title: 'Other' } } })
    await bench.fill(spreadsheetId, [['id'], ['1'], ['2']])
    const { data } = await bench.api.spreadsheets.batchUpdate({
      spreadsheetId,
      fields:
        'replies,updatedSpreadsheet(sheets(properties(sheetId,title),data(startRow,startColumn,rowData.values.userEnteredValue)))',
      requestBody: {
        requests: [
          append('3'),
          {
            updateCells: {
              start: { sheetId: 0, rowIndex: 1, columnIndex: 1 },
              rows: [{ values: [text('x')] }],
              fields: 'userEnteredValue',
            },
          },
        ],
        includeSpreadsheetInResponse: true,
        responseRanges: ["'T'!A3:A", 'T!B2'],
      },
    })
    expect(data).toEqual({
      replies: [{}, {}],
      updatedSpreadsheet: {
        sheets: [
          {
            properties: { sheetId: 0, title: 'T' },
            data: [
              { startRow: 2, rowData: [{ values: [text('2')] }, { values: [text('3')] }] },
              { startRow: 1, startColumn: 1, rowData: [{ values: [text('x')] }] },
            ],
          },
        ],
      },
    })
  })

  test('responseIncludeGridData shows cells without a mask, and a mask hides the rest', async () => {
    const spreadsheetId = bench.make()
    const update = async (more: object, fields?: string) => {
      const requestBody = { requests: [append('a')], includeSpreadsheetInResponse: true, ...more }
      return (
        await bench.api.spreadsheets.batchUpdate({ spreadsheetId, requestBody, ...(fields && { fields }) })
      ).data
    }
    const without = await update({})
    expect(without.updatedSpreadsheet?.sheets?.[0]).not.toHaveProperty('data')
    const within = await update({ responseIncludeGridData: true })
    expect(within.updatedSpreadsheet?.sheets?.[0]?.data?.[0]?.rowData).toHaveLength(2)
    expect(await update({}, 'spreadsheetId')).toEqual({ spreadsheetId })
    expect(await bench.read(spreadsheetId)).toEqual([['a'], ['a'], ['a']])
  })

  test('more than 100,000 requests are refused', async () => {
    const spreadsheetId = bench.make()
    const requests: sheets_v4.Schema$Request[] = Array.from({ length: 100_001 }, () => ({ addSheet: {} }))
    expect(await errorOf(bench.batch(spreadsheetId, ...requests))).toEqual({
      status: 400,
      message: 'Cannot exceed 100000 requests in a single batch.',
    })
  })

  test('calls are counted with their bytes and kinds', async () => {
    const spreadsheetId = bench.make()
    bench.emulator.control.calls.reset()
    await bench.batch(spreadsheetId, append('a'), append('b'), { addSheet: {} })
    await errorOf(bench.batch(spreadsheetId, { deleteSheet: { sheetId: 9 } }))
    const { write, read, methods } = bench.emulator.control.calls.counts()
    expect(read.calls).toBe(0)
    expect(write).toMatchObject({ calls: 2, errors: 1 })
    expect(methods['spreadsheets.batchUpdate']).toEqual(write)
    const [first, second] = bench.emulator.control.calls.recent()
    expect(first).toMatchObject({
      spreadsheetId,
      token: 'tester',
      status: 200,
      requestKinds: ['appendCells', 'addSheet'],
    })
    expect(second).toMatchObject({ status: 400, requestKinds: ['deleteSheet'] })
    expect(first!.bytesIn).toBeGreaterThan(200)
    expect(first!.bytesIn + second!.bytesIn).toBe(write.bytesIn)
  })
})
