import { afterEach, describe, expect, it } from 'vitest'
import type { SheetTarget } from '../../../src/targets/sheet/config/target.ts'
import type { SheetWriterOptions } from '../../../src/targets/sheet/index.ts'
import { collect } from './support/collect.ts'
import { expectRows, expectTab } from './support/expect-tab.ts'
import type { Shown } from './support/person.ts'
import { reconcile } from './support/reconcile.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const HEADER = ['ID', 'Name', 'Seats', 'Notes']
const written = { status: 'done', change: 'written' }

/** A tab with a row for each id, and a person's note beside each. */
async function rowsOf(
  ids: readonly string[],
  options: Partial<SheetTarget> = {},
  writerOptions: Partial<SheetWriterOptions> = {},
): Promise<void> {
  stage = await setStage(options, writerOptions)
  for (const [at, id] of ids.entries()) put(id, at + 1, `trip ${at + 1}`)
  // A batch adds its rows in the order of their keys: others are written one after another.
  const batches = ids.every((id, at) => at === 0 || id > (ids[at - 1] ?? '')) ? [ids] : ids.map((id) => [id])
  for (const batch of batches) await stage.write(batch)
  await stage.person.type("'Trips'!D1", [['Notes'], ...ids.map((id) => [`note on ${id}`])], 'RAW')
  stage.emulator.control.calls.reset()
}

function put(id: string, seats: number, name = `trip ${seats}`): void {
  stage.records.put(stage.target, id, { name, seats })
}

/** What the key column shows is something else from now on. */
async function showKeys(...keys: Shown[]): Promise<void> {
  await stage.person.type(
    "'Trips'!A2",
    keys.map((key) => [key]),
    'RAW',
  )
}

/** The rows as they were written, with the notes beside them. */
function rowsAsWritten(ids: readonly string[]): Shown[][] {
  return [HEADER, ...ids.map((id, at) => [id, `trip ${at + 1}`, at + 1, `note on ${id}`])]
}

async function openConflicts(): Promise<unknown[]> {
  return stage.sql.query(
    `select record_key as record, column_name as "column", sheet, winner::text from sync_conflict
     where open order by record_key`,
  )
}

/** Ids, what became of them in the key cells, and what a person did for it. */
const TURNED: [string, string[], Shown[]][] = [
  [
    'formats the key column as numbers',
    ['00123', '1e5', '007', '1.50', '+5', '12345678901234567890', 'plain'],
    [123, 100000, 7, 1.5, 5, 12345678901234600000, 'plain'],
  ],
  ['changes case', ['abc', 'Def', 'ÄÖÜ'], ['ABC', 'def', 'äöü']],
  ['types blanks around keys', ['abc', 'def', 'ghi'], ['abc ', ' def', 'ghi\u00a0']],
  ['formats the key column as dates', ['2026-01-02', '1-2', 'Mar-7'], [46024, 46024.5, 46088]],
  ['ticks boxes', ['TRUE', 'False', 'x'], [true, false, 'x']],
  ['types other texts over the keys', ['a', 'b', 'c'], ['first', 'second', 'third']],
]

