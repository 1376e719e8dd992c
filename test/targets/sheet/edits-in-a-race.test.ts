import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../support/wait.ts'
import { beforeNextWrite, failWrites, loseAnswer } from './support/between.ts'
import { expectTab } from './support/expect-tab.ts'
import { FOUR_COLUMNS, fourRows, swapColumns } from './support/four-rows.ts'
import type { Stage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const written = { status: 'done', change: 'written' }

const put = (id: string, seats: number) => stage.records.put(stage.target, id, { name: `trip ${id}`, seats })

describe('between read and write a person', () => {
  it.each(['sheet-wins', 'manual'] as const)(
    "moves columns, and the answer is lost: what landed in a wrong column is nobody's edit (%s)",
    async (conflict) => {
      stage = await fourRows({ conflict })
      put('a', 11)
      beforeNextWrite(stage, () => swapColumns(stage))
      loseAnswer(stage)
      await stage.write(['a'])
      await expectTab(stage).toShow(`
        ID | Seats | Name
        a  | 11    | trip a
        b  | 2     | trip b
        c  | 3     | trip c
        d  | 4     | trip d
      `)
      expect(await stage.sql.query('select column_name from sync_conflict')).toEqual([])
    },
  )

  it.each(['sheet-wins', 'manual'] as const)(
    'moves columns while a row comes back, and the answer is lost: nothing is taken for an edit (%s)',
    async (conflict) => {
      stage = await fourRows({ conflict })
      await stage.person.delete('ROWS', 1)
      put('a', 11)
      beforeNextWrite(stage, () => swapColumns(stage))
      loseAnswer(stage)
      expect((await stage.write(['a'])).get('a')).toEqual(written)
      await expectTab(stage).toShow(`
        ID | Seats | Name
        b  | 2     | trip b
        c  | 3     | trip c
        d  | 4     | trip d
        a  | 11    | trip a
      `)
      expect(await stage.sql.query('select column_name from sync_conflict')).toEqual([])
    },
  )

  it('moves columns: what a person typed elsewhere stays, although it is what was written', async () => {
    stage = await fourRows({ columns: FOUR_COLUMNS, conflict: 'sheet-wins' })
    await stage.person.type("'Trips'!B3:C3", [['edited', 22]])
    stage.records.put(stage.target, 'a', { name: 'edited', seats: 22 })
    beforeNextWrite(stage, () => stage.person.move('COLUMNS', 3, 5))
    expect((await stage.write(['a'])).get('a')).toMatchObject({ status: 'done' })
    await expectTab(stage).toShow(`
      ID | Name   | Seats | Rating | Code
      a  | edited | 22    |        |
      b  | edited | 22    |        |
      c  | trip c | 3     |        |
      d  | trip d | 4     |        |
    `)
  })

  it.each([
    ['', () => swapColumns(stage), 0, ['ID', 'Seats', 'Name', 'Code', 'Rating'], ['a', 1, 'a 2', 'c', 9]],
    [
      ', the API fails',
      () => swapColumns(stage),
      3,
      ['ID', 'Seats', 'Name', 'Code', 'Rating'],
      ['a', 1, 'a 2', 'c', 9],
    ],
    [
      ' so that a key is written over',
      () => stage.person.move('COLUMNS', 0, 2),
      0,
      ['Name', 'ID', 'Seats', 'Code', 'Rating'],
      ['a 2', 'a', 1, 'c', 9],
    ],
  ])(
    'moves columns%s: an edit in a column that was not written stays',
    async (_, move, failures, ...expected) => {
      const record = { name: 'a 1', seats: 1, code: 'c', rating: 4 }
      stage = await fourRows({ columns: FOUR_COLUMNS, conflict: 'sheet-wins' })
      stage.records.put(stage.target, 'a', record)
      await stage.write(['a'])
      await stage.person.type("'Trips'!E2", [[9]])
      stage.records.put(stage.target, 'a', { ...record, name: 'a 2' })
      beforeNextWrite(stage, async () => {
        await move()
        if (failures > 0) failWrites(stage, failures)
      })
      await stage.write(['a'])
      await until(
        'the lane is tried again',
        async () => (await stage.write(['a'])).get('a')?.status === 'done',
      )
      expect((await stage.person.see()).slice(0, 2)).toEqual(expected)
    },
  )

  it('moves columns so that a key is written over, and rows while it is put back: an edit of another record stays', async () => {
    stage = await fourRows({ columns: FOUR_COLUMNS, conflict: 'sheet-wins' })
    const record = (id: string) => ({ name: `${id} 1`, seats: 1, code: 'c', rating: 4 })
    for (const id of ['a', 'b']) stage.records.put(stage.target, id, record(id))
    await stage.write(['a', 'b'])
    await stage.person.type("'Trips'!E3", [[9]])
    stage.records.put(stage.target, 'a', { ...record('a'), name: 'a 2', seats: 5 })
    beforeNextWrite(stage, async () => {
      await stage.person.move('COLUMNS', 0, 2)
      beforeNextWrite(stage, () => stage.person.move('ROWS', 1, 3))
    })
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    await expectTab(stage).toShow(`
      Name   | ID | Seats | Code | Rating
      b 1    | b  | 1     | c    | 9
      a 2    | a  | 5     | c    | 4
      trip c | c  | 3     |      |
      trip d | d  | 4     |      |
    `)
  })

  it('inserts a column while a row comes back: what landed in wrong columns is not taken for an edit', async () => {
    stage = await fourRows({ conflict: 'sheet-wins' })
    await stage.person.delete('ROWS', 1)
    put('a', 11)
    beforeNextWrite(stage, () => stage.person.insert('COLUMNS', 1))
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    await expectTab(stage).toShow(`
      ID |        | Name   | Seats
      b  |        | trip b | 2
      c  |        | trip c | 3
      d  |        | trip d | 4
      a  | trip a | trip a | 11
    `)
    expect(await stage.sql.query('select column_name from sync_conflict')).toEqual([])
  })
})
