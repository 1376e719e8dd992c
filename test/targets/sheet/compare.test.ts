import { afterEach, describe, expect, it } from 'vitest'
import { collect } from './support/collect.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const put = (id: string, seats: number) => stage.records.put(stage.target, id, { name: `trip ${id}`, seats })

async function rows(count: number): Promise<string[]> {
  stage = await setStage()
  const ids = Array.from({ length: count }, (_, index) => `r${index}`)
  for (const id of ids) put(id, 1)
  await stage.write(ids)
  return ids
}

describe('comparing a tab with its records', () => {
  it('finds nothing where both agree, page by page, and writes nothing', async () => {
    const ids = await rows(250)
    stage.emulator.control.calls.reset()
    const pages = await collect(stage.writer.compare(stage.target, { pageRows: 100 }))
    expect(pages.map(({ rows: count }) => count)).toEqual([100, 100, 50])
    expect(pages.flatMap((page) => page.ids)).toEqual(ids.toSorted())
    expect(
      pages.every(
        ({ differs, surplus, duplicates, unknown }) =>
          [...differs, ...surplus, ...duplicates].length + unknown === 0,
      ),
    ).toBe(true)
    expect(stage.emulator.control.calls.counts().write.calls).toBe(0)
  })

  it('reads each row once, and before that the header alone', async () => {
    await rows(250)
    const ranges: object[] = []
    const undo = stage.emulator.control.before(({ method }, body) => {
      if (method !== 'spreadsheets.getByDataFilter') return
      ranges.push(...JSON.parse(body).dataFilters.map(({ gridRange }: { gridRange: object }) => gridRange))
    })
    await collect(stage.writer.compare(stage.target))
    undo()
    const sheetId = await stage.person.sheetId()
    expect(ranges[0]).toEqual({ sheetId, endRowIndex: 1 })
    expect(ranges.slice(1)).toMatchObject([{ sheetId, startRowIndex: 1 }])
  })

  it('finds rows that differ, that are left over, that are doubled, and those of people', async () => {
    await rows(6)
    put('r1', 99)
    stage.records.remove(stage.target, 'r2')
    await stage.person.type("'Trips'!B4", [['edited']])
    await stage.person.type(
      "'Trips'!A9:C12",
      [
        ['r0', 'copy', 1],
        ['theirs', 'x', 1],
        ['', 'no key', 1],
        ['r5', 'r5 again', 1],
      ],
      'RAW',
    )
    const [page] = await collect(stage.writer.compare(stage.target))
    expect(page).toEqual({
      rows: 9,
      ids: ['r0', 'r1', 'r2', 'r3', 'r4', 'r5'],
      differs: ['r1'],
      surplus: ['r2'],
      unreadable: [],
      duplicates: ['r0', 'r5'],
      unknown: 2,
    })
  })

  it('finds what people wrote over', async () => {
    await rows(3)
    await stage.person.type("'Trips'!C3", [[77]])
    expect(await collect(stage.writer.compare(stage.target))).toMatchObject([{ differs: ['r1'] }])
    await stage.write(['r1'])
    expect((await stage.person.see())[2]).toEqual(['r1', 'trip r1', 1])
  })

  describe('finds what is to be noted, although no cell is to be written', () => {
    /** The records that differ; they are written, and a second comparison finds nothing. */
    async function found(): Promise<readonly string[]> {
      const differing = async () =>
        (await collect(stage.writer.compare(stage.target))).flatMap((page) => page.differs)
      const ids = await differing()
      if (ids.length > 0) await stage.write(ids)
      expect(await differing()).toEqual([])
      return ids
    }
    const conflicts = () =>
      stage.sql.query(
        'select record_key, sheet, state::text from sync_conflict order by created_at, record_key',
      )

    it.each(['sheet-wins', 'manual', 'merge'] as const)(
      '%s: an edit, one more, and that it was taken back',
      async (conflict) => {
        stage = await setStage({ conflict })
        put('a', 1)
        put('b', 2)
        await stage.write(['a', 'b'])
        await stage.person.type("'Trips'!C3", [[22]])
        expect(await found()).toEqual(['b'])
        expect(await conflicts()).toEqual([{ record_key: 'b', sheet: 22, state: 'open' }])
        await stage.person.type("'Trips'!C3", [[23]])
        expect(await found()).toEqual(['b'])
        expect(await conflicts()).toEqual([{ record_key: 'b', sheet: 23, state: 'open' }])
        await stage.person.type("'Trips'!C3", [[2]])
        expect(await found()).toEqual(['b'])
        expect(await conflicts()).toEqual([{ record_key: 'b', sheet: 23, state: 'resolved' }])
        expect((await stage.person.see())[2]).toEqual(['b', 'trip b', 2])
      },
    )

    it('a row that was there before, and is right: what is edited from then on is an edit', async () => {
      stage = await setStage({ conflict: 'sheet-wins' })
      put('a', 1)
      await stage.write(['a'])
      put('b', 2)
      await stage.person.type("'Trips'!A3:C3", [['b', 'trip b', 2]], 'RAW')
      expect(await found()).toEqual(['b'])
      await stage.person.type("'Trips'!C3", [[22]])
      put('b', 3)
      await stage.write(['b'])
      expect((await stage.person.see())[2]).toEqual(['b', 'trip b', 22])
    })

    it('a row that was missing, and is back', async () => {
      stage = await setStage({ onRowDeleted: 'keep-away' })
      put('a', 1)
      put('b', 2)
      await stage.write(['a', 'b'])
      await stage.person.delete('ROWS', 2)
      await stage.write(['b'])
      const missing = () =>
        stage.sql.query('select record_key from sync_record where missing_since is not null')
      expect(await missing()).toEqual([{ record_key: 'b' }])
      await stage.person.type("'Trips'!A3:C3", [['b', 'trip b', 2]], 'RAW')
      expect(await found()).toEqual(['b'])
      expect(await missing()).toEqual([])
    })
  })

  it('has no pages where there is no tab, and says what is wrong with one that cannot be used', async () => {
    stage = await setStage()
    expect(await collect(stage.writer.compare(stage.target))).toEqual([])
    put('a', 1)
    await stage.write(['a'])
    await stage.person.type("'Trips'!A1", [['gone']])
    await expect(collect(stage.writer.compare(stage.target))).rejects.toMatchObject({ code: 'SHEET_LAYOUT' })
  })

  it('counts a record that cannot be written among those that differ: its job says why', async () => {
    await rows(2)
    stage.records.put(stage.target, 'r0', { name: 'x'.repeat(50_001), seats: 1 })
    expect(await collect(stage.writer.compare(stage.target))).toMatchObject([{ differs: ['r0'] }])
  })
})
