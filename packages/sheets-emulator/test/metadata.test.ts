import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'
import { describe, expect, test } from 'vitest'
import { errorOf, useEmulator } from './support.ts'

const bench = useEmulator()

type Metadata = sheets_v4.Schema$DeveloperMetadata

const rowAt = (startIndex: number) => ({
  dimensionRange: { sheetId: 0, dimension: 'ROWS', startIndex, endIndex: startIndex + 1 },
})
const columnAt = (startIndex: number) => ({
  dimensionRange: { sheetId: 0, dimension: 'COLUMNS', startIndex, endIndex: startIndex + 1 },
})
const create = (developerMetadata: Metadata) => ({
  createDeveloperMetadata: {
    developerMetadata: { metadataKey: 'k', visibility: 'DOCUMENT', ...developerMetadata },
  },
})

async function search(
  spreadsheetId: string,
  lookup: sheets_v4.Schema$DeveloperMetadataLookup = {},
): Promise<Metadata[]> {
  const { data } = await bench.api.spreadsheets.developerMetadata.search({
    spreadsheetId,
    requestBody: { dataFilters: [{ developerMetadataLookup: lookup }] },
  })
  return (data.matchedDeveloperMetadata ?? []).map(({ developerMetadata }) => developerMetadata!)
}

/** Where the row entries are now, by value. */
async function places(spreadsheetId: string): Promise<Record<string, number>> {
  const found = await search(spreadsheetId)
  return Object.fromEntries(
    found.map((entry) => [entry.metadataValue, entry.location?.dimensionRange?.startIndex ?? -1]),
  )
}

describe('creating', () => {
  test('at each kind of place, reported where spreadsheets.get shows it', async () => {
    const spreadsheetId = bench.make()
    const { replies } = await bench.batch(
      spreadsheetId,
      create({ metadataId: 1, metadataValue: 'v', location: { spreadsheet: true } }),
      create({ metadataId: 2, location: { sheetId: 0 } }),
      create({ metadataId: 3, location: rowAt(2), visibility: 'PROJECT' }),
      create({ metadataId: 4, location: columnAt(1) }),
    )
    const all = replies!.map((reply) => reply.createDeveloperMetadata?.developerMetadata)
    expect(all).toEqual([
      {
        metadataId: 1,
        metadataKey: 'k',
        metadataValue: 'v',
        location: { locationType: 'SPREADSHEET', spreadsheet: true },
        visibility: 'DOCUMENT',
      },
      { metadataId: 2, metadataKey: 'k', location: { locationType: 'SHEET' }, visibility: 'DOCUMENT' },
      {
        metadataId: 3,
        metadataKey: 'k',
        location: { locationType: 'ROW', dimensionRange: { dimension: 'ROWS', startIndex: 2, endIndex: 3 } },
        visibility: 'PROJECT',
      },
      {
        metadataId: 4,
        metadataKey: 'k',
        location: {
          locationType: 'COLUMN',
          dimensionRange: { dimension: 'COLUMNS', startIndex: 1, endIndex: 2 },
        },
        visibility: 'DOCUMENT',
      },
    ])
    const fields =
      'developerMetadata,sheets(developerMetadata,data(rowMetadata.developerMetadata,columnMetadata.developerMetadata))'
    const { data } = await bench.api.spreadsheets.get({ spreadsheetId, fields })
    expect(data.developerMetadata).toEqual([all[0]])
    expect(data.sheets?.[0]?.developerMetadata).toEqual([all[1]])
    expect(data.sheets?.[0]?.data?.[0]?.rowMetadata?.[2]).toEqual({ developerMetadata: [all[2]] })
    expect(data.sheets?.[0]?.data?.[0]?.columnMetadata?.[1]).toEqual({ developerMetadata: [all[3]] })
    const one = await bench.api.spreadsheets.developerMetadata.get({ spreadsheetId, metadataId: 3 })
    expect(one.data).toEqual(all[2])
    const none = bench.api.spreadsheets.developerMetadata.get({ spreadsheetId, metadataId: 5 })
    expect(await errorOf(none)).toEqual({ status: 404, message: 'No developer metadata with ID 5' })
  })

  test('an id that exists fails the whole batch: a fence', async () => {
    const spreadsheetId = bench.make()
    const write = (text: string, id: number) =>
      bench.batch(
        spreadsheetId,
        {
          appendCells: {
            sheetId: 0,
            rows: [{ values: [{ userEnteredValue: { stringValue: text } }] }],
            fields: 'userEnteredValue',
          },
        },
        create({ metadataId: id, location: { spreadsheet: true } }),
      )
    await write('once', 7)
    const again = await errorOf(write('twice', 7))
    expect(again.status).toBe(400)
    expect(again.message).toMatch(/^Invalid requests\[1\]\.createDeveloperMetadata: /)
    expect(await bench.read(spreadsheetId)).toEqual([['once']])
    const filter = { developerMetadataLookup: { metadataId: 7 } }
    await bench.batch(
      spreadsheetId,
      { deleteDeveloperMetadata: { dataFilter: filter } },
      create({ metadataId: 7, location: { spreadsheet: true } }),
    )
    expect(await search(spreadsheetId)).toHaveLength(1)
  })

  test.each([
    [{ metadataKey: '', location: { spreadsheet: true } }, 'key'],
    [{ visibility: '', location: { spreadsheet: true } }, 'visibility'],
    [{}, 'location'],
    [
      { location: { dimensionRange: { sheetId: 0, dimension: 'ROWS', startIndex: 0, endIndex: 2 } } },
      'single row or column',
    ],
    [
      { location: rowAt(99) },
      'DimensionRange startIndex [99] is after the last ROWS index [19] of the sheet [0].',
    ],
    [{ location: { dimensionRange: { startIndex: 0, endIndex: 1 } } }, 'No dimension specified'],
    [
      { location: { dimensionRange: { dimension: 'ROWS', startIndex: -1, endIndex: 0 } } },
      'DimensionRange indexes must be >= 0',
    ],
  ])('%j is refused', async (metadata, message) => {
    const spreadsheetId = bench.make()
    const error = await errorOf(bench.batch(spreadsheetId, create(metadata as Metadata)))
    expect(error.status).toBe(400)
    if (message !== 'visibility') expect(error.message).toContain(message)
  })

  test('30,000 characters fit into the spreadsheet, and again into each tab', async () => {
    const spreadsheetId = bench.make()
    const half = (id: number, location: object) =>
      create({ metadataId: id, metadataValue: 'x'.repeat(14_999), location })
    await bench.batch(spreadsheetId, half(1, { spreadsheet: true }), half(2, { spreadsheet: true }))
    await bench.batch(spreadsheetId, half(3, { sheetId: 0 }), half(4, rowAt(0)))
    for (const location of [{ spreadsheet: true }, { sheetId: 0 }]) {
      const error = await errorOf(bench.batch(spreadsheetId, create({ metadataId: 9, location })))
      expect(error.message).toContain('30000 characters')
    }
    const dataFilter = { developerMetadataLookup: { metadataId: 2 } }
    await bench.batch(
      spreadsheetId,
      { deleteDeveloperMetadata: { dataFilter } },
      half(5, { spreadsheet: true }),
    )
  })
})

