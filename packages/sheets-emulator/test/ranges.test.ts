import { describe, expect, test } from 'vitest'
import { errorOf, useEmulator } from './support.ts'

const bench = useEmulator()

const grid = (
  startRowIndex: number,
  endRowIndex: number,
  startColumnIndex: number,
  endColumnIndex: number,
) => ({
  startRowIndex,
  endRowIndex,
  startColumnIndex,
  endColumnIndex,
})
const rows = (startIndex: number, endIndex: number) => ({
  sheetId: 0,
  dimension: 'ROWS',
  startIndex,
  endIndex,
})

async function sheet(spreadsheetId: string, fields: string) {
  const { data } = await bench.api.spreadsheets.get({ spreadsheetId, fields: `sheets(${fields})` })
  return data.sheets![0]!
}

describe('merges', () => {
  test('are reported, follow their rows, and keep only the first value', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['h'], ['a', 'b'], ['c', 'd']])
    await bench.batch(
      spreadsheetId,
      { mergeCells: { range: { sheetId: 0, ...grid(1, 3, 0, 2) }, mergeType: 'MERGE_ALL' } },
      { insertDimension: { range: rows(0, 2) } },
    )
    expect((await sheet(spreadsheetId, 'merges')).merges).toEqual([grid(3, 5, 0, 2)])
    expect(await bench.read(spreadsheetId)).toEqual([[], [], ['h'], ['a']])
    await bench.batch(spreadsheetId, { unmergeCells: { range: { sheetId: 0, ...grid(3, 5, 0, 2) } } })
    expect(await sheet(spreadsheetId, 'merges')).toEqual({})
  })

  test('a range that cuts a merge is refused', async () => {
    const spreadsheetId = bench.make()
    await bench.batch(spreadsheetId, {
      mergeCells: { range: { sheetId: 0, ...grid(1, 3, 0, 2) }, mergeType: 'MERGE_ROWS' },
    })
    expect((await sheet(spreadsheetId, 'merges')).merges).toEqual([grid(1, 2, 0, 2), grid(2, 3, 0, 2)])
    const cut = bench.batch(spreadsheetId, { unmergeCells: { range: { sheetId: 0, ...grid(1, 3, 1, 2) } } })
    expect((await errorOf(cut)).message).toContain('You must select all cells in a merged range')
  })
})

describe('named ranges', () => {
  test('can be read by name, follow their cells and go with them', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['a'], ['b']])
    const range = { sheetId: 0, ...grid(1, 2, 0, 1) }
    const { replies } = await bench.batch(spreadsheetId, {
      addNamedRange: { namedRange: { name: 'second', range } },
    })
    const namedRangeId = replies?.[0]?.addNamedRange?.namedRange?.namedRangeId
    expect(replies?.[0]?.addNamedRange?.namedRange).toEqual({
      namedRangeId,
      name: 'second',
      range: grid(1, 2, 0, 1),
    })
    await bench.batch(spreadsheetId, { insertDimension: { range: rows(0, 1) } })
    const { data } = await bench.api.spreadsheets.values.get({ spreadsheetId, range: 'second' })
    expect(data).toMatchObject({ range: 'T!A3', values: [['b']] })
    const again = bench.batch(spreadsheetId, { addNamedRange: { namedRange: { name: 'SECOND', range } } })
    expect((await errorOf(again)).status).toBe(400)
    await bench.batch(spreadsheetId, {
      updateNamedRange: { namedRange: { namedRangeId: namedRangeId!, name: 'other' }, fields: 'name' },
    })
    await bench.batch(spreadsheetId, { deleteNamedRange: { namedRangeId: namedRangeId! } })
    const gone = bench.api.spreadsheets.values.get({ spreadsheetId, range: 'other' })
    expect((await errorOf(gone)).message).toBe('Unable to parse range: other')
  })
})

