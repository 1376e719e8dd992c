import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { editsSchema } from '../../../src/targets/sheet/config/edits.ts'
import { beforeNextWrite } from './support/between.ts'
import { endLaneSessions } from './support/lane-sessions.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await setStage({
    columns: [
      { header: 'Name', field: 'name', writable: true },
      { header: 'Code', field: 'code', writable: true },
      { header: 'Seats', field: 'seats' },
    ],
    edits: editsSchema.parse({}),
  })
  stage.records.put(stage.target, 'a', { name: 'Anna' })
  stage.records.put(stage.target, 'b', { name: 'Bert' })
  await stage.write(['a', 'b'])
})
afterEach(() => stage.close())

const edits = () => stage.sql.query('select record_key, shown from sync_edit')
const nameOf = async (key: string) => (await stage.person.see()).find(([id]) => id === key)?.[1]

it('takes what a person types for an edit, and leaves it where it is', async () => {
  await stage.person.type('Trips!B2', [['Somebody']])
  await stage.write(['a'])
  expect(await edits()).toEqual([{ record_key: 'a', shown: 'Somebody' }])
  expect(await nameOf('a')).toBe('Somebody')
})

it('takes a value that a lost call was to write into another record for no edit', async () => {
  // A worker was about to write it, and its call hit a row that somebody had just moved; then it lost its lane.
  await stage.sql.query(`update sync_record set intended = '{"Name": ["Berta"]}' where record_key = 'b'`)
  await stage.person.type('Trips!B2', [['Berta']])
  await stage.write(['a'], stage.target, stage.newWriter())
  expect(await edits()).toEqual([])
  expect(await nameOf('a')).toBe('Anna')
  expect(await nameOf('b')).toBe('Bert')
})

/** Loses the answer of the next write, after something was done. */
const loseAnswer = (kind: 'reset-before' | 'reset-after', act: () => Promise<unknown>) => {
  stage.emulator.control.faults.add({ kind, match: { calls: 'write' }, count: 1 })
  const undo = stage.emulator.control.before(async ({ method }) => {
    if (method !== 'spreadsheets.batchUpdate') return
    undo()
    await act()
  })
}

it('finds it in the worker that lost the answer, wherever people have moved the rows since', async () => {
  stage.records.put(stage.target, 'c', { name: 'Carla' })
  await stage.write(['c'])
  stage.records.put(stage.target, 'b', { name: 'Berta' })
  loseAnswer('reset-after', async () => {
    await stage.person.sort(1, 'DESCENDING')
    const undo = stage.emulator.control.before(async ({ method }) => {
      if (method === 'spreadsheets.batchUpdate') return
      undo()
      await stage.person.sort(0, 'DESCENDING')
      await stage.person.insert('ROWS', 1)
    })
  })
  await stage.write(['b'])
  await stage.write(['a', 'b', 'c'])
  expect(await edits()).toEqual([])
  expect([await nameOf('a'), await nameOf('b'), await nameOf('c')]).toEqual(['Anna', 'Berta', 'Carla'])
})

it.each(['reset-before', 'reset-after'] as const)(
  'takes what somebody typed for an edit, though a call that was lost was to write the same into its own row (%s)',
  async (kind) => {
    stage.records.put(stage.target, 'b', { name: 'Berta' })
    loseAnswer(kind, () => stage.person.type('Trips!B2', [['Berta']]))
    await stage.write(['b'])
    await stage.write(['a'])
    expect(await edits()).toEqual([{ record_key: 'a', shown: 'Berta' }])
    expect([await nameOf('a'), await nameOf('b')]).toEqual(['Berta', 'Berta'])
  },
)

it.each(['reset-before', 'reset-after'] as const)(
  'agrees on what stands in its own row after a call that was lost (%s)',
  async (kind) => {
    stage.records.put(stage.target, 'b', { name: 'Berta' })
    loseAnswer(kind, async () => {})
    await stage.write(['b'])
    const [row] = await stage.sql.query(`select base, intended from sync_record where record_key = 'b'`)
    expect(row).toMatchObject({ base: { Name: 'Berta' }, intended: null })
    // The database has not changed since: what somebody types is no conflict with it.
    await stage.person.type('Trips!B3', [['Somebody']])
    await stage.write(['b'])
    expect(await stage.sql.query('select base, shown from sync_edit')).toEqual([
      { base: 'Berta', shown: 'Somebody' },
    ])
  },
)

it('keeps nothing in mind of a call that never came', async () => {
  await lose('b', 'Berta')
  const next = stage.newWriter()
  await stage.write(['b'], stage.target, next)
  await stage.write(['b'], stage.target, next)
  expect(await stage.sql.query('select from sync_record where intended is not null')).toEqual([])
})

const lose = async (key: string, value: string) =>
  await stage.sql.query('update sync_record set intended = $2 where record_key = $1', [
    key,
    JSON.stringify({ Name: [value] }),
  ])

it('finds such a value though the record that it was for is written first', async () => {
  await lose('b', 'Berta')
  await stage.person.type('Trips!B2', [['Berta']])
  stage.records.put(stage.target, 'b', { name: 'Bertha' })
  const next = stage.newWriter()
  await stage.write(['b'], stage.target, next)
  expect(await nameOf('b')).toBe('Bertha')
  expect(await nameOf('a')).toBe('Anna')
  await stage.write(['a', 'b'], stage.target, next)
  expect(await edits()).toEqual([])
})

