import { afterEach, describe, expect, it } from 'vitest'
import type { SheetTarget } from '../../../src/targets/sheet/config/target.ts'
import { beforeNextWrite } from './support/between.ts'
import { expectTab } from './support/expect-tab.ts'
import { fourRows } from './support/four-rows.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
let other: SheetTarget
afterEach(() => stage.close())

const written = { status: 'done', change: 'written' }

/** Two targets in one spreadsheet, a record each. */
async function twoTabs(): Promise<void> {
  stage = await setStage()
  other = { ...stage.target, name: 'others', tab: 'Others' }
  stage.records.put(stage.target, 'a', { name: 'trip a', seats: 1 })
  stage.records.put(other, 'a', { name: 'other a', seats: 100 })
  await writeBoth()
}

async function writeBoth(): Promise<unknown[]> {
  const outcomes = await stage.writer.write(stage.spreadsheetId, [
    { target: stage.target, ids: ['a'] },
    { target: other, ids: ['a'] },
  ])
  return [outcomes.get('trips')?.get('a'), outcomes.get('others')?.get('a')]
}

async function changeBoth(): Promise<unknown[]> {
  stage.records.put(stage.target, 'a', { name: 'trip a', seats: 2 })
  stage.records.put(other, 'a', { name: 'other a', seats: 200 })
  return writeBoth()
}

async function rename(tab: string, title: string): Promise<void> {
  const sheetId = await stage.person.sheetId(tab)
  await stage.person.do({ updateSheetProperties: { properties: { sheetId, title }, fields: 'title' } })
}

describe('several tabs of a spreadsheet', () => {
  it('are made and written with the same calls', async () => {
    await twoTabs()
    stage.emulator.control.calls.reset()
    expect(await changeBoth()).toEqual([written, written])
    const { read, write } = stage.emulator.control.calls.counts()
    expect([read.calls, write.calls]).toEqual([1, 1])
    await expectTab(stage, 'Trips').toShow(`
      ID | Name   | Seats
      a  | trip a | 2
    `)
    await expectTab(stage, 'Others').toShow(`
      ID | Name    | Seats
      a  | other a | 200
    `)
  })
})

