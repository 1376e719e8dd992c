import { describe, expect, test } from 'vitest'
import { errorOf, useEmulator } from './support.ts'

const bench = useEmulator()

describe('spreadsheets.create', () => {
  test('makes one tab, Sheet1 with id 0 and 1000 x 26, when none is asked for', async () => {
    const { data } = await bench.api.spreadsheets.create({ requestBody: { properties: { title: 'Plain' } } })
    expect(data.spreadsheetId).toMatch(/^1[\w-]{43}$/)
    expect(data.properties).toMatchObject({ title: 'Plain', locale: 'en_US', timeZone: 'Etc/GMT' })
    expect(data.sheets?.map(({ properties }) => properties)).toEqual([
      {
        sheetId: 0,
        title: 'Sheet1',
        index: 0,
        sheetType: 'GRID',
        gridProperties: { rowCount: 1000, columnCount: 26 },
      },
    ])
  })

  test('makes the tabs that are asked for and keeps locale and time zone', async () => {
    const { data } = await bench.api.spreadsheets.create({
      requestBody: {
        properties: { title: 'Two', locale: 'de_DE', timeZone: 'Europe/Berlin' },
        sheets: [{ properties: { title: 'A' } }, { properties: { title: 'B', sheetId: 7 } }],
      },
    })
    expect(data.properties).toMatchObject({ locale: 'de_DE', timeZone: 'Europe/Berlin' })
    expect(data.sheets?.map(({ properties }) => [properties?.sheetId, properties?.title])).toEqual([
      [0, 'A'],
      [7, 'B'],
    ])
  })
})

describe('spreadsheets.create with more than tabs', () => {
  test('fills the tabs: cells, merges, filter, protection, tables, named ranges, metadata', async () => {
    const text = (stringValue: string) => ({ userEnteredValue: { stringValue } })
    const { data } = await bench.api.spreadsheets.create({
      requestBody: {
        sheets: [
          {
            properties: { title: 'A', sheetId: 5 },
            data: [
              {
                startRow: 1,
                startColumn: 1,
                rowData: [{ values: [text('x'), text('y')] }, { values: [text('z')] }],
              },
            ],
            merges: [{ startRowIndex: 4, endRowIndex: 5, startColumnIndex: 0, endColumnIndex: 2 }],
            protectedRanges: [{ range: { startRowIndex: 0, endRowIndex: 1 } }],
            basicFilter: {
              range: { startRowIndex: 1, endRowIndex: 3, startColumnIndex: 1, endColumnIndex: 3 },
            },
            developerMetadata: [{ metadataKey: 'tab', location: { sheetId: 5 }, visibility: 'DOCUMENT' }],
          },
        ],
        namedRanges: [{ name: 'Corner', range: { sheetId: 5, endRowIndex: 1, endColumnIndex: 1 } }],
      },
    })
    const spreadsheetId = data.spreadsheetId ?? ''
    const { data: values } = await bench.api.spreadsheets.values.get({ spreadsheetId, range: 'A!A1:C3' })
    expect(values.values).toEqual([[], ['', 'x', 'y'], ['', 'z']])
    const { data: made } = await bench.api.spreadsheets.get({ spreadsheetId })
    expect(made.namedRanges).toMatchObject([{ name: 'Corner' }])
    expect(made.sheets).toMatchObject([
      {
        merges: [{ sheetId: 5, startRowIndex: 4, endRowIndex: 5, startColumnIndex: 0, endColumnIndex: 2 }],
        protectedRanges: [{ range: { sheetId: 5, startRowIndex: 0, endRowIndex: 1 } }],
        basicFilter: { range: { sheetId: 5 } },
        developerMetadata: [{ metadataKey: 'tab' }],
      },
    ])
  })

  test.each([
    ['sheets[].charts', { sheets: [{ properties: {}, charts: [{ chartId: 1 }] }] }],
    ['sheets[].data[].columnMetadata', { sheets: [{ data: [{ columnMetadata: [{ pixelSize: 50 }] }] }] }],
    ['dataSources', { dataSources: [{ dataSourceId: 'a' }] }],
  ])('says that it does not support %s, and makes nothing', async (part, requestBody) => {
    const before = bench.emulator.control.spreadsheets.all().length
    const error = await errorOf(bench.api.spreadsheets.create({ requestBody }))
    expect(error.status).toBe(501)
    expect(error.message).toContain(part)
    expect(bench.emulator.control.spreadsheets.all()).toHaveLength(before)
  })
})