describe('protected ranges', () => {
  const MESSAGE =
    'You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection if you need to edit.'
  const protect = (spreadsheetId: string, more: object = {}) =>
    bench.batch(spreadsheetId, {
      addProtectedRange: {
        protectedRange: { range: { sheetId: 0, ...grid(0, 2, 0, 2) }, requestingUserCanEdit: false, ...more },
      },
    })

  test('reply that the caller can edit; the owner is never refused', async () => {
    const spreadsheetId = bench.make()
    const { replies } = await protect(spreadsheetId)
    const protectedRangeId = replies?.[0]?.addProtectedRange?.protectedRange?.protectedRangeId
    const expected = { protectedRangeId, range: grid(0, 2, 0, 2), requestingUserCanEdit: true, editors: {} }
    expect(replies?.[0]?.addProtectedRange?.protectedRange).toEqual(expected)
    expect((await sheet(spreadsheetId, 'protectedRanges')).protectedRanges).toEqual([expected])
    await bench.fill(spreadsheetId, [['a']])
    await bench.batch(spreadsheetId, {
      updateProtectedRange: {
        protectedRange: { protectedRangeId: protectedRangeId!, description: 'mine' },
        fields: 'description',
      },
    })
    expect((await sheet(spreadsheetId, 'protectedRanges')).protectedRanges?.[0]?.description).toBe('mine')
    await bench.batch(spreadsheetId, { deleteProtectedRange: { protectedRangeId: protectedRangeId! } })
    expect(await sheet(spreadsheetId, 'protectedRanges')).toEqual({})
  })

  test('refuse a caller who is no editor with 400, in every way to write, and nothing is written', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
      ['g', 'h', 'i'],
    ])
    await protect(spreadsheetId)
    bench.emulator.control.access.refuseProtected(spreadsheetId, { token: 'tester' })
    const before = await bench.read(spreadsheetId)
    const { values } = bench.api.spreadsheets
    const raw = { spreadsheetId, valueInputOption: 'RAW' }
    const update = values.update({ ...raw, range: 'T!B2', requestBody: { values: [['x']] } })
    expect(await errorOf(update)).toEqual({ status: 400, message: MESSAGE })
    const data = [
      { range: 'T!C1', values: [['x']] },
      { range: 'T!A1', values: [['x']] },
    ]
    const many = values.batchUpdate({ spreadsheetId, requestBody: { valueInputOption: 'RAW', data } })
    expect((await errorOf(many)).message).toBe(`Invalid data[1]: ${MESSAGE}`)
    const requests = {
      updateCells: {
        start: { sheetId: 0, rowIndex: 1 },
        rows: [{ values: [{}] }],
        fields: 'userEnteredValue',
      },
      deleteDimension: { range: rows(1, 2) },
      sortRange: { range: { sheetId: 0 }, sortSpecs: [{ dimensionIndex: 0 }] },
      repeatCell: { range: { sheetId: 0, ...grid(1, 2, 1, 2) }, cell: {}, fields: '*' },
      moveDimension: { source: rows(0, 1), destinationIndex: 3 },
    }
    for (const [kind, request] of Object.entries(requests)) {
      const error = await errorOf(bench.batch(spreadsheetId, { [kind]: request }))
      expect(error).toEqual({ status: 400, message: `Invalid requests[0].${kind}: ${MESSAGE}` })
    }
    expect((await errorOf(values.clear({ spreadsheetId, range: 'T' }))).status).toBe(400)
    expect(await bench.read(spreadsheetId)).toEqual(before)
    // Beside the range everything works, and warnings refuse nobody.
    await values.update({ ...raw, range: 'T!C3', requestBody: { values: [['x']] } })
    const { data: get } = await bench.api.spreadsheets.get({
      spreadsheetId,
      fields: 'sheets.protectedRanges',
    })
    expect(get.sheets?.[0]?.protectedRanges?.[0]).not.toHaveProperty('requestingUserCanEdit')
    bench.emulator.control.access.allowProtected(spreadsheetId)
    await values.update({ ...raw, range: 'T!B2', requestBody: { values: [['x']] } })
  })

  test('warningOnly and unprotected ranges refuse nobody', async () => {
    const spreadsheetId = bench.make()
    await protect(spreadsheetId, { warningOnly: true })
    bench.emulator.control.access.refuseProtected(spreadsheetId)
    await bench.fill(spreadsheetId, [['a']])
    const other = bench.make()
    const open = { sheetId: 0, ...grid(0, 1, 0, 1) }
    await protect(other, { range: { sheetId: 0 }, unprotectedRanges: [open] })
    bench.emulator.control.access.refuseProtected(other)
    await bench.fill(other, [['a']])
    expect((await errorOf(bench.fill(other, [['a', 'b']]))).message).toBe(MESSAGE)
  })
})

