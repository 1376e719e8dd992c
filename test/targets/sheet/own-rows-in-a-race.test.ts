import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../support/wait.ts'
import { beforeNextWrite, failWrites } from './support/between.ts'
import { expectTab } from './support/expect-tab.ts'
import { FOUR_COLUMNS, fourRows } from './support/four-rows.ts'
import { seatTarget } from './support/records.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const written = { status: 'done', change: 'written' }

const put = (id: string, seats: number) => stage.records.put(stage.target, id, { name: `trip ${id}`, seats })

describe('between read and write a person', () => {
  it('puts in a row of their own: what landed in it is taken out again, what they wrote there stays', async () => {
    stage = await fourRows()
    put('c', 33)
    beforeNextWrite(stage, async () => {
      await stage.person.insert('ROWS', 3)
      await stage.person.type("'Trips'!D4", [['our own note']])
    })
    expect((await stage.write(['c'])).get('c')).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats |
      a  | trip a | 1     |
      b  | trip b | 2     |
         |        |       | our own note
      c  | trip c | 33    |
      d  | trip d | 4     |
    `)
  })

  it('puts in a subtotal: of the cells that landed in it none stays', async () => {
    stage = await fourRows()
    put('c', 33)
    beforeNextWrite(stage, async () => {
      await stage.person.insert('ROWS', 3)
      await stage.person.type("'Trips'!B4", [['subtotal']])
    })
    expect((await stage.write(['c'])).get('c')).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name     | Seats
      a  | trip a   | 1
      b  | trip b   | 2
         | subtotal |
      c  | trip c   | 33
      d  | trip d   | 4
    `)
  })

  describe('puts in a row of their own, and the API fails when what landed there is taken out', () => {
    async function ownRow(failures: number): Promise<void> {
      stage = await fourRows()
      put('c', 33)
      beforeNextWrite(stage, async () => {
        await stage.person.insert('ROWS', 3)
        await stage.person.type("'Trips'!D4", [['our own note']])
        failWrites(stage, failures)
      })
    }
    const clean = `
      ID | Name   | Seats |
      a  | trip a | 1     |
      b  | trip b | 2     |
         |        |       | our own note
      c  | trip c | 33    |
      d  | trip d | 4     |
    `

    it('once: it is taken out all the same', async () => {
      await ownRow(1)
      expect((await stage.write(['c'])).get('c')).toEqual(written)
      await expectTab(stage).toShow(clean)
    })

    it('until the batch is given up: the next one takes it out', async () => {
      await ownRow(3)
      expect((await stage.write(['c'])).get('c')).toMatchObject({ status: 'deferred' })
      put('d', 4)
      await until(
        'the lane is tried again',
        async () => (await stage.write(['d'])).get('d')?.status === 'done',
      )
      await stage.write(['c'])
      await expectTab(stage).toShow(clean)
    })
  })

  it('puts in a row of their own, and sorts while what landed there is taken out: both are put right', async () => {
    stage = await fourRows()
    put('c', 33)
    beforeNextWrite(stage, async () => {
      await stage.person.insert('ROWS', 3)
      await stage.person.type("'Trips'!D4", [['our own note']])
      beforeNextWrite(stage, () => stage.person.sort(0, 'DESCENDING'))
    })
    expect((await stage.write(['c'])).get('c')).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats |
      d  | trip d | 4     |
      c  | trip c | 33    |
      b  | trip b | 2     |
      a  | trip a | 1     |
         |        |       | our own note
    `)
  })

  it('puts in a row, and moves it while that is put right: what two writes left there is taken out', async () => {
    stage = await fourRows({ columns: FOUR_COLUMNS })
    stage.records.put(stage.target, 'a', { name: 'trip a, new', seats: 11, code: 'c' })
    put('b', 12)
    beforeNextWrite(stage, async () => {
      await stage.person.insert('ROWS', 1)
      await stage.person.type("'Trips'!F2", [['own row']])
      beforeNextWrite(stage, () => stage.person.move('ROWS', 1, 4))
    })
    await stage.write(['a', 'b'])
    // That batch is at its end when the next one has been.
    await stage.write(['c'])
    await expectTab(stage).toShow(`
      ID | Name        | Seats | Code | Rating |
      a  | trip a, new | 11    | c    |        |
      b  | trip b      | 12    |      |        |
         |             |       |      |        | own row
      c  | trip c      | 3     |      |        |
      d  | trip d      | 4     |      |        |
    `)
  })

  it('adds a row at the bottom: a new record goes below it', async () => {
    stage = await fourRows()
    put('e', 5)
    beforeNextWrite(stage, () => stage.person.type("'Trips'!B6:C6", [['by hand', 6]]))
    expect((await stage.write(['e'])).get('e')).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name    | Seats
      a  | trip a  | 1
      b  | trip b  | 2
      c  | trip c  | 3
      d  | trip d  | 4
         | by hand | 6
      e  | trip e  | 5
    `)
  })

  it('sorts, and a row with a key of their own is hit: it stays, and costs nobody else anything', async () => {
    stage = await fourRows()
    await stage.person.type("'Trips'!A6:C6", [['Total', null, 99]])
    put('a', 11)
    beforeNextWrite(stage, () => stage.person.sort(2, 'DESCENDING'))
    expect(Object.fromEntries(await stage.write(['a']))).toEqual({ a: written })
    await expectTab(stage).toShow(`
      ID    | Name   | Seats
      Total |        | 11
      d     | trip d | 4
      c     | trip c | 3
      b     | trip b | 2
      a     | trip a | 11
    `)
  })

  it('hits a row whose key is no id: the records of the batch are written', async () => {
    stage = await setStage()
    const target = seatTarget(stage.spreadsheetId)
    for (const id of ['1', '2']) stage.records.put(target, id, { name: `seat ${id}` })
    await stage.write(['1', '2'], target)
    await stage.person.type("'Seats'!A4:B4", [['Total', 'zzz']])
    stage.records.put(target, '1', { name: 'mmm' })
    beforeNextWrite(stage, () => stage.person.sort(1, 'DESCENDING', 'Seats'))
    expect(Object.fromEntries(await stage.write(['1'], target))).toEqual({ 1: written })
    await expectTab(stage, 'Seats').toShow(`
      ID    | Name
      Total | mmm
      2     | seat 2
      1     | mmm
    `)
  })
})