describe('spreadsheets.get', () => {
  test('answers 404 for an id that does not exist, as the API words it', async () => {
    const error = await errorOf(bench.api.spreadsheets.get({ spreadsheetId: 'nowhere' }))
    expect(error).toEqual({ status: 404, message: 'Requested entity was not found.' })
  })

  test('leaves cells out unless they are asked for', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['x']])
    const plain = await bench.api.spreadsheets.get({ spreadsheetId })
    expect(plain.data.sheets?.[0]).not.toHaveProperty('data')
    const grid = await bench.api.spreadsheets.get({ spreadsheetId, includeGridData: true })
    const cell = grid.data.sheets?.[0]?.data?.[0]?.rowData?.[0]?.values?.[0]
    expect(cell).toMatchObject({
      userEnteredValue: { stringValue: 'x' },
      effectiveValue: { stringValue: 'x' },
      formattedValue: 'x',
    })
    expect(grid.data.sheets?.[0]?.data?.[0]?.rowMetadata).toHaveLength(20)
    expect(grid.data.sheets?.[0]?.data?.[0]?.columnMetadata).toHaveLength(8)
  })

  test.each([
    ['a.b', 'sheets.properties.title', { sheets: [{ properties: { title: 'T' } }] }],
    ['a/b', 'sheets/properties/title', { sheets: [{ properties: { title: 'T' } }] }],
    ['a(b,c)', 'sheets(properties(title,index))', { sheets: [{ properties: { title: 'T', index: 0 } }] }],
    ['several', 'spreadsheetId,properties.title', { properties: { title: 'Test' } }],
    ['a.*', 'properties(title,locale)', { properties: { title: 'Test', locale: 'en_US' } }],
  ])('field mask %s', async (_name, fields, expected) => {
    const spreadsheetId = bench.make()
    const { data } = await bench.api.spreadsheets.get({ spreadsheetId, fields })
    expect({ ...data }).toEqual(fields.includes('spreadsheetId') ? { spreadsheetId, ...expected } : expected)
  })

  test('takes * as everything, cells too', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['x']])
    const { data } = await bench.api.spreadsheets.get({ spreadsheetId, fields: '*' })
    expect(data.sheets?.[0]?.data?.[0]?.rowData?.[0]?.values?.[0]?.formattedValue).toBe('x')
    expect(data.spreadsheetUrl).toBe(`https://docs.google.com/spreadsheets/d/${spreadsheetId}/edit`)
  })

  test('a mask that names cells reads the grid; blank cells are {} and rows end at their last cell', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['a', '', 'c'], [], ['', 'e']])
    const { data } = await bench.api.spreadsheets.get({
      spreadsheetId,
      fields: 'sheets.data(startRow,rowData.values.userEnteredValue)',
    })
    const [a, c, e] = ['a', 'c', 'e'].map((stringValue) => ({ userEnteredValue: { stringValue } }))
    expect(data).toEqual({
      sheets: [{ data: [{ rowData: [{ values: [a, {}, c] }, {}, { values: [{}, e] }] }] }],
    })
  })

  test('refuses a mask with a field that does not exist', async () => {
    const spreadsheetId = bench.make()
    const error = await errorOf(bench.api.spreadsheets.get({ spreadsheetId, fields: 'sheets.nothing' }))
    expect(error).toEqual({ status: 400, message: 'Request contains an invalid argument.' })
  })

  test('answers only the tabs and cells of the ranges', async () => {
    const spreadsheetId = bench.make()
    await bench.batch(spreadsheetId, { addSheet: { properties: { title: 'Other' } } })
    await bench.fill(spreadsheetId, [
      ['a', 'b'],
      ['c', 'd'],
    ])
    const { data } = await bench.api.spreadsheets.get({
      spreadsheetId,
      ranges: ['T!B1:B2', 'T!A2'],
      fields: 'sheets(properties.title,data(startRow,startColumn,rowData.values.formattedValue))',
    })
    expect(data.sheets).toEqual([
      {
        properties: { title: 'T' },
        data: [
          {
            startColumn: 1,
            rowData: [{ values: [{ formattedValue: 'b' }] }, { values: [{ formattedValue: 'd' }] }],
          },
          { startRow: 1, rowData: [{ values: [{ formattedValue: 'c' }] }] },
        ],
      },
    ])
  })
})

