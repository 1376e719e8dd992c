import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import type { Sql } from '../../../../src/database/sql.ts'
import { editsSchema } from '../../../../src/targets/sheet/config/edits.ts'
import type { SheetWriter } from '../../../../src/targets/sheet/index.ts'
import { beforeNextWrite } from '../support/between.ts'
import { type Stage, setStage } from '../support/stage.ts'

/*
 * A look for edits holds no lane: two may be under way at once, and what a slow one has seen may be over when it says so.
 */

let stage: Stage
beforeEach(async () => {
  stage = await setStage({
    columns: [
      { header: 'Name', field: 'name', writable: true },
      { header: 'Code', field: 'code', writable: true },
    ],
    edits: editsSchema.parse({ newRows: 'create' }),
  })
  stage.records.put(stage.target, 'a', { name: 'trip a' })
  await stage.write(['a'])
  await stage.person.type('Trips!B3', [['trip b']])
})
afterEach(() => stage.close())

const look = (writer?: SheetWriter) => stage.look(writer)

/** A writer whose look stands still once it knows which entries wait. */
function slowWriter(meanwhile: () => Promise<unknown>): SheetWriter {
  let isDone = false
  const sql: Sql = {
    async query(text, values) {
      const rows = await stage.sql.query(text, values)
      if (isDone || !text.includes(`kind = 'create' and state in`)) return rows as never
      isDone = true
      await meanwhile()
      return rows as never
    },
  }
  return stage.newWriter({ sql })
}

const entries = () =>
  stage.sql.query<{ id: string; state: string }>(
    'select record_key as id, state::text from sync_edit order by id',
  )
const keys = async () => (await stage.person.see()).slice(1).map(([key]) => key)

test('one that became a record while a slow look was under way does not wait again', async () => {
  const [id = ''] = await look()
  const slow = slowWriter(async () => {
    await stage.write([id])
    stage.records.put(stage.target, id, { name: 'trip b' })
    await stage.sql.query(`update sync_edit set state = 'applied', open = null`)
    await stage.write([id])
  })
  await look(slow)
  await look()
  expect(await entries()).toEqual([{ id, state: 'applied' }])
  expect(await keys()).toEqual(['a', id])
})

test('two looks at once make one record of a row', async () => {
  const others: string[] = []
  const slow = slowWriter(async () => others.push(...(await look())))
  const ids = [...(await look(slow)), ...others]
  expect(ids).toHaveLength(2)
  await stage.write(ids)
  await look()
  const [key, ...more] = (await keys()).slice(1)
  expect(more).toEqual([])
  expect(await entries()).toEqual([{ id: key, state: 'pending' }])
})

test.each([
  ['a row put in above', () => stage.person.insert('ROWS', 1)],
  ['a row put in between', () => stage.person.insert('ROWS', 2)],
  ['a row put in further down', () => stage.person.insert('ROWS', 4)],
  ['a row deleted', () => stage.person.delete('ROWS', 3)],
  ['rows sorted', () => stage.person.sort(1, 'DESCENDING')],
])('marks that hit other rows, because of %s, make records of the right ones', async (_what, move) => {
  stage.records.put(stage.target, 'x', { name: 'trip x' })
  await stage.write(['x'])
  await stage.person.type('Trips!B5:B7', [['trip p'], ['trip q'], ['trip r']])
  const first = await look()
  expect(first).toHaveLength(4)
  beforeNextWrite(stage, move)
  await stage.write(first)
  await stage.write([...new Set([...first, ...(await look())])])
  const waiting = await stage.sql.query<{ id: string; shown: { Name: string } }>(
    'select record_key as id, shown from sync_edit',
  )
  const expected = [['a', 'trip a'], ['x', 'trip x'], ...waiting.map(({ id, shown }) => [id, shown.Name])]
  const shown = (await stage.person.see()).slice(1).filter((cells) => cells.some(Boolean))
  expect(shown.toSorted()).toEqual(expected.toSorted())
  const names = waiting.map(({ shown }) => shown.Name).filter((name) => name !== 'trip b')
  expect(names.toSorted()).toEqual(['trip p', 'trip q', 'trip r'])
})

