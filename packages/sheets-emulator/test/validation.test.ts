import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { describe, expect, test } from 'vitest'
import { clientOf, errorOf, useEmulator } from './support.ts'

const bench = useEmulator()

const rule = (type: string, values?: string[], more: object = {}): sheets_v4.Schema$DataValidationRule => ({
  condition: { type, ...(values && { values: values.map((userEnteredValue) => ({ userEnteredValue })) }) },
  strict: true,
  showCustomUi: true,
  ...more,
})

/** Puts a rule on column B, below the header. */
async function ruled(given: sheets_v4.Schema$DataValidationRule) {
  const id = bench.make()
  await bench.batch(id, {
    setDataValidation: {
      range: { sheetId: 0, startRowIndex: 1, startColumnIndex: 1, endColumnIndex: 2 },
      rule: given,
    },
  })
  const person = bench.emulator.human(id)
  return { id, type: (text: string) => person.act('type', { cell: 'B2', text }) }
}

describe('a person who types into a cell with a rule', () => {
  test('a strict list takes its values and nothing else, and says the help text', async () => {
    const { id, type } = await ruled(rule('ONE_OF_LIST', ['NEW', 'DONE'], { inputMessage: 'Choose one.' }))
    type('DONE')
    expect(await bench.read(id, 'B2')).toEqual([['DONE']])
    expect(() => type('done')).toThrow(
      'The data you entered in cell B2 violates the data validation rules set on this cell. Choose one.',
    )
    expect(await bench.read(id, 'B2')).toEqual([['DONE']])
    type('')
    expect(await bench.read(id, 'B2')).toEqual([])
    type('=1+1')
  })

  test('words of a list may be booleans', async () => {
    const { id, type } = await ruled(rule('ONE_OF_LIST', ['TRUE', 'FALSE']))
    type('true')
    expect(await bench.read(id, 'B2')).toEqual([['TRUE']])
    expect(() => type('yes')).toThrow(/violates/)
  })

  test('checkboxes take booleans, dates take dates', async () => {
    const box = await ruled(rule('BOOLEAN'))
    box.type('FALSE')
    expect(() => box.type('maybe')).toThrow(/violates/)
    const date = await ruled(rule('DATE_IS_VALID'))
    date.type('2026-11-29')
    date.type('2026-11-29 14:30')
    for (const text of ['soon', '12', '14:30']) expect(() => date.type(text)).toThrow(/violates/)
  })

  test('a rule that is not strict refuses nothing; nor does any refuse the API, or what is pasted', async () => {
    const { id, type } = await ruled(rule('ONE_OF_LIST', ['NEW'], { strict: false }))
    type('else')
    expect(await bench.read(id, 'B2')).toEqual([['else']])
    const strict = await ruled(rule('ONE_OF_LIST', ['NEW']))
    await bench.fill(strict.id, [
      [null, null],
      [null, 'by the API'],
    ])
    bench.emulator.human(strict.id).act('paste', { cell: 'B3', rows: [['pasted']] })
    expect(await bench.read(strict.id, 'B2:B3')).toEqual([['by the API'], ['pasted']])
  })
})

test('who is an editor of a protected range is not refused by it', async () => {
  const id = bench.make()
  await bench.batch(id, {
    addProtectedRange: {
      protectedRange: {
        range: { sheetId: 0, startColumnIndex: 0, endColumnIndex: 1 },
        editors: { users: ['robot@example.com'] },
      },
    },
  })
  bench.emulator.control.access.refuseProtected(id)
  const write = (token: string) =>
    clientOf(bench.emulator.url, token).spreadsheets.values.update({
      ...{ spreadsheetId: id, range: 'T!A1', valueInputOption: 'RAW', requestBody: { values: [['x']] } },
    })
  await write('token-of-robot@example.com')
  expect((await errorOf(write('token-of-ada@example.com'))).status).toBe(400)
})