describe('spreadsheets.getByDataFilter', () => {
  const fields = 'sheets(properties.sheetId,data(startRow,startColumn,rowData.values.formattedValue))'

  test('answers one GridData for each filter, with grid ranges, A1 ranges and metadata', async () => {
    const spreadsheetId = bench.make()
    await bench.batch(spreadsheetId, {
      createDeveloperMetadata: {
        developerMetadata: {
          metadataKey: 'k',
          visibility: 'DOCUMENT',
          location: { dimensionRange: { sheetId: 0, dimension: 'ROWS', startIndex: 2, endIndex: 3 } },
        },
      },
    })
    await bench.fill(spreadsheetId, [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ])
    const { data } = await bench.api.spreadsheets.getByDataFilter({
      spreadsheetId,
      fields,
      requestBody: {
        dataFilters: [
          { gridRange: { sheetId: 0, startColumnIndex: 1, endColumnIndex: 2 } },
          { a1Range: 'T!A2' },
          { developerMetadataLookup: { metadataKey: 'k' } },
        ],
      },
    })
    const row = (...texts: string[]) => ({ values: texts.map((formattedValue) => ({ formattedValue })) })
    expect(data.sheets).toEqual([
      {
        properties: { sheetId: 0 },
        data: [
          { startColumn: 1, rowData: [row('b'), row('d'), row('f')] },
          { startRow: 1, rowData: [row('c')] },
          { startRow: 2, rowData: [row('e', 'f')] },
        ],
      },
    ])
  })

  test('refuses a filter outside of the grid and a tab that does not exist', async () => {
    const spreadsheetId = bench.make()
    const ask = (gridRange: object) =>
      bench.api.spreadsheets.getByDataFilter({
        spreadsheetId,
        fields,
        requestBody: { dataFilters: [{ gridRange }] },
      })
    expect(await errorOf(ask({ sheetId: 0, startRowIndex: 20 }))).toMatchObject({
      status: 400,
      message: expect.stringContaining('exceeds grid limits. Max rows: 20, max columns: 8'),
    })
    expect(await errorOf(ask({ sheetId: 5 }))).toMatchObject({ status: 400, message: 'No sheet with id: 5' })
  })
})