describe('searching', () => {
  test('by every field, with each entry once', async () => {
    const spreadsheetId = bench.make()
    await bench.batch(
      spreadsheetId,
      create({ metadataId: 1, metadataKey: 'a', metadataValue: 'x', location: { spreadsheet: true } }),
      create({ metadataId: 2, metadataKey: 'a', metadataValue: 'y', location: rowAt(1) }),
      create({
        metadataId: 3,
        metadataKey: 'b',
        metadataValue: 'y',
        location: columnAt(1),
        visibility: 'PROJECT',
      }),
      create({ metadataId: 4, metadataKey: 'b', location: { sheetId: 0 } }),
    )
    const ids = async (lookup: object) =>
      (await search(spreadsheetId, lookup)).map(({ metadataId }) => metadataId)
    expect(await ids({})).toEqual([1, 2, 3, 4])
    expect(await ids({ metadataKey: 'a' })).toEqual([1, 2])
    expect(await ids({ metadataValue: 'y' })).toEqual([2, 3])
    expect(await ids({ metadataKey: 'a', metadataValue: 'y' })).toEqual([2])
    expect(await ids({ visibility: 'PROJECT' })).toEqual([3])
    expect(await ids({ locationType: 'ROW' })).toEqual([2])
    expect(await ids({ metadataLocation: rowAt(1), locationMatchingStrategy: 'EXACT_LOCATION' })).toEqual([2])
    expect(await ids({ metadataLocation: rowAt(1) })).toEqual([2, 3, 4])
    expect(await ids({ metadataId: 99 })).toEqual([])
    const a1 = { a1Range: 'T!B5:B6' }
    const { data } = await bench.api.spreadsheets.developerMetadata.search({
      spreadsheetId,
      requestBody: { dataFilters: [a1, { developerMetadataLookup: { metadataId: 3 } }] },
    })
    expect(
      data.matchedDeveloperMetadata?.map((match) => [
        match.developerMetadata?.metadataId,
        match.dataFilters?.length,
      ]),
    ).toEqual([
      [3, 2],
      [4, 1],
    ])
  })

  test('a spreadsheet location with INTERSECTING_LOCATION is refused', async () => {
    const spreadsheetId = bench.make()
    const lookup = {
      metadataLocation: { spreadsheet: true },
      locationMatchingStrategy: 'INTERSECTING_LOCATION',
    }
    expect((await errorOf(search(spreadsheetId, lookup))).status).toBe(400)
    expect(
      (await errorOf(search(spreadsheetId, { locationMatchingStrategy: 'EXACT_LOCATION' }))).status,
    ).toBe(400)
  })
})