describe('basic filter', () => {
  test('is reported, hides rows by their shown values, and goes again', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['h'], ['a'], [1], ['a']])
    const filter = {
      range: { sheetId: 0, ...grid(0, 4, 0, 1) },
      filterSpecs: [{ columnIndex: 0, filterCriteria: { hiddenValues: ['a'] } }],
    }
    const hidden = async () => {
      const { data } = await sheet(spreadsheetId, 'data.rowMetadata')
      return data![0]!.rowMetadata!.flatMap((row, index) => (row.hiddenByFilter ? index : []))
    }
    const { replies } = await bench.batch(spreadsheetId, { setBasicFilter: { filter } })
    expect(replies).toEqual([{}])
    expect((await sheet(spreadsheetId, 'basicFilter')).basicFilter?.range).toEqual(grid(0, 4, 0, 1))
    expect(await hidden()).toEqual([1, 3])
    await bench.batch(spreadsheetId, { clearBasicFilter: { sheetId: 0 } })
    expect(await sheet(spreadsheetId, 'basicFilter')).toEqual({})
    expect(await hidden()).toEqual([])
  })

  test('conditions are not emulated and say so', async () => {
    const spreadsheetId = bench.make()
    const condition = { type: 'TEXT_CONTAINS', values: [{ userEnteredValue: 'a' }] }
    const filter = { range: { sheetId: 0 }, filterSpecs: [{ columnIndex: 0, filterCriteria: { condition } }] }
    const error = await errorOf(bench.batch(spreadsheetId, { setBasicFilter: { filter } }))
    expect(error).toMatchObject({
      status: 501,
      message: expect.stringContaining('filter criteria with condition'),
    })
  })
})

describe('tables', () => {
  test('are named by their header, reported, appended to, and deleted with their contents', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['Id', 'Name'], ['1', 'a'], [], ['below']])
    const range = { sheetId: 0, ...grid(0, 3, 0, 2) }
    const { replies } = await bench.batch(spreadsheetId, { addTable: { table: { name: 'People', range } } })
    const tableId = replies?.[0]?.addTable?.table?.tableId
    const columnProperties = [{ columnName: 'Id' }, { columnIndex: 1, columnName: 'Name' }]
    expect((await sheet(spreadsheetId, 'tables')).tables).toEqual([
      { tableId, name: 'People', range: grid(0, 3, 0, 2), columnProperties },
    ])
    const row = (...texts: string[]) => ({
      values: texts.map((stringValue) => ({ userEnteredValue: { stringValue } })),
    })
    await bench.batch(spreadsheetId, {
      appendCells: { tableId: tableId!, rows: [row('2', 'b'), row('3', 'c')], fields: 'userEnteredValue' },
    })
    expect(await bench.read(spreadsheetId)).toEqual([
      ['Id', 'Name'],
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'c'],
      ['below'],
    ])
    expect((await sheet(spreadsheetId, 'tables')).tables?.[0]?.range).toEqual(grid(0, 4, 0, 2))
    const over = bench.batch(spreadsheetId, { addTable: { table: { name: 'X', range } } })
    expect((await errorOf(over)).status).toBe(400)
    await bench.batch(spreadsheetId, { deleteTable: { tableId: tableId! } })
    expect(await bench.read(spreadsheetId)).toEqual([[], [], [], [], ['below']])
  })
})

