import { describe, expect, test } from 'vitest'
import { errorOf, useEmulator } from './support.ts'

const bench = useEmulator()

async function inLocale(locale: string): Promise<string> {
  const { data } = await bench.api.spreadsheets.create({
    requestBody: { properties: { title: 'L', locale }, sheets: [{ properties: { title: 'T' } }] },
  })
  return data.spreadsheetId!
}

/** What typed text becomes: as it is shown, as it is, and the format that it brought. */
async function typed(locale: string, text: string) {
  const spreadsheetId = await inLocale(locale)
  await bench.api.spreadsheets.values.update({
    spreadsheetId,
    range: 'T!A1',
    valueInputOption: 'USER_ENTERED',
    requestBody: { values: [[text]] },
  })
  const { data } = await bench.api.spreadsheets.get({
    spreadsheetId,
    fields: 'sheets.data.rowData.values(formattedValue,effectiveValue,userEnteredFormat.numberFormat)',
  })
  const cell = data.sheets![0]!.data![0]!.rowData![0]!.values![0]!
  const { numberFormat } = cell.userEnteredFormat ?? {}
  return [
    cell.formattedValue,
    Object.values(cell.effectiveValue ?? {})[0],
    ...(numberFormat ? [`${numberFormat.type} ${numberFormat.pattern}`] : []),
  ]
}

const time = (hours: number, minutes = 0, seconds = 0) => (hours + minutes / 60 + seconds / 3600) / 24

describe('typed text in en_US', () => {
  test.each<[string, unknown[]]>([
    ['10:00 PM', ['10:00 PM', time(22), 'TIME h:mm am/pm']],
    ['10:00:30 pm', ['10:00:30 PM', expect.closeTo(time(22, 0, 30)), 'TIME h:mm:ss am/pm']],
    ['10 PM', ['10 PM', time(22), 'TIME h am/pm']],
    ['12:00 AM', ['12:00 AM', 0, 'TIME h:mm am/pm']],
    ['9:05', ['9:05', expect.closeTo(time(9, 5)), 'TIME h:mm']],
    ['09:05:07', ['09:05:07', expect.closeTo(time(9, 5, 7)), 'TIME hh:mm:ss']],
    ['25:30', ['25:30', expect.closeTo(time(25, 30)), 'TIME [h]:mm']],
    ['2024/1/2', ['2024/1/2', 45293, 'DATE yyyy/m/d']],
    ['2024/01/02', ['2024/01/02', 45293, 'DATE yyyy/mm/dd']],
    ['1/2/2024', ['1/2/2024', 45293, 'DATE m/d/yyyy']],
    ['1/2/24', ['1/2/24', 45293, 'DATE m/d/yy']],
    ['2024-01-02', ['2024-01-02', 45293, 'DATE yyyy-mm-dd']],
    ['Jan 2, 2024', ['Jan 2, 2024', 45293, 'DATE mmm d, yyyy']],
    ['2-Jan-2024', ['2-Jan-2024', 45293, 'DATE d-mmm-yyyy']],
    ['1/2/2024 10:00 PM', ['1/2/2024 10:00 PM', 45293 + time(22), 'DATE_TIME m/d/yyyy h:mm am/pm']],
    ['2024-01-02 10:30', ['2024-01-02 10:30', 45293.4375, 'DATE_TIME yyyy-mm-dd h:mm']],
    ['$1,000.50', ['$1,000.50', 1000.5, 'CURRENCY "$"#,##0.00']],
    ['-$5', ['-$5', -5, 'CURRENCY "$"#,##0']],
    ['5%', ['5%', 0.05, 'PERCENT 0%']],
    ['1,5', ['1,5', '1,5']],
    ['2024/13/2', ['2024/13/2', '2024/13/2']],
    ['31.12.2024', ['31.12.2024', '31.12.2024']],
  ])('%s', async (text, expected) => {
    expect(await typed('en_US', text)).toEqual(expected)
  })
})

