import { describe, expect, test } from 'vitest'
import { errorOf, useEmulator } from './support.ts'

const bench = useEmulator()

async function tabs(spreadsheetId: string) {
  const { data } = await bench.api.spreadsheets.get({ spreadsheetId, fields: 'sheets.properties' })
  return data.sheets!.map(({ properties }) => properties!)
}

async function titles(spreadsheetId: string): Promise<string> {
  return (await tabs(spreadsheetId)).map(({ title }) => title).join()
}

describe('addSheet', () => {
  test('replies with the properties, at the end or at an index', async () => {
    const spreadsheetId = bench.make()
    const { replies } = await bench.batch(
      spreadsheetId,
      {
        addSheet: {
          properties: {
            title: 'End',
            sheetId: 42,
            gridProperties: { rowCount: 3, columnCount: 2, frozenRowCount: 1 },
          },
        },
      },
      { addSheet: { properties: { title: 'First', index: 0 } } },
    )
    expect(replies?.[0]?.addSheet?.properties).toEqual({
      sheetId: 42,
      title: 'End',
      index: 1,
      sheetType: 'GRID',
      gridProperties: { rowCount: 3, columnCount: 2, frozenRowCount: 1 },
    })
    expect(await titles(spreadsheetId)).toBe('First,T,End')
  })

  test('a later request of the batch can use the new tab', async () => {
    const spreadsheetId = bench.make()
    const rows = [{ values: [{ userEnteredValue: { stringValue: 'x' } }] }]
    await bench.batch(
      spreadsheetId,
      { addSheet: { properties: { title: 'N', sheetId: 7 } } },
      { appendCells: { sheetId: 7, rows, fields: 'userEnteredValue' } },
    )
    expect(bench.emulator.human(spreadsheetId).see('N')).toEqual([['x']])
  })

  test('titles and ids are unique', async () => {
    const spreadsheetId = bench.make()
    const add = (properties: object) => errorOf(bench.batch(spreadsheetId, { addSheet: { properties } }))
    expect(await add({ title: 'T' })).toEqual({
      status: 400,
      message:
        'Invalid requests[0].addSheet: A sheet with the name "T" already exists. Please enter another name.',
    })
    expect((await add({ title: 'U', sheetId: 0 })).message).toBe(
      'Invalid requests[0].addSheet: Sheet with id 0 already exists.',
    )
    expect(await titles(spreadsheetId)).toBe('T')
  })

  test('the cells of all tabs count against 10,000,000', async () => {
    const spreadsheetId = bench.make()
    const gridProperties = { rowCount: 500_000, columnCount: 20 }
    const error = await errorOf(bench.batch(spreadsheetId, { addSheet: { properties: { gridProperties } } }))
    expect(error.message).toBe(
      'Invalid requests[0].addSheet: This action would increase the number of cells in the workbook above the limit of 10000000 cells.',
    )
  })
})

