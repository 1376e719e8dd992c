import { afterEach, describe, expect, it } from 'vitest'
import { expectTab } from './support/expect-tab.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

describe('a spreadsheet without the tab', () => {
  it('gets the tab, the header row and the rows in one write', async () => {
    stage = await setStage()
    stage.records.put(stage.target, 'a', { name: 'Alps', seats: 12 })
    stage.records.put(stage.target, 'b', { name: 'Baltic', seats: null })
    const outcomes = await stage.write(['a', 'b'])
    expect([...outcomes.values()]).toEqual([
      { status: 'done', change: 'written' },
      { status: 'done', change: 'written' },
    ])
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | Alps   | 12
      b  | Baltic |
    `)
    expect(stage.emulator.control.calls.counts().write.calls).toBe(1)
  })

  it('is updated, extended and shortened together afterwards, with one read and one write', async () => {
    stage = await setStage()
    for (const id of ['a', 'b', 'c', 'd'])
      stage.records.put(stage.target, id, { name: `trip ${id}`, seats: 1 })
    await stage.write(['a', 'b', 'c', 'd'])
    stage.records.put(stage.target, 'a', { name: 'Alps', seats: 2 })
    stage.records.remove(stage.target, 'b')
    stage.records.remove(stage.target, 'd')
    stage.records.put(stage.target, 'e', { name: 'Elbe', seats: 5 })
    stage.emulator.control.calls.reset()
    const outcomes = await stage.write(['a', 'b', 'c', 'd', 'e'])
    expect(Object.fromEntries(outcomes)).toEqual({
      a: { status: 'done', change: 'written' },
      b: { status: 'done', change: 'removed' },
      c: { status: 'done', change: 'unchanged' },
      d: { status: 'done', change: 'removed' },
      e: { status: 'done', change: 'written' },
    })
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | Alps   | 2
      c  | trip c | 1
      e  | Elbe   | 5
    `)
    const { read, write } = stage.emulator.control.calls.counts()
    expect([read.calls, write.calls]).toEqual([1, 1])
  })
})
