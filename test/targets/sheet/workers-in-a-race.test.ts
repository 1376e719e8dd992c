import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../support/wait.ts'
import { beforeNextWrite, failWrites } from './support/between.ts'
import { expectTab } from './support/expect-tab.ts'
import { FOUR_COLUMNS, fourRows, moveKeyRight } from './support/four-rows.ts'
import { endLaneSessions } from './support/lane-sessions.ts'
import { seatTarget } from './support/records.ts'
import type { Stage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const HEADER = ['ID', 'Name', 'Seats']

const put = (id: string, seats: number) => stage.records.put(stage.target, id, { name: `trip ${id}`, seats })

/** Another worker goes on with a record. */
async function anotherWrites(id: string): Promise<void> {
  const other = stage.newWriter()
  await until(
    'the other worker writes',
    async () => (await stage.write([id], stage.target, other)).get(id)?.status === 'done',
  )
}

describe('between read and write a person', () => {
  it.each([
    ['sorts', () => stage.person.sort(2, 'DESCENDING')],
    ['moves columns', () => moveKeyRight(stage)],
  ])('%s, and the worker is told to leave: what it damaged is put right first', async (_, act) => {
    stage = await fourRows()
    const before = await stage.person.see()
    put('a', 11)
    const leaving = new AbortController()
    beforeNextWrite(stage, async () => {
      await act()
      leaving.abort()
    })
    const request = { target: stage.target, ids: ['a'] }
    const outcomes = await stage.writer.write(stage.spreadsheetId, [request], leaving.signal)
    expect(['done', 'deferred']).toContain(outcomes.get('trips')?.get('a')?.status)
    const at = (header: readonly unknown[], row: readonly unknown[]) =>
      HEADER.map((name) => row[header.indexOf(name)])
    const [header = [], ...rows] = await stage.person.see()
    // Of the record itself the old value may stand, for its job comes back.
    const seats = rows.map((row) => at(header, row)).toSorted()
    const expected = before.slice(1).toSorted()
    expect(seats.map(([id, name, seat]) => [id, name, id === 'a' && seat === 11 ? 1 : seat])).toEqual(
      expected,
    )
  })

  it('moves columns of one tab, and the database fails while another is stored: the key comes back', async () => {
    stage = await fourRows()
    const seats = seatTarget(stage.spreadsheetId)
    stage.records.put(seats, '1', { name: 'one' })
    await stage.write(['1'], seats)
    stage.records.put(seats, '1', { name: 'two' })
    put('a', 11)
    beforeNextWrite(stage, async () => {
      await moveKeyRight(stage)
      await endLaneSessions(stage)
    })
    const both = [
      { target: seats, ids: ['1'] },
      { target: stage.target, ids: ['a'] },
    ]
    await until('both are written', async () => {
      const outcomes = await stage.writer.write(stage.spreadsheetId, both)
      return [...outcomes.values()].every((byId) =>
        [...byId.values()].every(({ status }) => status === 'done'),
      )
    })
    await expectTab(stage).toShow(`
      Name   | Seats | ID
      trip a | 11    | a
      trip b | 2     | b
      trip c | 3     | c
      trip d | 4     | d
    `)
  })

  it('moves columns, another worker goes on: whichever of them finds the row, it gets its key back', async () => {
    stage = await fourRows()
    put('a', 11)
    beforeNextWrite(stage, async () => {
      await moveKeyRight(stage)
      failWrites(stage, 3)
    })
    expect((await stage.write(['a'])).get('a')).toMatchObject({ status: 'deferred' })
    await anotherWrites('a')
    const keys = async () => (await stage.person.see()).map((row) => row[2] ?? '')
    await until('the row has its key', async () => (await keys()).join() === 'ID,a,b,c,d')
    await stage.write(['b'])
    await stage.write(['b'])
    await expectTab(stage).toShow(`
      Name   | Seats | ID
      trip a | 11    | a
      trip b | 2     | b
      trip c | 3     | c
      trip d | 4     | d
    `)
  })

  it('moves columns, another worker goes on: the one that wrote gives the record its own row again', async () => {
    stage = await fourRows()
    stage.records.put(stage.target, 'a', { name: 'trip a, new', seats: 11 })
    beforeNextWrite(stage, async () => {
      await moveKeyRight(stage)
      failWrites(stage, 3)
    })
    expect((await stage.write(['a'])).get('a')).toMatchObject({ status: 'deferred' })
    await anotherWrites('a')
    const keys = async () => (await stage.person.see()).map((row) => row[2] ?? '')
    expect(await keys()).toEqual(['ID', 11, 'b', 'c', 'd', 'a'])
    await until('the first has looked', async () => !(await keys()).includes(11))
    expect(await keys()).toEqual(['ID', 'a', 'b', 'c', 'd'])
  })

  it('moves columns, another worker goes on: of the row that it made nothing of ours stays', async () => {
    const record = { name: 'a 1', seats: 1, code: 'c', rating: 4 }
    stage = await fourRows({ columns: FOUR_COLUMNS })
    stage.records.put(stage.target, 'a', record)
    await stage.write(['a'])
    stage.records.put(stage.target, 'a', { ...record, name: 'a 2', seats: 5 })
    beforeNextWrite(stage, async () => {
      await stage.person.move('COLUMNS', 0, 2)
      failWrites(stage, 3)
    })
    expect((await stage.write(['a'])).get('a')).toMatchObject({ status: 'deferred' })
    await anotherWrites('a')
    const rows = async () => (await stage.person.see()).map((row) => JSON.stringify(row))
    expect(await rows()).toContain('["a 1","a 2",5,"c",4]')
    await until('the first has looked', async () => !(await rows()).includes('["a 1","a 2",5,"c",4]'))
    await until('the other row is taken out', async () => (await rows()).length === 5)
    await expectTab(stage).toShow(`
      Name   | ID | Seats | Code | Rating
      a 2    | a  | 5     | c    | 4
      trip b | b  | 2     |      |
      trip c | c  | 3     |      |
      trip d | d  | 4     |      |
    `)
  })
})