// Measured by others against the real API (brekkylab/backlot, October 2026).
describe('data filters', () => {
  const blocks = async (spreadsheetId: string, ...dataFilters: object[]) => {
    const { data } = await bench.api.spreadsheets.getByDataFilter({
      spreadsheetId,
      fields: 'sheets(properties.title,data(startRow,startColumn))',
      requestBody: { dataFilters },
    })
    return data.sheets?.map(({ properties, data: found }) => [properties?.title, found])
  }
  const values = async (spreadsheetId: string, ...dataFilters: object[]) => {
    const request = { spreadsheetId, requestBody: { dataFilters } }
    return (await bench.api.spreadsheets.values.batchGetByDataFilter(request)).data.valueRanges
  }
  const lookup = { developerMetadataLookup: { metadataKey: 'nobody' } }

  test('metadata that nothing has selects nothing: alone, every tab is shown', async () => {
    const spreadsheetId = bench.make()
    await bench.batch(spreadsheetId, { addSheet: { properties: { title: 'U' } } })
    expect(await blocks(spreadsheetId, lookup)).toEqual([
      ['T', [{}]],
      ['U', [{}]],
    ])
    expect(await blocks(spreadsheetId, lookup, { a1Range: 'U!B2' })).toEqual([
      ['U', [{ startRow: 1, startColumn: 1 }]],
    ])
    expect(await values(spreadsheetId, lookup)).toBeUndefined()
  })

  test('filters of the same cells share a block, where the first of them was sent', async () => {
    const spreadsheetId = bench.make()
    const shared = await blocks(
      spreadsheetId,
      { a1Range: 'T!C3' },
      { a1Range: 'T!A2:B99' },
      { gridRange: { startRowIndex: 2, endRowIndex: 3, startColumnIndex: 2, endColumnIndex: 3 } },
      { gridRange: { startRowIndex: 1, endRowIndex: 20, startColumnIndex: 0, endColumnIndex: 2 } },
    )
    expect(shared).toEqual([['T', [{ startRow: 2, startColumn: 2 }, { startRow: 1 }]]])
  })

  test('values are ordered by where their ranges start, and name the filters that share them', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [
      ['a', 'b'],
      ['c', 'd'],
    ])
    const cell = { sheetId: 0, startRowIndex: 1, endRowIndex: 2, startColumnIndex: 0, endColumnIndex: 1 }
    const { sheetId: _, ...echoed } = cell
    const found = await values(spreadsheetId, { a1Range: 'T!B1' }, { gridRange: cell }, { a1Range: 'T!A2' })
    expect(found).toEqual([
      {
        valueRange: { range: 'T!A2', majorDimension: 'ROWS', values: [['c']] },
        dataFilters: [{ gridRange: echoed }, { a1Range: 'T!A2' }],
      },
      {
        valueRange: { range: 'T!B1', majorDimension: 'ROWS', values: [['b']] },
        dataFilters: [{ a1Range: 'T!B1' }],
      },
    ])
  })

  test('a range without cells is #REF!, and a block without rows', async () => {
    const spreadsheetId = bench.make()
    const gridRange = { startRowIndex: 1, endRowIndex: 1 }
    expect(await values(spreadsheetId, { gridRange })).toEqual([
      { valueRange: { range: '#REF!', majorDimension: 'ROWS' }, dataFilters: [{ gridRange }] },
    ])
    expect(await blocks(spreadsheetId, { gridRange })).toEqual([['T', [{ startRow: 1 }]]])
  })

  test.for<[object, string]>([
    [{ gridRange: { sheetId: 99 } }, 'No sheet with id: 99'],
    [{ gridRange: { startRowIndex: 3, endRowIndex: 1 } }, 'endRowIndex[1] cannot be before startRowIndex[3]'],
    [{ gridRange: { startColumnIndex: -1 } }, 'GridRange indexes must be >= 0'],
    [
      { gridRange: { startRowIndex: 20, startColumnIndex: 1, endColumnIndex: 3 } },
      'Range (T!B21:C) exceeds grid limits. Max rows: 20, max columns: 8',
    ],
    [{ a1Range: 'T!AA:AB' }, 'Range (T!AA:AB) exceeds grid limits. Max rows: 20, max columns: 8'],
    [{ a1Range: 'T!ZZ:ZZ' }, 'Range (T!ZZ) exceeds grid limits. Max rows: 20, max columns: 8'],
    [{}, 'dataFilter.filter must be specified.'],
    [
      { developerMetadataLookup: { metadataLocation: { dimensionRange: { dimension: 'ROWS' } } } },
      'DimensionRange must specify both a startIndex and an endIndex.',
    ],
    [
      { developerMetadataLookup: { locationType: 'SPREADSHEET', metadataLocation: { sheetId: 0 } } },
      'Cannot limit by location type of SPREADSHEET for the location sheetId',
    ],
  ])('%j is refused, by the number of the filter where values are asked for', async ([filter, message]) => {
    const spreadsheetId = bench.make()
    expect(await errorOf(blocks(spreadsheetId, filter))).toEqual({ status: 400, message })
    expect(await errorOf(values(spreadsheetId, { a1Range: 'T!A1' }, filter))).toEqual({
      status: 400,
      message: `Invalid dataFilter[1]: ${message.replace('No sheet', 'No grid')}`,
    })
  })

  test('values without a filter are refused', async () => {
    const error = await errorOf(values(bench.make()))
    expect(error).toEqual({ status: 400, message: 'Must specify at least one dataFilter.' })
  })
})

