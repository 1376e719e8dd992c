import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { editsSchema } from '../../../../src/targets/sheet/config/edits.ts'
import { type Stage, setStage } from '../support/stage.ts'

/*
 * Somebody empties the key of a record's row, by mistake, and may type into the row as well before anybody looks.
 */

let stage: Stage
beforeEach(async () => {
  stage = await setStage({
    columns: [
      { header: 'Name', field: 'name', writable: true },
      { header: 'Seats', field: 'seats', writable: true },
      { header: 'Code', field: 'code' },
    ],
    edits: editsSchema.parse({}),
  })
  const { records, target } = stage
  records.put(target, 'a', { name: 'trip a', seats: 1, code: 'code a' })
  records.put(target, 'b', { name: 'trip b', seats: 2, code: 'code b' })
  await stage.write(['a', 'b'])
  await look()
})
afterEach(() => stage.close())

const look = () => stage.look()

const rows = async () => (await stage.person.see()).slice(1).map((row) => row.slice(0, 4))
const edits = () => stage.sql.query('select record_key as id, column_name as "column" from sync_edit')

describe('a row whose key was emptied', () => {
  it('is seen by the next look, and gets it back, also where new rows are ignored', async () => {
    await stage.person.type('Trips!A2', [['']])
    expect(await look()).toEqual(['a'])
    await stage.write(['a'])
    expect(await rows()).toEqual([
      ['a', 'trip a', 1, 'code a'],
      ['b', 'trip b', 2, 'code b'],
    ])
    expect(await look()).toEqual([])
  })

  it('is seen likewise where another key was typed over it', async () => {
    await stage.person.type('Trips!A2', [['my own']])
    expect(await look()).toEqual(['a'])
    await stage.write(['a'])
    expect(await rows()).toContainEqual(['a', 'trip a', 1, 'code a'])
    expect(await rows()).toHaveLength(2)
  })

  it("is seen likewise where another record's key was typed or dragged over it", async () => {
    await stage.person.type('Trips!A2', [['b']])
    expect([...(await look())].sort()).toEqual(['a', 'b'])
    await stage.write(['b'])
    await stage.write(['a'])
    expect(await rows()).toEqual([
      ['a', 'trip a', 1, 'code a'],
      ['b', 'trip b', 2, 'code b'],
    ])
    expect(await look()).toEqual([])
    await stage.person.type('Trips!A2', [['b']])
    await stage.write(await look())
    expect(await rows()).toEqual([
      ['a', 'trip a', 1, 'code a'],
      ['b', 'trip b', 2, 'code b'],
    ])
  })

  it("is none that may be another record's, which was copied and looked the same", async () => {
    const { records, target } = stage
    records.put(target, 'c', { name: 'trip a', seats: 1, code: 'code a' })
    await stage.write(['c'])
    // The row of a goes, and that of c is copied, and the copy worked on.
    await stage.person.type('Trips!A5:D5', [['c', 'copied', 1, 'code a']])
    await stage.person.delete('ROWS', 1)
    await stage.write(['a'])
    expect(await edits()).toEqual([])
    await stage.write(['c'])
    expect(await edits()).toEqual([])
    expect(await rows()).toContainEqual(['c', 'trip a', 1, 'code a'])
    expect(await rows()).toContainEqual(['', 'copied', 1, 'code a'])
  })

  it('is not looked for where a row was deleted, or one of another kind was added', async () => {
    await stage.person.delete('ROWS', 1)
    await stage.person.type('Trips!B3:D3', [['mine', 7, 'y']])
    expect(await look()).toEqual([])
  })

  it('gets it back where somebody typed into it: a column that nobody edits tells whose it is', async () => {
    await stage.person.type('Trips!A2:B2', [['', 'typed']])
    expect(await look()).toEqual(['a'])
    await stage.write(['a'])
    expect(await rows()).toContainEqual(['a', 'typed', 1, 'code a'])
    expect(await rows()).toHaveLength(2)
    expect(await edits()).toEqual([{ id: 'a', column: 'Name' }])
  })

  it("is left alone where two rows may be the record's", async () => {
    await stage.person.type('Trips!A2:D3', [
      ['', 'typed', 1, 'code a'],
      ['', 'else', 1, 'code a'],
    ])
    await stage.write(['a'])
    expect(await rows()).toEqual([
      ['', 'typed', 1, 'code a'],
      ['', 'else', 1, 'code a'],
      ['a', 'trip a', 1, 'code a'],
    ])
    expect(await edits()).toEqual([])
  })

  it('is left alone where it may be a copy of the row of another record', async () => {
    stage.records.put(stage.target, 'c', { name: 'trip c', seats: 1, code: 'code a' })
    await stage.write(['c'])
    await stage.person.delete('ROWS', 1)
    await stage.person.type('Trips!A4:D4', [['', 'new', 1, 'code a']])
    await stage.write(['a'])
    expect(await rows()).toContainEqual(['', 'new', 1, 'code a'])
    expect(await rows()).toContainEqual(['a', 'trip a', 1, 'code a'])
    expect(await edits()).toEqual([])
  })

  it('is a row of people where it shows nothing that only a record shows', async () => {
    await stage.person.type('Trips!A2:D2', [['', 'trip a', 7, 'y']])
    await stage.write(['a'])
    expect(await rows()).toContainEqual(['', 'trip a', 7, 'y'])
    expect(await edits()).toEqual([])
  })

  it('tells nothing of edits while a call of ours may have hit it', async () => {
    stage.emulator.control.faults.add({ kind: 'reset-after', match: { calls: 'write' }, count: 1 })
    stage.records.put(stage.target, 'b', { name: 'ours', seats: 2, code: 'code b' })
    // The write for b goes into the row of a, its answer is lost, and the key of that row is emptied.
    const undo = stage.emulator.control.before(async ({ method }) => {
      if (method !== 'spreadsheets.batchUpdate') return
      undo()
      await stage.person.sort(0, 'DESCENDING')
      await stage.person.type('Trips!A3', [['']])
    })
    await stage.write(['b'])
    await stage.write(['a', 'b'])
    expect(await edits()).toEqual([])
    expect(await rows()).toContainEqual(['a', 'trip a', 1, 'code a'])
    expect(await rows()).toContainEqual(['b', 'ours', 2, 'code b'])
  })
})