describe.each(TURNED)('a person %s', (_, ids, keys) => {
  it('and the records change: each keeps its row and its note, the keys come back', async () => {
    await rowsOf(ids)
    await showKeys(...keys)
    for (const [at, id] of ids.entries()) put(id, (at + 1) * 11, `trip ${at + 1}`)
    await stage.write(ids)
    expect(await stage.person.see()).toEqual([
      HEADER,
      ...ids.map((id, at) => [id, `trip ${at + 1}`, (at + 1) * 11, `note on ${id}`]),
    ])
    expect(await openConflicts()).toEqual([])
  })

  it('and one record changes: the others keep theirs for later', async () => {
    await rowsOf(ids)
    await showKeys(...keys)
    for (const id of ids) expect((await stage.write([id])).get(id)).toMatchObject({ status: 'done' })
    expect(await stage.person.see()).toEqual(rowsAsWritten(ids))
  })

  it('and the tab is compared, by another worker: no row is doubled, and then all is well', async () => {
    await rowsOf(ids)
    await showKeys(...keys)
    await reconcile(stage, stage.newWriter())
    expect(await stage.person.see()).toEqual(rowsAsWritten(ids))
    const [page] = await collect(stage.writer.compare(stage.target))
    expect(page).toMatchObject({ ids, differs: [], surplus: [], duplicates: [], unknown: 0 })
  })

  it('in a long tab, of which not all is read: the same', async () => {
    await rowsOf(ids, {}, { limits: { wholeTabCells: 1 } })
    await stage.write(ids)
    await showKeys(...keys)
    for (const [at, id] of ids.entries()) put(id, at + 1, `trip ${at + 1}`)
    await stage.write(ids)
    expect(await stage.person.see()).toEqual(rowsAsWritten(ids))
  })

  it('and sorts the rows: the same, wherever they stand', async () => {
    await rowsOf(ids)
    await showKeys(...keys)
    await stage.person.sort(2, 'DESCENDING')
    await stage.write(ids)
    expect(await stage.person.see()).toEqual([HEADER, ...rowsAsWritten(ids).slice(1).reverse()])
  })
})

