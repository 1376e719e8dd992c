import { afterEach, describe, expect, it } from 'vitest'
import { beforeNextWrite } from './support/between.ts'
import { expectRows } from './support/expect-tab.ts'
import { fourRows } from './support/four-rows.ts'
import type { Stage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const written = { status: 'done', change: 'written' }
const removed = { status: 'done', change: 'removed' }

const put = (id: string, seats: number) => stage.records.put(stage.target, id, { name: `trip ${id}`, seats })

describe('between read and write a person', () => {
  it('sorts while rows are removed: rows removed by mistake come back', async () => {
    stage = await fourRows({ onRowDeleted: 'keep-away' })
    stage.records.remove(stage.target, 'a')
    beforeNextWrite(stage, () => stage.person.sort(2, 'DESCENDING'))
    expect((await stage.write(['a'])).get('a')).toEqual(removed)
    const rows = await stage.person.see()
    expect(rows.map(([id]) => id).sort()).toEqual(['ID', 'b', 'c', 'd'])
    expect(rows.find(([id]) => id === 'd')).toEqual(['d', 'trip d', 4])
  })

  it('moves a row while another is removed, and the rows beside that look right: the right one goes', async () => {
    stage = await fourRows()
    stage.records.remove(stage.target, 'c')
    beforeNextWrite(stage, async () => {
      // a and c change places, b and d stay.
      await stage.person.move('ROWS', 3, 1)
      await stage.person.move('ROWS', 2, 4)
    })
    expect((await stage.write(['c'])).get('c')).toEqual(removed)
    const rows = await stage.person.see()
    expectRows(rows.toSorted()).toShow(`
      ID | Name   | Seats
      a  | trip a | 1
      b  | trip b | 2
      d  | trip d | 4
    `)
  })

  it('inserts a row while the last one is removed, between rows of their own: the right one goes', async () => {
    stage = await fourRows()
    await stage.person.insert('ROWS', 4, 7)
    await stage.person.type("'Trips'!D5:D7", [['one'], ['two'], ['three']])
    stage.records.remove(stage.target, 'd')
    beforeNextWrite(stage, () => stage.person.insert('ROWS', 5))
    expect((await stage.write(['d'])).get('d')).toEqual(removed)
    const keys = (await stage.person.see()).flatMap(([key]) => key || [])
    // What people had in the row that was hit instead is lost; nothing tells that it is a row of theirs.
    expect(keys).toEqual(['ID', 'a', 'b', 'c'])
  })

  it('deletes rows: removals and updates find the right ones', async () => {
    stage = await fourRows()
    stage.records.remove(stage.target, 'b')
    put('d', 44)
    beforeNextWrite(stage, () => stage.person.delete('ROWS', 1))
    const outcomes = await stage.write(['b', 'd'])
    expect(Object.fromEntries(outcomes)).toEqual({ b: removed, d: written })
    const rows = await stage.person.see()
    // a was removed by the person, b by the library; c may have been lost in between, and is back.
    expect(
      rows
        .map(([id]) => id)
        .filter((id) => id !== 'a')
        .sort(),
    ).toEqual(['ID', 'c', 'd'])
    expect(rows.find(([id]) => id === 'd')).toEqual(['d', 'trip d', 44])
    expect(rows.find(([id]) => id === 'c')).toEqual(['c', 'trip c', 3])
  })
})