it('rows of people with a key of their own invention are no copies of one another', async () => {
  await stage.person.type('Trips!A4:B5', [
    ['Total', 'of a'],
    ['Total', 'of b'],
  ])
  expect(await look()).toEqual([])
  await stage.person.type('Trips!A6', [['a']])
  expect(await look()).toEqual(['a'])
})

describe('where a row that is deleted deletes its record', () => {
  beforeEach(async () => {
    await stage.close()
    stage = await setStage({
      columns: [
        { header: 'Name', field: 'name', writable: true },
        { header: 'Seats', field: 'seats', writable: true },
        { header: 'Code', field: 'code', writable: true },
      ],
      edits: editsSchema.parse({ deletedRows: 'delete', newRows: 'create' }),
    })
    const { records, target } = stage
    records.put(target, 'a', { name: 'trip a', seats: 1, code: 'code a' })
    records.put(target, 'b', { name: 'trip b', seats: 2, code: 'code b' })
    await stage.write(['a', 'b'])
    await look()
  })

  const kinds = () => stage.sql.query('select record_key as id, kind::text from sync_edit')
  const open = () =>
    stage.sql.query('select record_key as id, column_name as "column" from sync_conflict where open')

  it('one whose key was emptied, and that was typed into, is none that was deleted', async () => {
    await stage.person.type('Trips!A2:B2', [['', 'typed']])
    expect(await look()).toEqual(['a'])
    await stage.write(['a'])
    expect(await kinds()).toEqual([])
    expect(await open()).toEqual([{ id: 'a', column: 'ID' }])
    expect(await rows()).toContainEqual(['a', 'trip a', 1, 'code a'])
  })

  it("one over whose key another record's was typed, or dragged, is none that was deleted", async () => {
    await stage.person.type('Trips!A2', [['b']])
    await stage.write(await look())
    await stage.write(await look())
    expect(await kinds()).toEqual([])
    expect(await rows()).toEqual([
      ['a', 'trip a', 1, 'code a'],
      ['b', 'trip b', 2, 'code b'],
    ])
  })

  it('one that came back is there once when somebody undoes what they did', async () => {
    await stage.person.type('Trips!F3', [['a remark']])
    await stage.person.type('Trips!A3:C3', [['', '', 2]])
    await stage.write(await look())
    expect((await rows()).map(([key]) => key)).toEqual(['a', '', 'b'])
    await stage.person.type('Trips!A3:B3', [['b', 'trip b']])
    await stage.write(await look())
    await stage.write(await look())
    expect(await rows()).toEqual([
      ['a', 'trip a', 1, 'code a'],
      ['b', 'trip b', 2, 'code b'],
    ])
    expect((await stage.person.see())[2]?.[5]).toBe('a remark')
    expect(await kinds()).toEqual([])
  })

  it("is the record's row once a person has typed the key into it", async () => {
    await stage.person.type('Trips!A2:C2', [['', 'typed', 1]])
    await stage.write(await look())
    expect(await open()).toEqual([{ id: 'a', column: 'ID' }])
    await stage.person.type('Trips!A2', [['a']])
    expect(await look()).toEqual(['a'])
    await stage.write(['a'])
    expect(await rows()).toEqual([
      ['a', 'typed', 1, 'code a'],
      ['b', 'trip b', 2, 'code b'],
    ])
    expect(await open()).toEqual([])
    expect(await kinds()).toEqual([{ id: 'a', kind: 'change' }])
  })

  it('a row that was copied, and had not come back, is a new one', async () => {
    await stage.person.type('Trips!A4:D4', [['b', 'trip b', 2, 'code b']])
    await stage.write(await look())
    expect((await rows()).map(([key]) => key)).toEqual(['a', 'b', ''])
  })

  it('one of which nothing is left is deleted', async () => {
    await stage.person.delete('ROWS', 1)
    expect(await look()).toEqual(['a'])
    await stage.write(['a'])
    expect(await kinds()).toEqual([{ id: 'a', kind: 'remove' }])
  })
})