it('takes neither a value that such a call was to write into its own row, nor what somebody typed, for one', async () => {
  stage.records.put(stage.target, 'c', { name: 'Carla' })
  await stage.write(['c'])
  await lose('b', 'Berta')
  await stage.person.type('Trips!B2:B3', [['Somebody'], ['Berta']])
  const next = stage.newWriter()
  await stage.write(['c'], stage.target, next)
  expect([await nameOf('a'), await nameOf('b')]).toEqual(['Somebody', 'Berta'])
  await stage.write(['a', 'b'], stage.target, next)
  expect(await edits()).toEqual([{ record_key: 'a', shown: 'Somebody' }])
  expect(await nameOf('b')).toBe('Bert')
})

describe('where somebody has moved the columns', () => {
  const codes = async () => (await stage.person.see()).slice(1).map(([id, code]) => [id, code ?? ''])
  beforeEach(() => lose('b', 'Berta'))

  it.each([
    ['its own row', 'B3'],
    ['another one', 'B2'],
  ])('takes a value for no edit that such a call wrote into another column of %s', async (_row, cell) => {
    await stage.person.move('COLUMNS', 2, 1)
    await stage.person.type(`Trips!${cell}`, [['Berta']])
    await stage.write(['a', 'b'], stage.target, stage.newWriter())
    expect(await edits()).toEqual([])
    expect(await codes()).toEqual([
      ['a', ''],
      ['b', ''],
    ])
  })

  it('takes none of a column that nobody may change for an edit', async () => {
    stage.records.put(stage.target, 'b', { name: 'Bert', seats: 7 })
    const next = stage.newWriter()
    beforeNextWrite(stage, async () => {
      await stage.person.move('COLUMNS', 3, 2)
      await endLaneSessions(stage)
    })
    await stage.write(['b'])
    await stage.write(['b'], stage.target, next)
    expect(await edits()).toEqual([])
    expect((await stage.person.see())[2]).toEqual(['b', 'Bert', 7])
  })

  it('finds it though another record is asked for first', async () => {
    await stage.person.move('COLUMNS', 2, 1)
    await stage.person.type('Trips!B3', [['Berta']])
    const next = stage.newWriter()
    stage.records.put(stage.target, 'a', { name: 'Anne' })
    await stage.write(['a'], stage.target, next)
    await stage.write(['b'], stage.target, next)
    expect(await edits()).toEqual([])
  })

  it('takes it for an edit where they stand as they did', async () => {
    await stage.person.type('Trips!C3', [['Berta']])
    await stage.write(['a', 'b'], stage.target, stage.newWriter())
    expect(await edits()).toEqual([{ record_key: 'b', shown: 'Berta' }])
  })
})

it('keeps nothing in mind of a call that was refused', async () => {
  stage.records.put(stage.target, 'b', { name: 'Berta' })
  stage.emulator.control.faults.add({
    kind: 'status',
    status: 403,
    match: { calls: 'write' },
    probability: 1,
  })
  await stage.write(['b'])
  expect(await stage.sql.query('select from sync_record where intended is not null')).toEqual([])
})

it('gives up where its column is not there, and asks for little', async () => {
  await lose('b', 'Berta')
  let reads = 0
  stage.emulator.control.before(async ({ method }) => {
    if (method.startsWith('spreadsheets.get')) reads++
  })
  await stage.person.type('Trips!B1', [['Somebody’s']])
  await stage.write(['a'], stage.target, stage.newWriter())
  expect(reads).toBeLessThan(15)
})

it('takes what somebody typed over such a value for an edit', async () => {
  await lose('b', 'Berta')
  await stage.person.type('Trips!B2', [['Berta']])
  let isTyped = false
  stage.emulator.control.before(async () => {
    if (isTyped || !stage.log.some(({ msg }) => String(msg).includes('a call that was lost'))) return
    isTyped = true
    await stage.person.type('Trips!B2', [['Somebody']])
  })
  const next = stage.newWriter()
  await stage.write(['b'], stage.target, next)
  await stage.write(['a'], stage.target, next)
  expect(isTyped).toBe(true)
  expect(await edits()).toEqual([{ record_key: 'a', shown: 'Somebody' }])
  expect(await nameOf('a')).toBe('Somebody')
})

describe.each(['waiting', 'pending'])('in a row that is to become a record (%s)', (state) => {
  const write = (...ids: string[]) => stage.write(ids, stage.target, next)
  let next: ReturnType<Stage['newWriter']>
  beforeEach(async () => {
    await lose('b', 'Berta')
    await stage.person.type('Trips!A4:C4', [['x', 'Carla', 'C1']])
    await stage.sql.query(
      `insert into sync_edit (target, record_key, kind, column_name, base, shown, zone, state)
       values ('trips', 'x', 'create', '', '{"row": 3}', '{"Name": "Carla", "Code": "C1"}', 'Europe/Berlin', $1)`,
      [state],
    )
    next = stage.newWriter()
  })
  const shown = () => stage.sql.query('select record_key, shown from sync_edit')

  it.each([[['x']], [['a'], ['x']], [['b'], ['x']]])(
    'puts it back when %j are written',
    async (...batches) => {
      await stage.person.type('Trips!B4', [['Berta']])
      for (const ids of batches) await write(...ids)
      expect(await nameOf('x')).toBe('Carla')
      await write('x')
      expect(await shown()).toEqual([{ record_key: 'x', shown: { Name: 'Carla', Code: 'C1' } }])
    },
  )

  it('leaves what somebody typed', async () => {
    await stage.person.type('Trips!B4', [['Carlotta']])
    await write('b')
    await write('x')
    expect(await nameOf('x')).toBe('Carlotta')
    expect(await edits()).toHaveLength(1)
  })
})