test('a row that is to become a record and was hit by the same call as its mark shows what was typed again', async () => {
  stage.records.put(stage.target, 'x', { name: 'trip x' })
  await stage.write(['x'])
  const at = (await stage.person.see()).findIndex(([key]) => key === 'x')
  await stage.person.type(`Trips!C${at}`, [['code b']])
  const ids = await look()
  stage.records.put(stage.target, 'x', { name: 'trip x, another' })
  // The row of b is where that of x was, and its mark goes above it.
  expect((await stage.person.see())[at - 1]?.[1]).toBe('trip b')
  beforeNextWrite(stage, () => stage.person.insert('ROWS', 1))
  await stage.write([...ids, 'x'])
  const [id = ''] = ids
  expect((await stage.person.see()).filter(([key]) => key)).toEqual([
    expect.arrayContaining(['ID']),
    ['a', 'trip a'],
    [id, 'trip b', 'code b'],
    ['x', 'trip x, another'],
  ])
  const [entry] = await stage.sql.query('select shown from sync_edit')
  expect(entry).toEqual({ shown: { Name: 'trip b', Code: 'code b' } })
})

describe('a mark that went over the key of a record which somebody has just edited', () => {
  it.each([
    ['by itself', false],
    ['in a call that removes a row as well', true],
  ])('makes no record of its row: %s', async (_how, removes) => {
    stage.records.put(stage.target, 'x', { name: 'trip x', code: 'code x' })
    stage.records.put(stage.target, 'y', { name: 'trip y', code: 'code y' })
    await stage.write(['x', 'y'])
    const ids = await look()
    const at = (await stage.person.see()).findIndex(([key]) => key === 'x')
    // Half of what the record last showed, and no look has seen that yet.
    await stage.person.type(`Trips!C${at + 1}`, [['edited']])
    expect((await stage.person.see())[at - 1]?.[1]).toBe('trip b')
    if (removes) stage.records.remove(stage.target, 'a')
    // In place of the row that goes another one does, and comes back.
    beforeNextWrite(stage, () =>
      removes ? stage.person.sort(1, 'DESCENDING') : stage.person.delete('ROWS', 1),
    )
    await stage.write(removes ? [...ids, 'a'] : ids)
    const rows = (await stage.person.see()).slice(1).filter(([key]) => key)
    expect(rows.toSorted()).toEqual(
      [
        ...(removes ? [] : [['a', 'trip a']]),
        [ids[0], 'trip b'],
        ['x', 'trip x', 'edited'],
        ['y', 'trip y', 'code y'],
      ].toSorted(),
    )
  })
})

/** A mark goes over the key of x, its worker dies, and the next one goes on. @returns the id of the mark */
async function markX(): Promise<string> {
  const [id = ''] = await look()
  const at = (await stage.person.see()).findIndex(([key]) => key === 'x')
  await stage.person.type(`Trips!A${at + 1}`, [[id]])
  const next = stage.newWriter()
  await stage.write([id], stage.target, next)
  expect(await keys()).toContain('x')
  await stage.write([...(await look(next))], stage.target, next)
  return id
}

test('a mark that a worker which died had put over the key of a record makes no record of its row', async () => {
  stage.records.put(stage.target, 'x', { name: 'trip x', code: 'code x' })
  await stage.write(['x'])
  const id = await markX()
  expect((await stage.person.see()).slice(1).filter(([key]) => key)).toEqual(
    expect.arrayContaining([
      [id, 'trip b'],
      ['x', 'trip x', 'code x'],
    ]),
  )
  expect(await stage.sql.query('select record_key as id, state::text, shown from sync_edit')).toEqual([
    { id, state: 'pending', shown: { Name: 'trip b' } },
  ])
})

test('nor does one whose row has cells in common with the record', async () => {
  stage.records.put(stage.target, 'x', { name: 'trip x', code: 'the same' })
  await stage.write(['x'])
  await stage.person.type('Trips!C3', [['the same']])
  const id = await markX()
  expect(await stage.sql.query('select record_key as id, state::text, shown from sync_edit')).toEqual([
    { id, state: 'pending', shown: { Name: 'trip b', Code: 'the same' } },
  ])
})