describe('row metadata', () => {
  async function marked(): Promise<string> {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['h'], ['c'], ['a'], ['b']])
    const marks = ['c', 'a', 'b'].map((metadataValue, i) => create({ metadataValue, location: rowAt(i + 1) }))
    await bench.batch(spreadsheetId, ...marks)
    return spreadsheetId
  }

  const rows = (startIndex: number, endIndex: number) => ({
    sheetId: 0,
    dimension: 'ROWS',
    startIndex,
    endIndex,
  })

  test.each([
    ['insert above', { insertDimension: { range: rows(0, 2) } }, { c: 3, a: 4, b: 5 }],
    ['insert between', { insertDimension: { range: rows(2, 3) } }, { c: 1, a: 3, b: 4 }],
    ['delete above', { deleteDimension: { range: rows(0, 1) } }, { c: 0, a: 1, b: 2 }],
    ['delete the row', { deleteDimension: { range: rows(2, 3) } }, { c: 1, b: 2 }],
    ['move', { moveDimension: { source: rows(3, 4), destinationIndex: 0 } }, { c: 2, a: 3, b: 0 }],
    [
      'sort',
      { sortRange: { range: { sheetId: 0, startRowIndex: 1 }, sortSpecs: [{ dimensionIndex: 0 }] } },
      { c: 3, a: 1, b: 2 },
    ],
  ])('follows: %s', async (_name, request, expected) => {
    const spreadsheetId = await marked()
    await bench.batch(spreadsheetId, request as sheets_v4.Schema$Request)
    expect(await places(spreadsheetId)).toEqual(expected)
  })

  test('column metadata follows its column', async () => {
    const spreadsheetId = bench.make()
    await bench.batch(spreadsheetId, create({ metadataValue: 'm', location: columnAt(2) }))
    bench.emulator.human(spreadsheetId).act('moveColumns', { column: 'C', before: 'A' })
    expect(await places(spreadsheetId)).toEqual({ m: 0 })
    bench.emulator.human(spreadsheetId).act('insertColumns', { before: 'A', count: 3 })
    expect(await places(spreadsheetId)).toEqual({ m: 3 })
    bench.emulator.human(spreadsheetId).act('deleteColumns', { column: 'D' })
    expect(await places(spreadsheetId)).toEqual({})
  })

  test('a value write does not disturb it, a failed batch neither, and a deleted tab takes it along', async () => {
    const spreadsheetId = await marked()
    await bench.fill(spreadsheetId, [['x'], ['y'], ['z']])
    const failing = bench.batch(
      spreadsheetId,
      { deleteDimension: { range: rows(0, 3) } },
      { deleteSheet: { sheetId: 99 } },
    )
    expect((await errorOf(failing)).status).toBe(400)
    expect(await places(spreadsheetId)).toEqual({ c: 1, a: 2, b: 3 })
    await bench.batch(spreadsheetId, { addSheet: {} }, { deleteSheet: { sheetId: 0 } })
    expect(await search(spreadsheetId)).toEqual([])
  })

  test('updateDeveloperMetadata changes what the mask names and can move an entry', async () => {
    const spreadsheetId = await marked()
    const dataFilters = [{ developerMetadataLookup: { metadataValue: 'a' } }]
    const { replies } = await bench.batch(spreadsheetId, {
      updateDeveloperMetadata: {
        dataFilters,
        developerMetadata: { metadataValue: 'moved', location: rowAt(9) },
        fields: 'metadataValue,location',
      },
    })
    expect(replies?.[0]?.updateDeveloperMetadata?.developerMetadata).toHaveLength(1)
    expect(await places(spreadsheetId)).toEqual({ c: 1, moved: 9, b: 3 })
    bench.emulator.human(spreadsheetId).act('deleteRows', { row: 1 })
    expect(await places(spreadsheetId)).toEqual({ c: 0, moved: 8, b: 2 })
  })
})
