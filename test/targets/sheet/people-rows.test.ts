import { afterEach, describe, expect, it } from 'vitest'
import type { SheetTarget } from '../../../src/targets/sheet/config/target.ts'
import { collect } from './support/collect.ts'
import { expectRows, expectTab } from './support/expect-tab.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const written = { status: 'done', change: 'written' }

/** A tab with rows a, b, c, named after their ids, seats 1, 2, 3. */
async function threeRows(options: Partial<SheetTarget> = {}): Promise<void> {
  stage = await setStage(options)
  for (const [index, id] of ['a', 'b', 'c'].entries()) {
    stage.records.put(stage.target, id, { name: `trip ${id}`, seats: index + 1 })
  }
  await stage.write(['a', 'b', 'c'])
  stage.emulator.control.calls.reset()
}

async function change(id: string, seats: number): Promise<unknown> {
  stage.records.put(stage.target, id, { name: `trip ${id}`, seats })
  return (await stage.write([id])).get(id)
}

describe('a person', () => {
  it('sorts the rows: each record keeps its own', async () => {
    await threeRows()
    await stage.person.sort(2, 'DESCENDING')
    expect(await change('a', 11)).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      c  | trip c | 3
      b  | trip b | 2
      a  | trip a | 11
    `)
  })

  it('inserts rows above, between and below: they stay, the records are found', async () => {
    await threeRows()
    await stage.person.insert('ROWS', 3)
    await stage.person.insert('ROWS', 1)
    await stage.person.type("'Trips'!B2", [['subtotal']])
    await stage.person.type("'Trips'!A8:B8", [['', 'our own note']])
    expect(await change('c', 33)).toEqual(written)
    stage.records.put(stage.target, 'd', { name: 'new', seats: 4 })
    await stage.write(['d'])
    await expectTab(stage).toShow(`
      ID | Name         | Seats
         | subtotal     |
      a  | trip a       | 1
      b  | trip b       | 2
         |              |
      c  | trip c       | 33
         |              |
         | our own note |
      d  | new          | 4
    `)
  })

  it('inserts rows above the header: the header is found where it is', async () => {
    await threeRows()
    await stage.person.insert('ROWS', 0, 2)
    await stage.person.type("'Trips'!A1", [['Our trips']])
    expect(await change('b', 22)).toEqual(written)
    expectRows((await stage.person.see()).slice(2)).toShow(`
      ID | Name   | Seats
      a  | trip a | 1
      b  | trip b | 22
      c  | trip c | 3
    `)
  })

  it('deletes a row: it comes back with the next change', async () => {
    await threeRows()
    await stage.person.delete('ROWS', 2)
    expect(await change('b', 22)).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 1
      c  | trip c | 3
      b  | trip b | 22
    `)
  })

  it('deletes a row of a target that keeps such rows away: it stays away and is noted', async () => {
    await threeRows({ onRowDeleted: 'keep-away' })
    await stage.person.delete('ROWS', 2)
    expect(await change('b', 22)).toEqual({ status: 'done', change: 'kept' })
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 1
      c  | trip c | 3
    `)
    const missing = 'select record_key from sync_record where missing_since is not null'
    expect(await stage.sql.query(missing)).toEqual([{ record_key: 'b' }])
    // Put back by hand, it is followed again.
    await stage.person.type("'Trips'!A4:C4", [['b', 'trip b', 2]], 'RAW')
    expect(await change('b', 23)).toEqual(written)
    expect(await stage.sql.query(missing)).toEqual([])
  })

  it('copies a row as it is: the copy is removed', async () => {
    await threeRows()
    await stage.person.type("'Trips'!A5:C5", [['b', 'trip b', 2]], 'RAW')
    expect(await change('b', 22)).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 1
      b  | trip b | 22
      c  | trip c | 3
    `)
  })

  it('copies a row and works on the copy: it loses the key and stays', async () => {
    await threeRows()
    // Above the original, so that position does not tell which is which.
    await stage.person.insert('ROWS', 1)
    await stage.person.type("'Trips'!A2:D2", [['b', 'trip of my own', 2, 'call them']], 'RAW')
    expect(await change('b', 22)).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name           | Seats |
         | trip of my own | 2     | call them
      a  | trip a         | 1     |
      b  | trip b         | 22    |
      c  | trip c         | 3     |
    `)
  })

  it('copies a row whose record has not changed: the copy goes all the same', async () => {
    await threeRows()
    await stage.person.type("'Trips'!A5:C5", [['b', 'trip b', 2]], 'RAW')
    expect((await stage.write(['b'])).get('b')).toMatchObject({ status: 'done' })
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 1
      b  | trip b | 2
      c  | trip c | 3
    `)
  })

  it('empties a key cell: the key comes back', async () => {
    await threeRows()
    await stage.person.type("'Trips'!A3", [['']])
    expect(await change('b', 22)).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 1
      b  | trip b | 22
      c  | trip c | 3
    `)
  })

  it('empties the key of the last row: the key comes back there as well', async () => {
    await threeRows()
    await stage.person.type("'Trips'!A4", [['']])
    expect(await change('c', 33)).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 1
      b  | trip b | 2
      c  | trip c | 33
    `)
  })

  it('empties a key of two rows that look alike: nobody can tell, the record gets a row of its own', async () => {
    await threeRows()
    for (const id of ['x', 'y']) stage.records.put(stage.target, id, { name: 'twin', seats: 0 })
    await stage.write(['x', 'y'])
    await stage.person.type("'Trips'!A5:A6", [[''], ['']])
    stage.records.put(stage.target, 'x', { name: 'twin', seats: 9 })
    await stage.write(['x'])
    expectRows((await stage.person.see()).slice(4)).toShow(`
        | twin | 0
        | twin | 0
      x | twin | 9
    `)
  })

  it('adds rows with a key of their own invention: they are left alone', async () => {
    await threeRows()
    await stage.person.type("'Trips'!A5:C5", [['mine', 'private', 7]], 'RAW')
    await change('a', 11)
    expect((await stage.person.see())[4]).toEqual(['mine', 'private', 7])
    const pages = await collect(stage.writer.compare(stage.target))
    expect(pages).toMatchObject([
      { rows: 4, ids: ['a', 'b', 'c'], differs: [], surplus: [], duplicates: [], unknown: 1 },
    ])
  })

  it('adds several rows with one key of their own invention: they are no copies', async () => {
    await threeRows()
    const own = [
      ['Total', 'of two', 3],
      ['Total', 'of all', 6],
      ['ID', 'once more', 0],
      ['ID', 'once more', 0],
    ]
    await stage.person.type("'Trips'!A5:C8", own, 'RAW')
    const [page] = await collect(stage.writer.compare(stage.target))
    expect(page).toMatchObject({ differs: [], surplus: [], duplicates: [], unknown: 4 })
    const [small, ...pages] = await collect(stage.writer.compare(stage.target, { pageRows: 4 }))
    expect([small, ...pages].flatMap((one) => one?.duplicates)).toEqual([])
    await change('a', 11)
    expect((await stage.person.see()).slice(4)).toEqual(own)
  })

  it('restores an older version: a comparison finds what differs, rows of records deleted since stay', async () => {
    await threeRows()
    const older = await stage.person.see()
    await change('b', 22)
    stage.records.remove(stage.target, 'c')
    stage.records.put(stage.target, 'd', { name: 'trip d', seats: 4 })
    await stage.write(['c', 'd'])
    await stage.person.type("'Trips'!A1:C4", older, 'RAW')
    const [page] = await collect(stage.writer.compare(stage.target))
    expect(page).toMatchObject({ ids: ['a', 'b'], differs: ['b'], surplus: [], unknown: 1 })
    await stage.write(['b', 'd'])
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 1
      b  | trip b | 22
      c  | trip c | 3
      d  | trip d | 4
    `)
  })

  it('hides rows, freezes rows, colours them: nothing changes for the library', async () => {
    await threeRows()
    const sheetId = await stage.person.sheetId()
    await stage.person.do(
      {
        updateDimensionProperties: {
          range: { sheetId, dimension: 'ROWS', startIndex: 1, endIndex: 3 },
          properties: { hiddenByUser: true },
          fields: 'hiddenByUser',
        },
      },
      {
        updateSheetProperties: {
          properties: { sheetId, gridProperties: { frozenRowCount: 3 } },
          fields: 'gridProperties.frozenRowCount',
        },
      },
      {
        repeatCell: {
          range: { sheetId, startRowIndex: 1, endRowIndex: 4 },
          cell: { userEnteredFormat: { backgroundColor: { red: 1 } } },
          fields: 'userEnteredFormat.backgroundColor',
        },
      },
    )
    expect(await change('b', 22)).toEqual(written)
    expect((await stage.person.see())[2]).toEqual(['b', 'trip b', 22])
    const { data } = await stage.person.api.spreadsheets.get({
      spreadsheetId: stage.spreadsheetId,
      ranges: ["'Trips'!B3"],
      includeGridData: true,
    })
    const format = data.sheets?.[0]?.data?.[0]?.rowData?.[0]?.values?.[0]?.userEnteredFormat
    expect(format?.backgroundColor?.red).toBe(1)
  })

  it('filters: hidden rows are written, new rows are added', async () => {
    await threeRows()
    const sheetId = await stage.person.sheetId()
    const criteria = { 1: { hiddenValues: ['trip a'] } }
    await stage.person.do({
      setBasicFilter: { filter: { range: { sheetId, startRowIndex: 0, endRowIndex: 4 }, criteria } },
    })
    expect(await change('a', 11)).toEqual(written)
    stage.records.put(stage.target, 'd', { name: 'new', seats: 4 })
    expect((await stage.write(['d'])).get('d')).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 11
      b  | trip b | 2
      c  | trip c | 3
      d  | new    | 4
    `)
  })

  it('empties the tab: header and rows are made again as records change', async () => {
    await threeRows()
    const sheetId = await stage.person.sheetId()
    await stage.person.do({ updateCells: { range: { sheetId }, fields: 'userEnteredValue' } })
    expect(await change('b', 22)).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      b  | trip b | 22
    `)
    expect(stage.incomplete).toEqual(['trips: columns were added: ID, Name, Seats'])
  })

  it('leaves no row but those of the library, and all their records are deleted: one free row is made first', async () => {
    await threeRows()
    await stage.person.delete('ROWS', 4, 1000)
    for (const id of ['a', 'b', 'c']) stage.records.remove(stage.target, id)
    expect([...(await stage.write(['a', 'b', 'c'])).values()]).toEqual(
      Array(3).fill({ status: 'done', change: 'removed' }),
    )
    await expectTab(stage).toShow(`
      ID | Name | Seats
    `)
  })

  it('leaves the tab a single free row: it grows by many rows at once', async () => {
    await threeRows()
    await stage.person.delete('ROWS', 1, 999)
    expect(await change('b', 22)).toEqual(written)
    expect(await change('c', 33)).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      b  | trip b | 22
      c  | trip c | 33
    `)
    const tab = (await stage.person.tabs()).find(({ properties }) => properties?.title === 'Trips')
    expect(tab?.properties?.gridProperties?.rowCount).toBe(1002)
  })
})
