import { describe, expect, test } from 'vitest'
import { editText } from '../page/edit-text.ts'
import { localeOf } from '../values/locale.ts'
import { useEmulator } from './support.ts'

const bench = useEmulator()

const ROWS = [['ref', 'name'], ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => [`R-${name}`, name])]

async function filled() {
  const id = bench.make()
  await bench.fill(id, ROWS)
  const anna = bench.emulator.human(id)
  const version = () => bench.emulator.control.spreadsheets.find(id).version
  return { id, anna, version, read: () => bench.read(id) }
}

async function act(body: object): Promise<{ status: number; message?: string | undefined }> {
  const response = await fetch(`${bench.emulator.url}control/human`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  const { error } = (await response.json()) as { error?: { message: string } }
  return { status: response.status, message: error?.message }
}

describe('what a person does to a cell that moved meanwhile', () => {
  test('text goes to the cell that was looked at, wherever it is now', async () => {
    const { id, anna, version, read } = await filled()
    const seen = version()
    anna.act('insertRows', { above: 3, count: 2 })
    anna.act('insertColumns', { before: 'A' })
    anna.act('deleteRows', { row: 2 })
    anna.act('type', { cell: 'B7', text: 'typed' }, seen)
    expect((await read()).map((row) => row[2])).toEqual([
      'name',
      undefined,
      undefined,
      'b',
      'c',
      'd',
      'e',
      'typed',
      'g',
    ])
    expect(id).toBeTruthy()
  })

  test('the row that is deleted is the one that was looked at', async () => {
    const { anna, version, read } = await filled()
    const seen = version()
    anna.act('moveRows', { row: 2, count: 3, above: 8 })
    anna.act('deleteRows', { row: 7, count: 1 }, seen)
    expect((await read()).map((row) => row[1])).toEqual(['name', 'd', 'e', 'a', 'b', 'c', 'g'])
  })

  test('a cell that was deleted refuses the text, and nothing is written', async () => {
    const { id, anna, version, read } = await filled()
    const asOf = version()
    anna.act('deleteRows', { row: 4 })
    const before = await read()
    const answer = await act({ spreadsheetId: id, action: 'type', cell: 'B4', text: 'lost', asOf })
    expect(answer).toEqual({ status: 409, message: 'Row 4 was deleted meanwhile. Nothing was changed.' })
    expect(await read()).toEqual(before)
  })

  test('after a sort the text stays where it was typed, as at Google', async () => {
    const { anna, version, read } = await filled()
    const seen = version()
    anna.act('sort', { column: 'B', descending: true })
    anna.act('type', { cell: 'B2', text: 'typed' }, seen)
    expect((await read())[1]).toEqual(['R-g', 'typed'])
  })

  test('a batch that is refused moves nothing', async () => {
    const { id, anna, version, read } = await filled()
    const seen = version()
    await bench
      .batch(
        id,
        { insertDimension: { range: { sheetId: 0, dimension: 'ROWS', startIndex: 1, endIndex: 2 } } },
        { deleteSheet: { sheetId: 99 } },
      )
      .catch(() => {})
    anna.act('type', { cell: 'B2', text: 'typed' }, seen)
    expect((await read())[1]).toEqual(['R-a', 'typed'])
  })
})

describe('undo', () => {
  const named = async () => {
    const { id, ...rest } = await filled()
    return { ...rest, id, anna: bench.emulator.human(id, 'Anna'), bob: bench.emulator.human(id, 'Bob') }
  }

  test.each([
    ['type', { cell: 'B3', text: '=1+1' }],
    ['clear', { range: 'A2:B4' }],
    [
      'paste',
      {
        cell: 'A3',
        rows: [
          ['x', '1'],
          ['y', '2026-01-02'],
        ],
      },
    ],
    ['format', { range: 'A2:B3', bold: true, background: '#ff0000', color: '#00ff00' }],
    ['checkbox', { range: 'C2:C5' }],
    ['sort', { column: 'B', descending: true }],
    ['insertRows', { above: 3, count: 2 }],
    ['insertColumns', { before: 'B' }],
    ['deleteRows', { row: 3, count: 2 }],
    ['deleteColumns', { column: 'A' }],
    ['copyRows', { row: 3, above: 6 }],
    ['moveRows', { row: 3, count: 2, above: 7 }],
    ['moveRows', { row: 6, count: 2, above: 3 }],
    ['moveColumns', { column: 'A', before: 'C' }],
  ] as const)('takes back %s %o', async (name, args) => {
    const { id, anna } = await named()
    const whole = async () =>
      (await bench.api.spreadsheets.get({ spreadsheetId: id, includeGridData: true })).data.sheets?.[0]?.data
    const before = await whole()
    anna.act(name, args as never)
    expect(await whole()).not.toEqual(before)
    anna.undo()
    expect(await whole()).toEqual(before)
  })

  test('follows the cell, and leaves what somebody else has changed since', async () => {
    const { anna, bob, read } = await named()
    anna.act('paste', { cell: 'B2', rows: [['1'], ['2'], ['3']] })
    bob.act('insertRows', { above: 2 })
    bob.act('type', { cell: 'B4', text: 'of Bob' })
    expect(anna.undo()).toBe('took back paste; 1 cell that others changed or removed since stays')
    expect((await read()).slice(2, 5).map((row) => row[1])).toEqual(['a', 'of Bob', 'c'])
  })

  test('takes back what the person did, and nothing of others', async () => {
    const { anna, bob, read } = await named()
    anna.act('type', { cell: 'B2', text: 'anna' })
    bob.act('type', { cell: 'B3', text: 'bob' })
    anna.undo()
    expect((await read()).slice(1, 3).map((row) => row[1])).toEqual(['a', 'bob'])
    expect(() => anna.undo()).toThrow('There is nothing to undo.')
  })

  test('says what cannot be taken back', async () => {
    const { anna } = await named()
    anna.act('addTab', { title: 'Other' })
    expect(() => anna.undo()).toThrow('addTab cannot be undone here.')
  })
})

test('who changed what: names, programs by their token, and the cell wherever it is now', async () => {
  const { id } = await filled()
  const anna = bench.emulator.human(id, 'Anna')
  anna.act('type', { cell: 'B3', text: 'x' })
  anna.act('insertRows', { above: 2 })
  const history = async (query = '') =>
    (await fetch(`${bench.emulator.url}page/spreadsheets/${id}/history${query}`)).json() as Promise<{
      entries: { who: string; what: string }[]
      cell?: { who: string; what: string } | null
    }>
  expect((await history()).entries.map(({ who, what }) => `${who} ${what}`)).toEqual([
    'Anna inserted row 2',
    'Anna wrote B3',
    'tester wrote T!A1:B8',
  ])
  expect((await history('?sheet=0&row=3&column=1')).cell).toMatchObject({ who: 'Anna', what: 'wrote B3' })
  expect((await history('?sheet=0&row=3&column=0')).cell).toMatchObject({ who: 'tester' })
  expect((await history('?sheet=0&row=12&column=0')).cell).toBeNull()
})

test('typed text keeps the format of its cell, and stays text in a text cell', async () => {
  const { id, anna } = await filled()
  await bench.batch(id, {
    repeatCell: {
      range: { sheetId: 0, startRowIndex: 1, endRowIndex: 3, startColumnIndex: 0, endColumnIndex: 1 },
      cell: { userEnteredFormat: { numberFormat: { type: 'TEXT', pattern: '@' } } },
      fields: 'userEnteredFormat.numberFormat',
    },
  })
  anna.act('type', { cell: 'A2', text: '00123' })
  expect((await bench.read(id, 'A2'))[0]).toEqual(['00123'])
  await bench.api.spreadsheets.values.update({
    spreadsheetId: id,
    range: 'T!A3',
    valueInputOption: 'USER_ENTERED',
    requestBody: { values: [['1e5']] },
  })
  expect((await bench.read(id, 'A3'))[0]).toEqual(['1e5'])
})

describe('the text that an editor opens with means the same when it is typed again', () => {
  const date = { numberFormat: { type: 'DATE', pattern: 'dd.mm.yyyy' } }
  test.each([
    ['a date in a format of its own', { value: 46_000, format: date }, '2025-12-09'],
    ['a long fraction', 0.123456789012, '0.123456789012'],
    ['text that looks like a number', '00123', "'00123"],
    ['text that looks like a formula', '=1', "'=1"],
    ['text', 'Anna', 'Anna'],
    [
      'text that looks like a number in a text cell',
      { value: '00123', format: { numberFormat: { type: 'TEXT' } } },
      '00123',
    ],
    ['a formula', { formula: '=A1+1' }, '=A1+1'],
    ['a boolean', true, 'TRUE'],
    ['a percentage', { value: 0.125, format: { numberFormat: { type: 'PERCENT', pattern: '0%' } } }, '12.5%'],
    ['a blank', undefined, ''],
  ])('%s', (_name, cell, text) => {
    expect(editText(cell)).toBe(text)
  })

  test.each([
    [1.5, '1,5'],
    ['1,5', "'1,5"],
    ['1.5', "'1.5"],
    [true, 'WAHR'],
  ])('%j in a German spreadsheet', (cell, text) => {
    expect(editText(cell, localeOf('de_DE'))).toBe(text)
  })
})