describe('updateSheetProperties', () => {
  const change = (spreadsheetId: string, properties: object, fields: string) =>
    bench.batch(spreadsheetId, {
      updateSheetProperties: { properties: { sheetId: 0, ...properties }, fields },
    })

  test('changes what the mask names and nothing else', async () => {
    const spreadsheetId = bench.make()
    await change(
      spreadsheetId,
      { title: 'New', hidden: true, gridProperties: { frozenRowCount: 2, hideGridlines: true } },
      'title,gridProperties/frozenRowCount',
    )
    expect((await tabs(spreadsheetId))[0]).toEqual({
      sheetId: 0,
      title: 'New',
      index: 0,
      sheetType: 'GRID',
      gridProperties: { rowCount: 20, columnCount: 8, frozenRowCount: 2 },
    })
    await change(spreadsheetId, {}, 'gridProperties.frozenRowCount')
    expect((await tabs(spreadsheetId))[0]?.gridProperties).toEqual({ rowCount: 20, columnCount: 8 })
  })

  test('colours are floats of 32 bits without zeros', async () => {
    const spreadsheetId = bench.make()
    const rgbColor = { red: 1, green: 0, blue: 0.4980392156862745 }
    await change(spreadsheetId, { tabColorStyle: { rgbColor } }, 'tabColorStyle')
    expect((await tabs(spreadsheetId))[0]).toMatchObject({
      tabColor: { red: 1, blue: 0.49803922 },
      tabColorStyle: { rgbColor: { red: 1, blue: 0.49803922 } },
    })
  })

  test('a smaller grid loses cells, a larger one does not; ranges follow', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
      ['g', 'h', 'i'],
    ])
    bench.emulator.human(spreadsheetId).act('merge', { range: 'D1:E4' })
    await change(
      spreadsheetId,
      { gridProperties: { rowCount: 2, columnCount: 4 } },
      'gridProperties(rowCount,columnCount)',
    )
    expect(await bench.read(spreadsheetId)).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ])
    await change(spreadsheetId, { gridProperties: { rowCount: 5 } }, 'gridProperties.rowCount')
    expect(await bench.read(spreadsheetId)).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ])
    const { data } = await bench.api.spreadsheets.get({ spreadsheetId, fields: 'sheets.merges' })
    expect(data.sheets?.[0]?.merges).toEqual([
      { startRowIndex: 0, endRowIndex: 2, startColumnIndex: 3, endColumnIndex: 4 },
    ])
  })

  test.each([
    [{ hidden: true }, 'hidden', "You can't hide all the sheets in a document."],
    [{}, '*', 'The sheet name cannot be empty.'],
    [{ title: '' }, 'title', 'The sheet name cannot be empty.'],
    [
      { gridProperties: { frozenRowCount: 20 } },
      'gridProperties.frozenRowCount',
      "You can't freeze all visible rows on the sheet.",
    ],
    [{ sheetId: 3 }, 'title', 'No sheet with id: 3'],
  ])('%j is refused', async (properties, fields, message) => {
    const spreadsheetId = bench.make()
    expect(await errorOf(change(spreadsheetId, properties, fields))).toEqual({
      status: 400,
      message: `Invalid requests[0].updateSheetProperties: ${message}`,
    })
  })

  test('an index counts before the move', async () => {
    const spreadsheetId = bench.make()
    for (const title of ['B', 'C']) await bench.batch(spreadsheetId, { addSheet: { properties: { title } } })
    await change(spreadsheetId, { index: 2 }, 'index')
    expect(await titles(spreadsheetId)).toBe('B,T,C')
    await change(spreadsheetId, { index: 2 }, 'index')
    expect(await titles(spreadsheetId)).toBe('B,T,C')
    await change(spreadsheetId, { index: 3 }, 'index')
    expect(await titles(spreadsheetId)).toBe('B,C,T')
    await change(spreadsheetId, { index: 0 }, 'index')
    expect(await titles(spreadsheetId)).toBe('T,B,C')
  })
})

describe('deleteSheet, duplicateSheet, copyTo', () => {
  test('the last visible tab stays', async () => {
    const spreadsheetId = bench.make()
    expect((await errorOf(bench.batch(spreadsheetId, { deleteSheet: { sheetId: 0 } }))).status).toBe(400)
    await bench.batch(
      spreadsheetId,
      { addSheet: { properties: { title: 'B' } } },
      { deleteSheet: { sheetId: 0 } },
    )
    expect(await titles(spreadsheetId)).toBe('B')
    expect((await errorOf(bench.read(spreadsheetId))).message).toBe('Unable to parse range: T')
  })

  test('a copy has the cells and is independent', async () => {
    const spreadsheetId = bench.make()
    await bench.fill(spreadsheetId, [['a', 1]])
    const { replies } = await bench.batch(spreadsheetId, {
      duplicateSheet: { sourceSheetId: 0, insertSheetIndex: 1, newSheetName: 'Copy' },
    })
    expect(replies?.[0]?.duplicateSheet?.properties).toMatchObject({ title: 'Copy', index: 1 })
    await bench.fill(spreadsheetId, [['b']])
    expect(bench.emulator.human(spreadsheetId).see('Copy')).toEqual([['a', '1']])
    const target = bench.make()
    const { data } = await bench.api.spreadsheets.sheets.copyTo({
      spreadsheetId,
      sheetId: 0,
      requestBody: { destinationSpreadsheetId: target },
    })
    expect(data.title).toBe('Copy of T')
    expect(bench.emulator.human(target).see('Copy of T')).toEqual([['b', '1']])
  })
})

describe('updateSpreadsheetProperties', () => {
  test('changes title, locale and time zone', async () => {
    const spreadsheetId = bench.make()
    const properties = { title: 'New', locale: 'de_DE', timeZone: 'Europe/Berlin' }
    await bench.batch(spreadsheetId, {
      updateSpreadsheetProperties: { properties, fields: 'title,timeZone' },
    })
    const { data } = await bench.api.spreadsheets.get({
      spreadsheetId,
      fields: 'properties(title,locale,timeZone)',
    })
    expect(data.properties).toEqual({ title: 'New', locale: 'en_US', timeZone: 'Europe/Berlin' })
  })
})
