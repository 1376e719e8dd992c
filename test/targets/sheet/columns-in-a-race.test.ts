import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../support/wait.ts'
import { beforeNextWrite, failWrites, loseAnswer } from './support/between.ts'
import { expectRows, expectTab } from './support/expect-tab.ts'
import { fourRows, moveKeyRight } from './support/four-rows.ts'
import type { Stage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const written = { status: 'done', change: 'written' }

const put = (id: string, seats: number) => stage.records.put(stage.target, id, { name: `trip ${id}`, seats })

describe('between read and write a person', () => {
  it('moves columns: what landed in wrong cells of ours is put right, new rows are not doubled', async () => {
    stage = await fourRows()
    put('a', 11)
    put('e', 5)
    beforeNextWrite(stage, () => moveKeyRight(stage))
    expect(Object.fromEntries(await stage.write(['a', 'e']))).toEqual({ a: written, e: written })
    await expectTab(stage).toShow(`
      Name   | Seats | ID
      trip a | 11    | a
      trip b | 2     | b
      trip c | 3     | c
      trip d | 4     | d
      trip e | 5     | e
    `)
  })

  it.each([1, 3])(
    'moves columns, and the API fails %i times: no row stays with its key elsewhere',
    async (failures) => {
      stage = await fourRows()
      put('e', 5)
      beforeNextWrite(stage, async () => {
        await moveKeyRight(stage)
        failWrites(stage, failures)
      })
      await stage.write(['e'])
      put('d', 4)
      await until(
        'the lane is tried again',
        async () => (await stage.write(['d'])).get('d')?.status === 'done',
      )
      await stage.write(['e'])
      await expectTab(stage).toShow(`
        Name   | Seats | ID
        trip a | 1     | a
        trip b | 2     | b
        trip c | 3     | c
        trip d | 4     | d
        trip e | 5     | e
      `)
    },
  )

  it('moves columns, and the answer is lost: new rows are not doubled', async () => {
    stage = await fourRows()
    put('e', 5)
    beforeNextWrite(stage, () => moveKeyRight(stage))
    loseAnswer(stage)
    await stage.write(['e'])
    await expectTab(stage).toShow(`
      Name   | Seats | ID
      trip a | 1     | a
      trip b | 2     | b
      trip c | 3     | c
      trip d | 4     | d
      trip e | 5     | e
    `)
  })

  it('moves columns, and inserts a row while a new row is taken out again: no row is lost', async () => {
    stage = await fourRows()
    put('e', 5)
    beforeNextWrite(stage, async () => {
      await moveKeyRight(stage)
      beforeNextWrite(stage, () => stage.person.insert('ROWS', 1))
    })
    expect((await stage.write(['e'])).get('e')).toEqual(written)
    const rows = (await stage.person.see()).filter((row) => row.length > 0)
    expectRows(rows.toSorted()).toShow(`
      Name   | Seats | ID
      trip a | 1     | a
      trip b | 2     | b
      trip c | 3     | c
      trip d | 4     | d
      trip e | 5     | e
    `)
  })

  it.each([
    ['the answer is lost', { lost: true, failures: 0 }],
    ['the answer is lost and the API fails for a while', { lost: true, failures: 3 }],
    ['the API fails once', { lost: false, failures: 1 }],
    ['the API fails for a while', { lost: false, failures: 3 }],
  ])(
    'moves columns so that a key is written over, and %s: the key comes back',
    async (_, { lost, failures }) => {
      stage = await fourRows()
      put('a', 11)
      put('c', 13)
      beforeNextWrite(stage, async () => {
        await stage.person.type("'Trips'!D1:D2", [['Remarks'], ['theirs']])
        await moveKeyRight(stage)
        if (failures > 0) failWrites(stage, failures)
      })
      if (lost) loseAnswer(stage)
      await stage.write(['a', 'c'])
      await until(
        'the lane is tried again',
        async () => (await stage.write(['d'])).get('d')?.status === 'done',
      )
      await stage.write(['a', 'c'])
      await expectTab(stage).toShow(`
        Name   | Seats | ID | Remarks
        trip a | 11    | a  | theirs
        trip b | 2     | b  |
        trip c | 13    | c  |
        trip d | 4     | d  |
      `)
    },
  )

  it('moves columns so that a key is written over, and sorts while it is put back: every row is as it was', async () => {
    stage = await fourRows()
    put('a', 11)
    beforeNextWrite(stage, async () => {
      await stage.person.type("'Trips'!D1:D5", [['Remarks'], ['of a'], ['of b'], ['of c'], ['of d']])
      await moveKeyRight(stage)
      beforeNextWrite(stage, () => stage.person.sort(0, 'DESCENDING'))
    })
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    await expectTab(stage).toShow(`
      Name   | Seats | ID | Remarks
      trip d | 4     | d  | of d
      trip c | 3     | c  | of c
      trip b | 2     | b  | of b
      trip a | 11    | a  | of a
    `)
  })

  it.each([
    ['in part', ''],
    ['all of them', ', new'],
  ])(
    'moves columns so that two keys are written over, and changes places of these rows while they are put back: cells %s',
    async (_, more) => {
      stage = await fourRows()
      await stage.person.type("'Trips'!D1:D5", [['Remarks'], ['of a'], ['of b'], ['of c'], ['of d']])
      for (const [id, seats] of [
        ['b', 12],
        ['c', 13],
      ] as const)
        stage.records.put(stage.target, id, { name: `trip ${id}${more}`, seats })
      beforeNextWrite(stage, async () => {
        await moveKeyRight(stage)
        beforeNextWrite(stage, () => stage.person.move('ROWS', 2, 4))
      })
      expect([...(await stage.write(['b', 'c'])).values()]).toEqual([written, written])
      await expectTab(stage).toShow(`
        Name          | Seats | ID | Remarks
        trip a        | 1     | a  | of a
        trip c${more} | 13    | c  | of c
        trip b${more} | 12    | b  | of b
        trip d        | 4     | d  | of d
      `)
    },
  )
})
