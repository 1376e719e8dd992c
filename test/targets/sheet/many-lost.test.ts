import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await setStage({
    columns: [
      { header: 'Name', field: 'name' },
      { header: 'Seats', field: 'seats' },
    ],
  })
})
afterEach(() => stage.close())

const MANY = 2_500
const ids = (letter: string) =>
  Array.from({ length: MANY }, (_, at) => `${letter}${String(at).padStart(4, '0')}`)

// Each row that such a call was about is looked for in all rows: as loops within loops, that took minutes.
it.each([
  ['before it was applied', 'reset-before'],
  ['after it was applied', 'reset-after'],
] as const)(
  'the answer of a call that adds and changes thousands of rows is lost %s',
  async (_, kind) => {
    const { records, target, emulator, person } = stage
    for (const id of ids('a')) records.put(target, id, { name: `old ${id}`, seats: 1 })
    await stage.write(ids('a'))
    for (const id of [...ids('a'), ...ids('b')]) records.put(target, id, { name: `new ${id}`, seats: 2 })
    emulator.control.faults.add({ kind, match: { calls: 'write' }, count: 1 })
    // Somebody moves the rows, so that none is where it is looked for first.
    const undo = emulator.control.before(async ({ method }) => {
      if (method !== 'spreadsheets.batchUpdate') return
      undo()
      await person.insert('ROWS', 1)
    })
    const outcomes = await stage.write([...ids('a'), ...ids('b')])
    expect([...outcomes.values()].every(({ status }) => status === 'done')).toBe(true)
    await stage.write(ids('a'))
    const rows = (await person.see()).slice(1).filter((row) => row.length > 0)
    expect(rows.map(([key, name, seats]) => [key, name, seats]).toSorted()).toEqual(
      [...ids('a'), ...ids('b')].map((id) => [id, `new ${id}`, 2]),
    )
  },
  180_000,
)