describe('a person', () => {
  it('renames a tab: it is known by its id', async () => {
    await twoTabs()
    await rename('Trips', "Trips of '26, all")
    expect(await changeBoth()).toEqual([written, written])
    await expectTab(stage, "Trips of ''26, all").toShow(`
      ID | Name   | Seats
      a  | trip a | 2
    `)
    expect((await stage.person.tabs()).map(({ properties }) => properties?.title)).not.toContain('Trips')
    const [row] = await stage.sql.query<{ tab: string }>(
      `select place->>'tab' as tab from sync_target where name = 'trips'`,
    )
    expect(row?.tab).toBe("Trips of '26, all")
  })

  it('renames a tab and the worker is started anew: it is known by its id', async () => {
    await twoTabs()
    await rename('Trips', 'Reisen')
    stage.records.put(stage.target, 'a', { name: 'trip a', seats: 3 })
    expect((await stage.write(['a'], stage.target, stage.newWriter())).get('a')).toEqual(written)
    expect((await stage.person.see('Reisen'))[1]).toEqual(['a', 'trip a', 3])
  })

  it('renames a tab between read and write: nothing is lost', async () => {
    await twoTabs()
    const undo = stage.emulator.control.before(async ({ method }) => {
      if (method !== 'spreadsheets.batchUpdate') return
      undo()
      await rename('Trips', 'Reisen')
    })
    expect(await changeBoth()).toEqual([written, written])
    expect((await stage.person.see('Reisen'))[1]).toEqual(['a', 'trip a', 2])
    expect((await stage.person.see('Others'))[1]).toEqual(['a', 'other a', 200])
  })

  it('renames a tab between read and write, and again when it is tried again: the fence is not taken to be at fault', async () => {
    await twoTabs()
    const titles = ['Reisen', 'Voyages']
    const undo = stage.emulator.control.before(async ({ method }) => {
      if (method !== 'spreadsheets.batchUpdate') return
      const title = titles.shift()
      if (titles.length === 0) undo()
      await rename(title === 'Reisen' ? 'Trips' : 'Reisen', title as string)
    })
    expect(await changeBoth()).toEqual([written, written])
    expect((await stage.person.see('Voyages'))[1]).toEqual(['a', 'trip a', 2])
    expect((await stage.person.see('Others'))[1]).toEqual(['a', 'other a', 200])
    await stage.writer.close()
    expect(await stage.sql.query(`select place->>'fenceState' as fence_state from sync_lane`)).toEqual([
      { fence_state: 'on' },
    ])
  })

  it('swaps the titles of two tabs: each keeps its records', async () => {
    await twoTabs()
    await rename('Trips', 'tmp')
    await rename('Others', 'Trips')
    await rename('tmp', 'Others')
    expect(await changeBoth()).toEqual([written, written])
    expect((await stage.person.see('Others'))[1]).toEqual(['a', 'trip a', 2])
    expect((await stage.person.see('Trips'))[1]).toEqual(['a', 'other a', 200])
  })

  it('moves tabs: nothing changes for the library', async () => {
    await twoTabs()
    const sheetId = await stage.person.sheetId('Others')
    await stage.person.do({ updateSheetProperties: { properties: { sheetId, index: 0 }, fields: 'index' } })
    expect(await changeBoth()).toEqual([written, written])
  })

  it('deletes a tab: it is made again, and all its records are asked for', async () => {
    await twoTabs()
    stage.records.put(stage.target, 'b', { name: 'trip b', seats: 1 })
    await stage.write(['b'])
    await stage.person.do({ deleteSheet: { sheetId: await stage.person.sheetId() } })
    expect(await changeBoth()).toEqual([written, written])
    await expectTab(stage, 'Trips').toShow(`
      ID | Name   | Seats
      a  | trip a | 2
    `)
    expect(stage.incomplete).toEqual(['trips: its tab was gone and has been made again'])
    // Nothing is left of what stood in the old tab, so that b is new and not "removed by a person".
    const kept: SheetTarget = { ...stage.target, onRowDeleted: 'keep-away' }
    expect((await stage.write(['b'], kept)).get('b')).toEqual(written)
  })

  it('deletes a tab and makes one of the same title: that one is used', async () => {
    await twoTabs()
    await stage.person.do(
      { deleteSheet: { sheetId: await stage.person.sheetId() } },
      { addSheet: { properties: { title: 'Trips' } } },
    )
    await stage.person.type("'Trips'!A1", [['Note']])
    expect(await changeBoth()).toEqual([written, written])
    await expectTab(stage, 'Trips').toShow(`
      Note | ID | Name   | Seats
           | a  | trip a | 2
    `)
  })

  it.each([
    ['a digit in a circle', 'Umsatz 1', 'Umsatz ①'],
    ['a superscript', 'Umsatz m2', 'Umsatz m²'],
    ['full width', 'Umsatz 1', 'Umsatz １'],
    ['half width kana', 'カタカナ', 'ｶﾀｶﾅ'],
    ['the other kana', 'さくら', 'サクラ'],
    ['a ligature', 'Umsatz fi', 'Umsatz ﬁ'],
    ['an accent', 'Umsätze', 'Umsatze'],
    ['two letters for one', 'Straße', 'Strasse'],
    ['a letter and its accent apart', 'Umsätze'.normalize('NFC'), 'Umsätze'.normalize('NFD')],
    ['a character that is not seen', 'Umsatz', 'Um\u00adsatz'],
    ['a blank', 'Umsatz 1', 'Umsatz  1'],
    ['a blank of another kind', 'Umsatz 1', 'Umsatz\u00a01'],
  ])('has a tab whose title looks like ours but for %s: it is theirs', async (_, tab, theirs) => {
    stage = await setStage({ tab })
    const table = [
      ['ID', 'Name', 'Seats'],
      ['a', 'my own', 1],
    ]
    await stage.person.do({ addSheet: { properties: { title: theirs } } })
    await stage.person.type(`'${theirs}'!A1:C2`, table, 'RAW')
    stage.records.put(stage.target, 'a', { name: 'trip a', seats: 2 })
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    expect(await stage.person.see(theirs)).toEqual(table)
    expect((await stage.person.see(tab))[1]).toEqual(['a', 'trip a', 2])
  })

  it('has a tab whose title differs by case: Google takes it for the same title, so that it is used', async () => {
    stage = await setStage({ tab: 'UMSÄTZE' })
    await stage.person.do({ addSheet: { properties: { title: 'Umsätze' } } })
    stage.records.put(stage.target, 'a', { name: 'trip a', seats: 2 })
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    expect((await stage.person.see('Umsätze'))[1]).toEqual(['a', 'trip a', 2])
    expect((await stage.person.tabs()).map(({ properties }) => properties?.title)).not.toContain('UMSÄTZE')
  })

  it("gives a tab that was deleted its name by renaming another target's: the two do not mix", async () => {
    await twoTabs()
    await stage.person.do({ deleteSheet: { sheetId: await stage.person.sheetId('Trips') } })
    await rename('Others', 'Trips')
    const outcomes = await changeBoth()
    expect(outcomes[1]).toEqual(written)
    await expectTab(stage, 'Trips').toShow(`
      ID | Name    | Seats
      a  | other a | 200
    `)
    expect(outcomes[0]).toMatchObject({
      status: 'deferred',
      code: 'SHEET_REFUSED',
      reason: expect.stringContaining('Trips'),
    })
  })
})

describe('between read and write a person', () => {
  it('deletes the tab: it is made again', async () => {
    stage = await fourRows()
    stage.records.put(stage.target, 'a', { name: 'trip a', seats: 11 })
    beforeNextWrite(stage, async () => {
      await stage.person.do({ deleteSheet: { sheetId: await stage.person.sheetId() } })
    })
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 11
    `)
  })

  it('makes a tab of the same title: that one is used', async () => {
    stage = await setStage()
    stage.records.put(stage.target, 'a', { name: 'trip a', seats: 1 })
    beforeNextWrite(stage, async () => {
      await stage.person.do({ addSheet: { properties: { title: 'Trips' } } })
    })
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 1
    `)
  })
})