describe('a spreadsheet in de_DE', () => {
  test.each<[string, unknown[]]>([
    ['1,5', ['1,5', 1.5]],
    ['1.234,56', ['1.234,56', 1234.56, 'NUMBER #,##0.00']],
    ['0,25%', ['0,25%', 0.0025, 'PERCENT 0.00%']],
    ['31.12.2024', ['31.12.2024', 45657, 'DATE dd.mm.yyyy']],
    ['1.2.2024', ['1.2.2024', 45323, 'DATE d.m.yyyy']],
    ['2024-12-31', ['2024-12-31', 45657, 'DATE yyyy-mm-dd']],
    ['14:30', ['14:30', expect.closeTo(time(14, 30)), 'TIME h:mm']],
    [
      '31.12.2024 14:30',
      ['31.12.2024 14:30', expect.closeTo(45657 + time(14, 30)), 'DATE_TIME dd.mm.yyyy h:mm'],
    ],
    ['WAHR', ['WAHR', true]],
    ['1,234.5', ['1,234.5', '1,234.5']],
  ])('reads %s as it is typed there', async (text, expected) => {
    expect(await typed('de_DE', text)).toEqual(expected)
  })

  test.each<[string | undefined, number, string]>([
    [undefined, 1234.5, '1234,5'],
    ['NUMBER', 1234.5, '1.234,50'],
    ['PERCENT', 0.125, '12,50%'],
    ['CURRENCY', 1234.5, '1.234,50 €'],
    ['DATE', 45293, '02.01.2024'],
    ['TIME', 0.9375, '22:30:00'],
    ['DATE_TIME', 45293.9375, '02.01.2024 22:30:00'],
  ])('shows %s %d as %s', async (type, numberValue, expected) => {
    const spreadsheetId = await inLocale('de_DE')
    const userEnteredFormat = type ? { numberFormat: { type } } : {}
    await bench.batch(spreadsheetId, {
      updateCells: {
        start: { sheetId: 0 },
        rows: [{ values: [{ userEnteredValue: { numberValue }, userEnteredFormat }] }],
        fields: '*',
      },
    })
    expect(await bench.read(spreadsheetId)).toEqual([[expected]])
    // Only what is shown is German.
    const { data } = await bench.api.spreadsheets.values.get({
      spreadsheetId,
      range: 'T',
      valueRenderOption: 'UNFORMATTED_VALUE',
    })
    expect(data.values).toEqual([[numberValue]])
  })

  test('is typed into by people, and searched, in German', async () => {
    const spreadsheetId = await inLocale('de_DE')
    bench.emulator.human(spreadsheetId).act('type', { cell: 'A1', text: '1,5' })
    await bench.batch(spreadsheetId, { findReplace: { find: '1,5', replacement: '2,5', allSheets: true } })
    const { data } = await bench.api.spreadsheets.values.get({
      spreadsheetId,
      range: 'T',
      valueRenderOption: 'UNFORMATTED_VALUE',
    })
    expect(data.values).toEqual([[2.5]])
  })
})

describe('locales and time zones', () => {
  test.each([
    ['locale', 'xx_YY'],
    ['locale', 'de-DE'],
    ['locale', 'german'],
    ['locale', 'de_XX'],
    ['timeZone', 'Europe/Atlantis'],
    ['timeZone', '+02:00'],
    ['timeZone', 'GMT+2'],
  ])('%s %s is refused', async (name, value) => {
    const spreadsheetId = bench.make()
    const properties = { [name]: value }
    const update = bench.batch(spreadsheetId, { updateSpreadsheetProperties: { properties, fields: name } })
    const { status, message } = await errorOf(update)
    expect(status).toBe(400)
    expect(message).toMatch(/^Invalid requests\[0\]\.updateSpreadsheetProperties: Invalid .*: /)
    const create = bench.api.spreadsheets.create({ requestBody: { properties } })
    expect((await errorOf(create)).status).toBe(400)
    const { data } = await bench.api.spreadsheets.get({
      spreadsheetId,
      fields: 'properties(locale,timeZone)',
    })
    expect(data.properties).toEqual({ locale: 'en_US', timeZone: 'Etc/GMT' })
  })

  test.each([
    ['locale', 'en'],
    ['locale', 'fil'],
    ['locale', 'fr_FR'],
    ['timeZone', 'Europe/Berlin'],
    ['timeZone', 'Etc/GMT'],
    ['timeZone', 'GMT-07:00'],
  ])('%s %s is taken', async (name, value) => {
    const properties = { [name]: value }
    const { data } = await bench.api.spreadsheets.create({ requestBody: { properties } })
    expect(data.properties).toMatchObject(properties)
  })
})
