import { afterEach, describe, expect, it } from 'vitest'
import type { SheetTarget } from '../../../src/targets/sheet/config/target.ts'
import { until } from '../../support/wait.ts'
import { collect } from './support/collect.ts'
import { expectTab } from './support/expect-tab.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const written = { status: 'done', change: 'written' }

async function twoRows(options: Partial<SheetTarget> = {}): Promise<void> {
  stage = await setStage(options)
  stage.records.put(stage.target, 'a', { name: 'trip a', seats: 1 })
  stage.records.put(stage.target, 'b', { name: 'trip b', seats: 2 })
  await stage.write(['a', 'b'])
}

async function change(id: string, seats: number): Promise<unknown> {
  stage.records.put(stage.target, id, { name: `trip ${id}`, seats })
  return (await stage.write([id])).get(id)
}

describe('a person', () => {
  it('moves columns: each is found by its header, the key too', async () => {
    await twoRows()
    await stage.person.move('COLUMNS', 0, 3)
    await expectTab(stage).toShow(`
      Name   | Seats | ID
      trip a | 1     | a
      trip b | 2     | b
    `)
    expect(await change('b', 22)).toEqual(written)
    stage.records.put(stage.target, 'c', { name: 'new', seats: 3 })
    await stage.write(['c'])
    await expectTab(stage).toShow(`
      Name   | Seats | ID
      trip a | 1     | a
      trip b | 22    | b
      new    | 3     | c
    `)
  })

  it('inserts columns between ours, with formulas: they are never touched', async () => {
    await twoRows()
    await stage.person.insert('COLUMNS', 1)
    // A new column has the format of its neighbour, which is plain text: no formula works there.
    const range = { sheetId: await stage.person.sheetId(), startColumnIndex: 1, endColumnIndex: 2 }
    await stage.person.do({ repeatCell: { range, cell: {}, fields: 'userEnteredFormat' } })
    await stage.person.type("'Trips'!B1:B3", [['Our view'], ['=D2*2'], ['ask again']])
    await stage.person.type("'Trips'!E1:E3", [['Note'], [''], ['=LEN(C3)']])
    stage.records.put(stage.target, 'a', { name: 'Alps', seats: 10 })
    stage.records.put(stage.target, 'c', { name: 'new', seats: 3 })
    await stage.write(['a', 'c'])
    await expectTab(stage).toShow(`
      ID | Our view  | Name   | Seats | Note
      a  | 20        | Alps   | 10    |
      b  | ask again | trip b | 2     | 6
      c  |           | new    | 3     |
    `)
  })

  it('inserts columns to the left of everything: new rows still begin in their own columns', async () => {
    await twoRows()
    await stage.person.insert('COLUMNS', 0, 2)
    await stage.person.type("'Trips'!A1:B2", [
      ['Who', 'When'],
      ['Ann', 'today'],
    ])
    stage.records.put(stage.target, 'c', { name: 'new', seats: 3 })
    expect((await stage.write(['c'])).get('c')).toEqual(written)
    expect((await stage.person.see())[3]).toEqual(['', '', 'c', 'new', 3])
  })

  it('changes case and spaces of a header: it is the same header', async () => {
    await twoRows()
    await stage.person.type("'Trips'!A1:C1", [[' id ', 'NAME', 'seats']])
    expect(await change('a', 11)).toEqual(written)
    await expectTab(stage).toShow(`
      " id " | NAME   | seats
      a      | trip a | 11
      b      | trip b | 2
    `)
  })

  it('renames a header: the column is theirs, ours is made at the right end, and its rows are asked for', async () => {
    await twoRows()
    await stage.person.type("'Trips'!B1", [['Title']])
    await stage.person.type("'Trips'!D1:D2", [['Note'], ['mine']])
    expect(await change('a', 11)).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Title  | Seats | Note | Name
      a  | trip a | 11    | mine | trip a
      b  | trip b | 2     |      |
    `)
    expect(stage.incomplete).toEqual(['trips: columns were added: Name'])
    // The comparison that was asked for finds the rows that lack the column, and no edit in them.
    const [page] = await collect(stage.writer.compare(stage.target))
    expect(page).toMatchObject({ differs: ['b'] })
    await stage.write(page?.differs ?? [])
    expect((await stage.person.see())[2]).toEqual(['b', 'trip b', 2, '', 'trip b'])
    expect(await stage.sql.query('select * from sync_conflict')).toEqual([])
  })

  it("deletes a column of a target where the sheet wins: an empty column is nobody's edit", async () => {
    await twoRows({ conflict: 'sheet-wins' })
    await stage.person.delete('COLUMNS', 2)
    await change('a', 11)
    expect((await stage.write(['b'])).get('b')).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 11
      b  | trip b | 2
    `)
  })

  it('has cells without a header at the right end: a column that is made again goes beyond them', async () => {
    await twoRows()
    await stage.person.type("'Trips'!B1", [['Title']])
    await stage.person.type("'Trips'!E3", [['a remark out there']])
    await change('a', 11)
    await expectTab(stage).toShow(`
      ID | Title  | Seats |  |                    | Name
      a  | trip a | 11    |  |                    | trip a
      b  | trip b | 2     |  | a remark out there |
    `)
  })

  it('has no room at the right end: the tab gets another column', async () => {
    await twoRows()
    await stage.person.delete('COLUMNS', 3, 6)
    await stage.person.type("'Trips'!B1", [['Title']])
    expect(await change('a', 11)).toEqual(written)
    expect((await stage.person.see())[0]).toEqual(['ID', 'Title', 'Seats', 'Name'])
  })

  it("renames the key's header: the target stops with the cell and the remedy, and goes on when it is back", async () => {
    await twoRows()
    await stage.person.type("'Trips'!A1", [['Number']])
    expect(await change('a', 11)).toEqual({
      status: 'deferred',
      code: 'SHEET_LAYOUT',
      reason:
        'tab "Trips" has lost the header of its key column: expected "ID" in the header row (it was in A1), got another text in A1. Type ID into the cell above the record ids again',
      retryAfterMs: expect.any(Number),
    })
    const [target] = await stage.sql.query<{ last_error_code: string; last_error: string }>(
      'select last_error_code, last_error from sync_target',
    )
    expect(target).toMatchObject({
      last_error_code: 'SHEET_LAYOUT',
      last_error: expect.stringContaining('"Trips"'),
    })
    expect(await stage.person.see()).toHaveLength(3)
    // What tells operators that the tab cannot be used: its error is younger than its last success.
    const [isBroken] = await stage.sql.query('select last_error_at > last_success_at as yes from sync_target')
    expect(isBroken).toEqual({ yes: true })
    await stage.person.type("'Trips'!A1", [['ID']])
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    // It is noted right after the records have their outcome.
    await until('the success is the younger one', async () => {
      const [isWell] = await stage.sql.query<{ yes: boolean }>(
        'select last_success_at > last_error_at as yes from sync_target',
      )
      return isWell?.yes === true
    })
  })

  it('deletes the header row: the target stops rather than take a record for a header', async () => {
    await twoRows()
    const sheetId = await stage.person.sheetId()
    await stage.person.do(
      {
        updateSheetProperties: {
          properties: { sheetId, gridProperties: { frozenRowCount: 0 } },
          fields: 'gridProperties.frozenRowCount',
        },
      },
      { deleteDimension: { range: { sheetId, dimension: 'ROWS', startIndex: 0, endIndex: 1 } } },
    )
    expect(await change('a', 11)).toMatchObject({ status: 'deferred', code: 'SHEET_LAYOUT' })
    await expectTab(stage).toShow(`
      a | trip a | 1
      b | trip b | 2
    `)
  })

  it('copies a column: two equal headers stop the target and are both named', async () => {
    await twoRows()
    await stage.person.type("'Trips'!E1", [['Seats']])
    expect(await change('a', 11)).toMatchObject({
      status: 'deferred',
      code: 'SHEET_LAYOUT',
      reason: expect.stringContaining('"Seats" more than once: expected every header once, got C1 and E1'),
    })
  })

  it('merges cells of ours: the target stops and names them; merges elsewhere do not matter', async () => {
    await twoRows()
    const sheetId = await stage.person.sheetId()
    const merge = (startColumnIndex: number, endColumnIndex: number) => ({
      mergeCells: {
        range: { sheetId, startRowIndex: 1, endRowIndex: 3, startColumnIndex, endColumnIndex },
        mergeType: 'MERGE_ALL',
      },
    })
    await stage.person.do(merge(5, 7))
    expect(await change('a', 11)).toEqual(written)
    await stage.person.do(merge(2, 4))
    expect(await change('a', 12)).toMatchObject({
      status: 'deferred',
      code: 'SHEET_LAYOUT',
      reason: expect.stringContaining('got the merged cells C2:D3. Unmerge C2:D3'),
    })
  })

  it('protects cells of ours: the target stops and names them; the others of the spreadsheet go on', async () => {
    await twoRows()
    const other: SheetTarget = { ...stage.target, name: 'others', tab: 'Others' }
    stage.records.put(other, 'x', { name: 'other', seats: 1 })
    await stage.write(['x'], other)
    const sheetId = await stage.person.sheetId()
    const range = { sheetId, startColumnIndex: 2, endColumnIndex: 3 }
    await stage.person.do({ addProtectedRange: { protectedRange: { range } } })
    stage.emulator.control.access.refuseProtected(stage.spreadsheetId, { token: '' })
    stage.records.put(stage.target, 'a', { name: 'trip a', seats: 11 })
    stage.records.put(other, 'x', { name: 'other', seats: 2 })
    const outcomes = await stage.writer.write(stage.spreadsheetId, [
      { target: stage.target, ids: ['a'] },
      { target: other, ids: ['x'] },
    ])
    expect(outcomes.get('trips')?.get('a')).toMatchObject({
      status: 'deferred',
      code: 'SHEET_LAYOUT',
      reason: expect.stringContaining('tab "Trips" has a protected range that the library has to write'),
    })
    expect(outcomes.get('trips')?.get('a')).toMatchObject({ reason: expect.stringContaining('C:C') })
    expect(outcomes.get('others')?.get('x')).toEqual(written)
    stage.emulator.control.access.allowProtected(stage.spreadsheetId)
    expect((await stage.write(['a'])).get('a')).toEqual(written)
  })

  it('protects cells of their own: nothing stops', async () => {
    await twoRows()
    const sheetId = await stage.person.sheetId()
    const range = { sheetId, startColumnIndex: 5, endColumnIndex: 6 }
    await stage.person.do({ addProtectedRange: { protectedRange: { range } } })
    stage.emulator.control.access.refuseProtected(stage.spreadsheetId, { token: '' })
    expect(await change('a', 11)).toEqual(written)
  })

  it('makes a table of our columns: rows are written, and added to the table', async () => {
    await twoRows()
    const sheetId = await stage.person.sheetId()
    await stage.person.do({
      addTable: {
        table: {
          name: 'Trips',
          range: { sheetId, startRowIndex: 0, endRowIndex: 3, startColumnIndex: 0, endColumnIndex: 3 },
        },
      },
    })
    expect(await change('a', 11)).toEqual(written)
    stage.records.put(stage.target, 'c', { name: 'new', seats: 3 })
    expect((await stage.write(['c'])).get('c')).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 11
      b  | trip b | 2
      c  | new    | 3
    `)
  })

  it('formats a column: what they chose stays, for new rows as well', async () => {
    await twoRows()
    const sheetId = await stage.person.sheetId()
    const numberFormat = { type: 'CURRENCY', pattern: '0.00" EUR"' }
    await stage.person.do({
      repeatCell: {
        range: { sheetId, startRowIndex: 1, startColumnIndex: 2, endColumnIndex: 3 },
        cell: { userEnteredFormat: { numberFormat } },
        fields: 'userEnteredFormat.numberFormat',
      },
    })
    await change('a', 11)
    stage.records.put(stage.target, 'c', { name: 'new', seats: 3 })
    await stage.write(['c'])
    const { data } = await stage.person.api.spreadsheets.values.get({
      spreadsheetId: stage.spreadsheetId,
      range: "'Trips'!C2:C4",
    })
    expect(data.values).toEqual([['11.00 EUR'], ['2.00 EUR'], ['3.00 EUR']])
  })
})

describe('a tab that was there before the library', () => {
  it('gets the columns it lacks, and keeps its rows', async () => {
    stage = await setStage()
    await stage.person.do({
      addSheet: { properties: { title: 'Trips', gridProperties: { rowCount: 5, columnCount: 3 } } },
    })
    await stage.person.type("'Trips'!A1:C3", [
      ['What', 'seats', 'Who'],
      ['old row', 5, 'Ann'],
      ['=B2', '', 'Ben'],
    ])
    stage.records.put(stage.target, 'a', { name: 'Alps', seats: 1 })
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    await expectTab(stage).toShow(`
      What    | seats | Who | ID | Name
      old row | 5     | Ann |    |
      5       |       | Ben |    |
              | 1     |     | a  | Alps
    `)
    expect(stage.incomplete).toEqual([])
  })

  it('whose rows have the ids already is taken over', async () => {
    stage = await setStage()
    await stage.person.do({ addSheet: { properties: { title: 'trips' } } })
    await stage.person.type(
      "'trips'!A1:C3",
      [
        ['ID', 'Name', 'Seats'],
        ['a', 'typed by hand', 5],
        ['b', 'trip b', 2],
      ],
      'RAW',
    )
    stage.records.put(stage.target, 'a', { name: 'Alps', seats: 1 })
    stage.records.put(stage.target, 'b', { name: 'trip b', seats: 2 })
    expect(Object.fromEntries(await stage.write(['a', 'b']))).toEqual({
      a: written,
      b: { status: 'done', change: 'unchanged' },
    })
    await expectTab(stage, 'trips').toShow(`
      ID | Name   | Seats
      a  | Alps   | 1
      b  | trip b | 2
    `)
  })
})