describe('a key that turned into something else', () => {
  it('with cells that were edited too: what it turned into tells whose row it is', async () => {
    await rowsOf(['00123', 'b'])
    await stage.person.type("'Trips'!A2:B2", [[123, 'their own name']], 'RAW')
    expect((await stage.write(['00123'])).get('00123')).toEqual(written)
    expect(await stage.person.see()).toEqual(rowsAsWritten(['00123', 'b']))
  })

  it('in a row of which the sheet keeps an edit: what was last seen there tells', async () => {
    await rowsOf(['a', 'b'], { conflict: 'sheet-wins' })
    await stage.person.type("'Trips'!B2", [['kept here']], 'RAW')
    await stage.write(['a'])
    await showKeys('turned')
    put('a', 9, 'trip 1')
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name      | Seats | Notes
      a  | kept here | 9     | note on a
      b  | trip 2    | 2     | note on b
    `)
  })

  it('of records that show the same: the keys tell them apart', async () => {
    await rowsOf(['001', '002'])
    for (const id of ['001', '002']) put(id, 0, 'twin')
    await stage.write(['001', '002'])
    await showKeys(2, 1)
    await stage.person.type("'Trips'!D2:D3", [['note on 002'], ['note on 001']], 'RAW')
    await stage.write(['001', '002'])
    await expectTab(stage).toShow(`
      ID    | Name | Seats | Notes
      "002" | twin | 0     | note on 002
      "001" | twin | 0     | note on 001
    `)
  })

  it('of another record: the row is not taken for a copy of that one', async () => {
    await rowsOf(['1', '01'])
    await showKeys(1, 1)
    put('01', 22, 'trip 2')
    await stage.write(['01'])
    await expectTab(stage).toShow(`
      ID   | Name   | Seats | Notes
      1    | trip 1 | 1     | note on 1
      "01" | trip 2 | 22    | note on 01
    `)
    await stage.write(['1', '01'])
    expect((await stage.person.see()).slice(1).map((row) => row[3])).toEqual(['note on 1', 'note on 01'])
  })

  it('of another record, both at once: the same', async () => {
    await rowsOf(['1', '01'])
    await showKeys(1, 1)
    put('1', 11, 'trip 1')
    put('01', 22, 'trip 2')
    await stage.write(['1', '01'])
    expectRows((await stage.person.see()).slice(1).map((row) => row.slice(1))).toShow(`
      trip 1 | 11 | note on 1
      trip 2 | 22 | note on 01
    `)
  })

  it('of a record that is deleted: its row goes', async () => {
    await rowsOf(['00123', 'b'])
    await showKeys(123)
    stage.records.remove(stage.target, '00123')
    expect((await stage.write(['00123'])).get('00123')).toEqual({ status: 'done', change: 'removed' })
    await expectTab(stage).toShow(`
      ID | Name   | Seats | Notes
      b  | trip 2 | 2     | note on b
    `)
  })

  it('of a record whose removed row is to stay away: the row is there, and is followed', async () => {
    await rowsOf(['00123', 'b'], { onRowDeleted: 'keep-away' })
    await showKeys(123)
    put('00123', 9, 'trip 1')
    expect((await stage.write(['00123'])).get('00123')).toEqual(written)
    expect((await stage.person.see())[1]).toEqual(['00123', 'trip 1', 9, 'note on 00123'])
  })

  it('of every record in a tab, and all keys emptied: no row is doubled', async () => {
    const ids = Array.from({ length: 700 }, (_, at) => `k${at + 1000}`)
    await rowsOf(ids)
    await stage.person.type(
      "'Trips'!A2",
      ids.map(() => ['']),
      'RAW',
    )
    await stage.write(ids)
    expect(await stage.person.see()).toEqual(rowsAsWritten(ids))
    await stage.person.type(
      "'Trips'!A2",
      ids.map((_, at) => [`other ${at}`]),
      'RAW',
    )
    await reconcile(stage, stage.newWriter())
    expect(await stage.person.see()).toEqual(rowsAsWritten(ids))
  })

  it('is put back although somebody sorts the rows between read and write', async () => {
    await rowsOf(['00123', 'b', 'c'])
    await showKeys(123)
    put('00123', 9, 'trip 1')
    const undo = stage.emulator.control.before(async ({ method }) => {
      if (method !== 'spreadsheets.batchUpdate') return
      undo()
      await stage.person.sort(2, 'DESCENDING')
    })
    await stage.write(['00123'])
    await expectTab(stage).toShow(`
      ID      | Name   | Seats | Notes
      c       | trip 3 | 3     | note on c
      b       | trip 2 | 2     | note on b
      "00123" | trip 1 | 9     | note on 00123
    `)
  })
})

describe('a row of theirs', () => {
  it('has the key of a record in another case, and that record has its row: it is left alone', async () => {
    await rowsOf(['abc', 'b'])
    await stage.person.type("'Trips'!A4:D4", [['ABC', 'trip 1', 1, 'mine']], 'RAW')
    put('abc', 9, 'trip 1')
    await stage.write(['abc'])
    expect((await stage.person.see())[3]).toEqual(['ABC', 'trip 1', 1, 'mine'])
    expect(await openConflicts()).toEqual([])
  })

  it("shows what a record shows whose row is gone, under the key of a record: it is that one's", async () => {
    await rowsOf(['a', 'b'])
    await stage.person.delete('ROWS', 1)
    stage.records.put(stage.target, 'new', { name: 'trip 1', seats: 1 })
    await stage.person.type("'Trips'!A4:D4", [['new', 'trip 1', 1, 'mine']], 'RAW')
    await stage.write(['a'])
    await expectTab(stage).toShow(`
      ID  | Name   | Seats | Notes
      b   | trip 2 | 2     | note on b
          |        |       |
      new | trip 1 | 1     | mine
      a   | trip 1 | 1     |
    `)
  })

  it('has a key of their own and shows only a part of what a record showed whose row is gone: it is left alone', async () => {
    await rowsOf(['a', 'b'])
    await stage.person.delete('ROWS', 1)
    await stage.person.type("'Trips'!A3:D3", [['mine', 'my own', 1, 'mine']], 'RAW')
    await stage.write(['a'])
    await expectTab(stage).toShow(`
      ID   | Name   | Seats | Notes
      b    | trip 2 | 2     | note on b
      mine | my own | 1     | mine
      a    | trip 1 | 1     |
    `)
    expect(await openConflicts()).toEqual([])
  })
})

describe('what stays doubtful is left alone and listed', () => {
  const doubt = (record: string, sheet: unknown) => ({ record, column: 'ID', sheet, winner: 'none' })

  it("two rows with a key like the record's", async () => {
    await rowsOf(['007', 'b'])
    await showKeys(7)
    await stage.person.type("'Trips'!A4:D4", [[7, 'trip 1', 1, 'copy']], 'RAW')
    await stage.write(['007'])
    await expectTab(stage).toShow(`
      ID    | Name   | Seats | Notes
      7     | trip 1 | 1     | note on 007
      b     | trip 2 | 2     | note on b
      7     | trip 1 | 1     | copy
      "007" | trip 1 | 1     |
    `)
    expect(await openConflicts()).toEqual([doubt('007', '7')])
  })

  it("a row with a key like the record's that shows something else", async () => {
    await rowsOf(['abc', 'b'])
    await stage.person.type("'Trips'!A2:C2", [['ABC', 'quite', 'another']], 'RAW')
    await stage.write(['abc'])
    await expectTab(stage).toShow(`
      ID  | Name   | Seats   | Notes
      ABC | quite  | another | note on abc
      b   | trip 2 | 2       | note on b
      abc | trip 1 | 1       |
    `)
    expect(await openConflicts()).toEqual([doubt('abc', 'ABC')])
  })

  it('a row under another key that shows what two records showed', async () => {
    await rowsOf(['x', 'y', 'b'])
    for (const id of ['x', 'y']) put(id, 0, 'twin')
    await stage.write(['x', 'y'])
    await stage.person.delete('ROWS', 1)
    await showKeys('turned')
    await stage.write(['x', 'y'])
    await expectTab(stage).toShow(`
      ID     | Name   | Seats | Notes
      turned | twin   | 0     | note on y
      b      | trip 3 | 3     | note on b
      x      | twin   | 0     |
      y      | twin   | 0     |
    `)
    expect(await openConflicts()).toEqual([doubt('x', 'turned'), doubt('y', 'turned')])
  })

  it('a row that shows what two records showed, of which one alone is written', async () => {
    await rowsOf(['x', 'y', 'b'])
    for (const id of ['x', 'y']) put(id, 0, 'twin')
    await stage.write(['x', 'y'])
    await stage.person.delete('ROWS', 1)
    for (const key of ['turned', '']) {
      await stage.person.type("'Trips'!A2", [[key]], 'RAW')
      const [id = ''] = key === '' ? ['y'] : ['x']
      await stage.write([id])
      expect((await stage.person.see())[1]).toEqual([key, 'twin', 0, 'note on y'])
      await stage.person.delete('ROWS', 3)
    }
    expect(await openConflicts()).toEqual([doubt('x', 'turned'), doubt('y', null)])
  })

  it('a row under another key that shows most of what the record showed', async () => {
    const columns = ['name', 'code', 'seats'].map((field) => ({ header: field, field }))
    stage = await setStage({ columns })
    stage.records.put(stage.target, 'a', { name: 'trip a', code: 'A', seats: 1 })
    await stage.write(['a'])
    await stage.person.type("'Trips'!A2:E2", [['turned', 'trip a', 'A', 2, 'note']], 'RAW')
    await stage.write(['a'])
    await expectTab(stage).toShow(`
      ID     | name   | code | seats |
      turned | trip a | A    | 2     | note
      a      | trip a | A    | 1     |
    `)
    expect(await openConflicts()).toEqual([doubt('a', 'turned')])
  })

  it('rows without a key that look alike', async () => {
    await rowsOf(['x', 'y'])
    for (const id of ['x', 'y']) put(id, 0, 'twin')
    await stage.write(['x', 'y'])
    await showKeys('', '')
    await stage.write(['x'])
    expect(await openConflicts()).toEqual([doubt('x', null)])
  })

  it('until no such row is there any more: a comparison sees that', async () => {
    await rowsOf(['abc', 'def', 'ghi'])
    await stage.person.type(
      "'Trips'!A2:C4",
      ['ABC', 'DEF', 'GHI'].map((key) => [key, 'quite', 'another']),
      'RAW',
    )
    await stage.write(['abc', 'def', 'ghi'])
    await reconcile(stage, stage.writer)
    expect(await openConflicts()).toEqual([doubt('abc', 'ABC'), doubt('def', 'DEF'), doubt('ghi', 'GHI')])
    // One is deleted, one gets another key; and of the third they say that it is the record's.
    await stage.person.delete('ROWS', 1)
    await showKeys('my own')
    await stage.person.delete('ROWS', 5)
    await stage.person.type("'Trips'!A3", [['ghi']], 'RAW')
    await reconcile(stage, stage.writer)
    await expectTab(stage).toShow(`
      ID     | Name   | Seats   | Notes
      my own | quite  | another | note on def
      ghi    | trip 3 | 3       | note on ghi
      abc    | trip 1 | 1       |
      def    | trip 2 | 2       |
    `)
    expect(await openConflicts()).toEqual([])
  })
})

describe('the key column', () => {
  /** The number format that a cell of the key column has. */
  const formatIn = async (row: number) => {
    const { data } = await stage.person.api.spreadsheets.get({
      spreadsheetId: stage.spreadsheetId,
      ranges: [`'Trips'!A${row}`],
      fields: 'sheets.data.rowData.values.userEnteredFormat.numberFormat',
    })
    return data.sheets?.[0]?.data?.[0]?.rowData?.[0]?.values?.[0]?.userEnteredFormat?.numberFormat ?? null
  }
  const text = { type: 'TEXT', pattern: '@' }

  it('of text ids has the text format when the tab is made: what is typed there stays as it is', async () => {
    await rowsOf(['00123'])
    expect([await formatIn(2), await formatIn(3), await formatIn(1000)]).toEqual([text, text, text])
  })

  it('of text ids has it in rows that are added as the tab grows', async () => {
    const ids = Array.from({ length: 1_100 }, (_, at) => `k${at}`)
    await rowsOf(ids.slice(0, 3))
    for (const [at, id] of ids.entries()) put(id, at + 1)
    await stage.write(ids)
    expect([await formatIn(1000), await formatIn(1001), await formatIn(1102)]).toEqual([text, text, text])
  })

  it('of text ids has it where it is made in a tab that is there', async () => {
    stage = await setStage()
    await stage.person.do({ addSheet: { properties: { title: 'Trips' } } })
    await stage.person.type("'Trips'!A1", [['Note']])
    put('00123', 1)
    await stage.write(['00123'])
    const { data } = await stage.person.api.spreadsheets.get({
      spreadsheetId: stage.spreadsheetId,
      ranges: ["'Trips'!A2:B2"],
      fields: 'sheets.data.rowData.values.userEnteredFormat.numberFormat',
    })
    const [, key] = data.sheets?.[0]?.data?.[0]?.rowData?.[0]?.values ?? []
    expect(key?.userEnteredFormat?.numberFormat).toEqual(text)
  })

  it('of text ids keeps the format that people gave it', async () => {
    await rowsOf(['00123'])
    const range = { sheetId: await stage.person.sheetId(), startColumnIndex: 0, endColumnIndex: 1 }
    const number = { type: 'NUMBER', pattern: '0' }
    const fields = 'userEnteredFormat.numberFormat'
    await stage.person.do({
      repeatCell: { range, cell: { userEnteredFormat: { numberFormat: number } }, fields },
    })
    await showKeys(123)
    put('00123', 2)
    put('00124', 3)
    await stage.write(['00123', '00124'])
    expect([await formatIn(2), await formatIn(3)]).toEqual([number, number])
    expect((await stage.person.see()).map(([key]) => key)).toEqual(['ID', '00123', '00124'])
  })

  it('of number ids has none: they are numbers', async () => {
    stage = await setStage({ model: 'Seat', columns: [{ header: 'Name', field: 'name' }] })
    stage.records.put(stage.target, '5', { name: 'five' })
    await stage.write(['5'])
    expect(await formatIn(2)).toBeNull()
    expect((await stage.person.see())[1]?.[0]).toBe(5)
  })

  it('of number ids: one that turned into text, with a blank or zeros, is known', async () => {
    stage = await setStage({ model: 'Seat', columns: [{ header: 'Name', field: 'name' }] })
    for (const id of ['5', '6']) stage.records.put(stage.target, id, { name: `seat ${id}` })
    await stage.write(['5', '6'])
    await stage.person.type(
      "'Trips'!A2:C3",
      [
        ['5 ', 'seat 5', 'mine'],
        ['006', 'seat 6', 'yours'],
      ],
      'RAW',
    )
    await stage.write(['5', '6'])
    await expectTab(stage).toShow(`
      ID | Name   |
      5  | seat 5 | mine
      6  | seat 6 | yours
    `)
  })
})