describe('requests that the API cannot read', () => {
  const post = async (body: string, path = ':batchUpdate') => {
    const spreadsheetId = bench.make()
    const response = await fetch(`${bench.emulator.url}v4/spreadsheets/${spreadsheetId}${path}`, {
      method: 'POST',
      headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
      body,
    })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  test('errors are printed with two spaces, a newline and Google’s headers', async () => {
    const { status, headers, text } = await post('{"requests":[{"noSuchRequest":{}}]}')
    expect(status).toBe(400)
    expect(headers.get('content-type')).toBe('application/json; charset=UTF-8')
    expect(headers.get('vary')).toBe('Origin, X-Origin, Referer')
    const message = `Invalid JSON payload received. Unknown name "noSuchRequest" at 'requests[0]': Cannot find field.`
    const error = {
      code: 400,
      message,
      status: 'INVALID_ARGUMENT',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.BadRequest',
          fieldViolations: [{ field: 'requests[0]', description: message }],
        },
      ],
    }
    expect(text).toBe(`${JSON.stringify({ error }, null, 2)}\n`)
  })

  test.each([
    [
      '{"requests":[{"addSheet":{"properties":{"sheetId":"x"}}}]}',
      `Invalid value at 'requests[0].add_sheet.properties.sheet_id' (TYPE_INT32), "x"`,
    ],
    [
      '{"requests":[{"addSheet":{"properties":{"nope":1}}}]}',
      `Unknown name "nope" at 'requests[0].addSheet.properties': Cannot find field.`,
    ],
    ['{"requests":[{"addSheet":[]}]}', 'Proto field is not repeating, cannot start list.'],
    [
      '{"requests":[{"appendDimension":{"dimension":"DIAGONAL"}}]}',
      `Invalid value at 'requests[0].append_dimension.dimension'`,
    ],
    ['{"requests":', 'Invalid JSON payload received.'],
    ['{}', 'Must specify at least one request.'],
    ['{"requests":[{}]}', 'No request set.'],
  ])('%s', async (body, message) => {
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.text).error.message).toContain(message)
  })

  test('a null in a list is skipped', async () => {
    const title = (name: string) => `{"addSheet":{"properties":{"title":"${name}"}}}`
    const answer = await post(`{"requests":[null,${title('U')},null,${title('V')}]}`)
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text).replies).toHaveLength(2)
    expect((await post('{"requests":[null]}')).status).toBe(400)
  })

  test('more than 10,485,760 bytes are refused', async () => {
    const body = (bytes: number) => {
      const [head, tail] = ['{"requests":[{"addSheet":{}}]', '}']
      return head + ' '.repeat(bytes - head.length - tail.length) + tail
    }
    expect((await post(body(10_485_760))).status).toBe(200)
    const refused = await post(body(10_485_761))
    expect(refused.status).toBe(400)
    expect(JSON.parse(refused.text).error).toEqual({
      code: 400,
      message: 'Request payload size exceeds the limit: 10485760 bytes.',
      status: 'INVALID_ARGUMENT',
    })
  })

  test('a kind that is not emulated answers 501 and names it', async () => {
    const answer = await post('{"requests":[{"addChart":{}}]}')
    expect(answer.status).toBe(501)
    expect(JSON.parse(answer.text).error.message).toContain('addChart (requests[0])')
  })

  test('a slash too many is accepted', async () => {
    const { status } = await post('{"requests":[{"addSheet":{}}]}', '/:batchUpdate')
    expect(status).toBe(200)
  })

  test('an unknown query parameter and an unknown method are refused', async () => {
    const spreadsheetId = bench.make()
    const get = (path: string) => fetch(`${bench.emulator.url}v4/spreadsheets/${spreadsheetId}${path}`)
    expect((await get('?nope=1')).status).toBe(400)
    expect((await get('/nope')).status).toBe(404)
  })
})