/** The worker marks rows, under which somebody puts one in, and has to leave before it knows what became of that. */
async function markUnseen(ids: readonly string[], move: () => Promise<void>): Promise<void> {
  const { faults } = stage.emulator.control
  beforeNextWrite(stage, async () => {
    await move()
    faults.add({ kind: 'status', status: 503, match: { calls: 'read' }, count: 20 })
  })
  faults.add({ kind: 'reset-after', match: { calls: 'write' } })
  const outcomes = await stage.write(ids)
  faults.remove()
  expect([...outcomes.values()].map(({ status }) => status)).not.toContain('done')
}

describe('a row that got the mark of another one, from a worker that could not look at it again', () => {
  const other = ['trip above', 'code above']
  const marked = async () => (await stage.person.see()).filter(([, name]) => name === other[0])
  let id = ''
  let next: SheetWriter
  beforeEach(async () => {
    ;[id = ''] = await look()
    await markUnseen([id], async () => {
      await stage.person.insert('ROWS', 2)
      await stage.person.type('Trips!B3:C3', [other])
    })
    expect(await marked()).toEqual([[id, ...other]])
    next = stage.newWriter()
    await writeInTheEnd(next)
  })
  // The lane rests a second after failures.
  const writeInTheEnd = (writer: SheetWriter) =>
    expect
      .poll(async () => (await stage.write([id], stage.target, writer)).get(id)?.status, { timeout: 10_000 })
      .toBe('done')

  const making = { shown: { Name: 'trip above', Code: 'code above' } }

  it('is the record that another worker has made of it since', async () => {
    expect(await stage.sql.query('select shown from sync_edit')).toEqual([making])
    stage.records.put(stage.target, id, { name: 'trip above', code: 'code above' })
    await stage.sql.query(`update sync_edit set state = 'applied', open = null`)
    await stage.sql.query(`insert into sync_record (target, record_key, base) values ($1, $2, $3)`, [
      stage.target.name,
      id,
      making.shown,
    ])
    await writeInTheEnd(stage.writer)
    await stage.write(await look())
    expect(await marked()).toEqual([[id, ...other]])
    const rows = (await stage.person.see()).slice(1).filter((cells) => cells.some(Boolean))
    expect(rows).toHaveLength(3)
    const [key, ...rest] = rows.find(([, name]) => name === 'trip b') ?? []
    expect(rest).toEqual(['trip b'])
    expect(key).not.toBe(id)
    expect(await entries()).toEqual([
      { id, state: 'applied' },
      { id: key, state: 'pending' },
    ])
  })

  it('is the record that is about to be made of it', async () => {
    await writeInTheEnd(stage.writer)
    expect(await marked()).toEqual([[id, ...other]])
    expect(await stage.sql.query(`select shown from sync_edit where record_key = $1`, [id])).toEqual([making])
  })
})

test.each(['reset-before', 'reset-after'] as const)(
  'what people typed stays, though calls that mark their rows are lost again and again (%s)',
  async (kind) => {
    const typed = ['b', 'c', 'd'].map((name) => [`trip ${name}`, `code ${name}`])
    await stage.person.type('Trips!B3:C5', typed)
    const ids = await look()
    const match = { method: 'spreadsheets.batchUpdate' }
    stage.emulator.control.faults.add({ kind, match, count: 2 })
    const written: string[] = []
    stage.emulator.control.before(async ({ method }, body) => {
      if (method === 'spreadsheets.batchUpdate') written.push(body)
    })
    await stage.write(ids)
    // Nothing but ids is written.
    for (const body of written) expect(body).not.toMatch(/trip|code|\{\}/)
    expect((await stage.person.see()).slice(2)).toEqual(typed.map((cells, at) => [ids[at], ...cells]))
  },
)

describe.each(['column', 'note'] as const)('the reason why a row became no record (%s)', (refusals) => {
  it('is written again by a comparison', async () => {
    const target = { ...stage.target, edits: editsSchema.parse({ newRows: 'create', refusals }) }
    const differing = async () => {
      const found: string[] = []
      for await (const page of stage.writer.compare(target)) found.push(...page.differs)
      return found
    }
    const [id = ''] = await look()
    await stage.write([id], target)
    await stage.sql.query(`update sync_edit set state = 'refused', reason = 'no such trip'`)
    expect(await differing()).toEqual([id])
    await stage.write([id], target)
    expect(await differing()).toEqual([])
  })
})