test.each([
  ['at the top freezes its header row', 0, 0, 1],
  ['at the top leaves more frozen rows as they are', 0, 2, 2],
  ['further down freezes nothing', 1, 0, undefined],
])('a table %s', async (_name, startRow, frozen, expected) => {
  // In all ten recorded reads of the real API that follow an addTable at row 0.
  const spreadsheetId = bench.make()
  const gridProperties = { frozenRowCount: frozen }
  await bench.batch(
    spreadsheetId,
    { updateSheetProperties: { properties: { gridProperties }, fields: 'gridProperties.frozenRowCount' } },
    { addTable: { table: { name: 'People', range: grid(startRow, startRow + 3, 0, 2) } } },
  )
  const { properties } = await sheet(spreadsheetId, 'properties.gridProperties')
  expect(properties?.gridProperties?.frozenRowCount).toBe(expected)
})

describe('findReplace', () => {
  test('counts what it changed, with and without expressions', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [
      ['Google Sheets', 'Google Docs'],
      ['google', 'x'],
    ])
    const { replies } = await bench.batch(
      spreadsheetId,
      { findReplace: { find: 'o.* (.*)', replacement: '$1 Rocks', searchByRegex: true, sheetId: 0 } },
      { findReplace: { find: 'GOOGLE', replacement: '7', allSheets: true, matchEntireCell: true } },
      { findReplace: { find: 'nothing', replacement: 'x', allSheets: true } },
    )
    expect(await bench.read(spreadsheetId)).toEqual([
      ['GSheets Rocks', 'GDocs Rocks'],
      ['7', 'x'],
    ])
    expect(replies).toEqual([
      { findReplace: { valuesChanged: 2, rowsChanged: 1, sheetsChanged: 1, occurrencesChanged: 2 } },
      { findReplace: { valuesChanged: 1, rowsChanged: 1, sheetsChanged: 1, occurrencesChanged: 1 } },
      { findReplace: {} },
    ])
  })
})

describe('insertRange, deleteRange, copyPaste, cutPaste', () => {
  const range = { sheetId: 0, ...grid(0, 1, 0, 2) }
  const DATA = [
    ['a', 'b', 'c'],
    ['d', 'e', 'f'],
  ]

  test.each([
    [
      'insertRange',
      'ROWS',
      [
        ['', '', 'c'],
        ['a', 'b', 'f'],
        ['d', 'e'],
      ],
    ],
    [
      'insertRange',
      'COLUMNS',
      [
        ['', '', 'a', 'b', 'c'],
        ['d', 'e', 'f'],
      ],
    ],
    [
      'deleteRange',
      'ROWS',
      [
        ['d', 'e', 'c'],
        ['', '', 'f'],
      ],
    ],
    ['deleteRange', 'COLUMNS', [['c'], ['d', 'e', 'f']]],
  ])('%s %s', async (kind, shiftDimension, expected) => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, DATA)
    await bench.batch(spreadsheetId, { [kind]: { range, shiftDimension } })
    expect(await bench.read(spreadsheetId)).toEqual(expected)
  })

  test('copyPaste repeats, cutPaste leaves nothing behind', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, DATA)
    await bench.batch(
      spreadsheetId,
      {
        copyPaste: {
          source: range,
          destination: { sheetId: 0, ...grid(2, 4, 0, 2) },
          pasteType: 'PASTE_NORMAL',
        },
      },
      {
        cutPaste: {
          source: range,
          destination: { sheetId: 0, rowIndex: 4, columnIndex: 1 },
          pasteType: 'PASTE_NORMAL',
        },
      },
    )
    expect(await bench.read(spreadsheetId)).toEqual([
      ['', '', 'c'],
      ['d', 'e', 'f'],
      ['a', 'b'],
      ['a', 'b'],
      ['', 'a', 'b'],
    ])
  })
})
