import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { editsSchema } from '../../../../src/targets/sheet/config/edits.ts'
import { until } from '../../../support/wait.ts'
import { beforeNextRead, beforeNextWrite } from '../support/between.ts'
import { type Stage, setStage } from '../support/stage.ts'

/*
 * An edit waits for its job, and meanwhile the library writes its cell: rows were moved right before a write, or the row, the
 * column or the tab is gone and made again. The place does not show the edit any more. Were it applied, what the library
 * has just written would look like the next edit.
 */

let stage: Stage
beforeEach(async () => {
  stage = await setStage({
    columns: [
      { header: 'Name', field: 'name', writable: true },
      { header: 'Seats', field: 'seats' },
    ],
    edits: editsSchema.parse({}),
  })
  stage.records.put(stage.target, 'a', { name: 'Anna', seats: 1 })
  stage.records.put(stage.target, 'b', { name: 'Bert', seats: 2 })
  await stage.write(['a', 'b'])
})
afterEach(() => stage.close())

const edits = () => stage.sql.query(`select record_key as id, state::text, shown from sync_edit order by id`)
const baseOf = async (id: string) =>
  (await stage.sql.query<{ base: object }>('select base from sync_record where record_key = $1', [id]))[0]
    ?.base
const nameOf = async (id: string) => {
  const [header = [], ...rows] = await stage.person.see()
  return rows.find((row) => row[header.indexOf('ID')] === id)?.[header.indexOf('Name')]
}

/** Somebody types a name beside a record, and a batch has seen it. */
async function typed(): Promise<void> {
  await stage.person.type('Trips!B2', [['Somebody']])
  await stage.write(['a'])
  expect(await edits()).toEqual([{ id: 'a', state: 'pending', shown: 'Somebody' }])
}

/** What its job does. */
async function apply(): Promise<void> {
  const applied = await stage.sql.query(
    `update sync_edit set state = 'applied', open = null where open and state = 'pending' returning 1`,
  )
  if (applied.length === 0) return
  await stage.sql.query(`update sync_record set base = base || '{"Name": "Somebody"}' where record_key = 'a'`)
  stage.records.put(stage.target, 'a', { name: 'Somebody', seats: 1 })
}

/** The write of one record hits the row of the other. */
async function hitRow(): Promise<void> {
  stage.records.put(stage.target, 'b', { name: 'Berta', seats: 2 })
  beforeNextWrite(stage, () => stage.person.sort(0, 'DESCENDING'))
}

const deleteTab = async () => {
  await stage.person.do({ addSheet: { properties: { title: 'Other' } } })
  await stage.person.do({ deleteSheet: { sheetId: await stage.person.sheetId() } })
}

const WAYS: readonly (readonly [what: string, act: () => Promise<unknown>])[] = [
  ['a write hit another row', hitRow],
  [
    'the answer of such a write was lost',
    async () => {
      await hitRow()
      stage.emulator.control.faults.add({ kind: 'reset-after', match: { calls: 'write' }, count: 1 })
    },
  ],
  ['the row is deleted', () => stage.person.delete('ROWS', 1)],
  ['the column is deleted', () => stage.person.delete('COLUMNS', 1)],
  ['the tab is deleted', deleteTab],
]

describe.each(WAYS)('where %s', (_what, act) => {
  test('an edit that waits is over once its cell is written', async () => {
    await typed()
    await act()
    await stage.write(['a', 'b'])
    expect(await nameOf('a')).toBe('Anna')
    expect(await edits()).toEqual([{ id: 'a', state: 'lost', shown: 'Somebody' }])
    await apply()
    await stage.write(['a', 'b'])
    expect(await nameOf('a')).toBe('Anna')
    expect(await edits()).toHaveLength(1)
  })

  test('what was written is agreed on, and the next edit is seen', async () => {
    await act()
    await stage.write(['a', 'b'])
    expect(await baseOf('a')).toMatchObject({ Name: 'Anna', Seats: 1 })
    const [header = [], ...rows] = await stage.person.see()
    const letter = 'ABCDEF'[header.indexOf('Name')]
    const at = rows.findIndex((row) => row[header.indexOf('ID')] === 'a') + 2
    await stage.person.type(`Trips!${letter}${at}`, [['Somebody']])
    await stage.write(['a'])
    expect(await edits()).toEqual([{ id: 'a', state: 'pending', shown: 'Somebody' }])
  })

  test('one that is applied while the sheet is read stands in the sheet', async () => {
    await typed()
    await act()
    const { reads } = stage.records
    beforeNextRead(stage, async () => {
      await until('the database was read', async () => stage.records.reads > reads)
      await apply()
    })
    await stage.write(['a', 'b'])
    await stage.write(['a', 'b'])
    expect(await nameOf('a')).toBe('Somebody')
    expect(await baseOf('a')).toMatchObject({ Name: 'Somebody' })
    const [first, ...others] = await edits()
    expect(first).toEqual({ id: 'a', state: 'applied', shown: 'Somebody' })
    expect(others.filter(({ state }) => state === 'pending')).toEqual([])
  })
})

it('a row that is to become a record gets back what stood in a cell that a write has hit', async () => {
  await stage.person.type('Trips!A4:C4', [['n', 'Nina', 3]])
  await stage.sql.query(`insert into sync_edit (target, record_key, kind, column_name, shown, state)
    values ('trips', 'n', 'create', '', '{"Name": "Nina"}', 'pending')`)
  stage.records.put(stage.target, 'b', { name: 'Berta', seats: 2 })
  beforeNextWrite(stage, () => stage.person.move('ROWS', 3, 2))
  await stage.write(['a', 'b'])
  expect(await nameOf('n')).toBe('Nina')
  expect(await nameOf('b')).toBe('Berta')
  expect(await edits()).toEqual([{ id: 'n', state: 'pending', shown: { Name: 'Nina' } }])
})

it('an edit is none whose cell the same batch writes over', async () => {
  await stage.person.type('Trips!B2', [['Somebody']])
  await hitRow()
  await stage.write(['a', 'b'])
  expect(await nameOf('a')).toBe('Anna')
  expect(await edits()).toEqual([])
})

describe('a cell that a write hit, and that the repair writes over', () => {
  it('is listed as lost where somebody typed into it in between', async () => {
    await hitRow()
    // Rows stand the other way round now: the write hit the row of a.
    const typedBetween = () =>
      beforeNextRead(stage, async () => {
        const at = (await stage.person.see()).findIndex(([key]) => key === 'a')
        await stage.person.type(`Trips!B${at + 1}`, [['Somebody']])
      })
    stage.emulator.control.before(async ({ method }) => {
      if (method === 'spreadsheets.batchUpdate' && (await nameOf('a')) === 'Anna') typedBetween()
    })
    await stage.write(['b'])
    expect([await nameOf('a'), await nameOf('b')]).toEqual(['Anna', 'Berta'])
    expect(await edits()).toEqual([{ id: 'a', state: 'lost', shown: 'Somebody' }])
  })

  it('is not listed where it shows what was meant for another record', async () => {
    await hitRow()
    await stage.write(['b'])
    expect([await nameOf('a'), await nameOf('b')]).toEqual(['Anna', 'Berta'])
    expect(await edits()).toEqual([])
  })
})

describe('a cell of which nobody knows what it showed, as after a worker that died while it repaired', () => {
  const forget = () => stage.sql.query(`update sync_record set base = base - 'Name' where record_key = 'a'`)
  const look = () => stage.look()

  it('is asked about by a look, once, and then an edit of it is one', async () => {
    await forget()
    expect(await look()).toEqual(['a'])
    expect(await look()).toEqual([])
    await stage.write(['a'])
    await stage.person.type('Trips!B2', [['Somebody']])
    expect(await look()).toEqual(['a'])
    await stage.write(['a'])
    expect(await edits()).toEqual([{ id: 'a', state: 'pending', shown: 'Somebody' }])
  })

  it('is listed as lost where somebody typed into it before', async () => {
    await forget()
    await stage.person.type('Trips!B2', [['Somebody']])
    await stage.write(await look())
    expect(await nameOf('a')).toBe('Anna')
    expect(await edits()).toEqual([{ id: 'a', state: 'lost', shown: 'Somebody' }])
  })
})

describe('a row whose worker died before it had noted what it wrote there', () => {
  const ids = Array.from({ length: 30 }, (_, at) => `new ${at}`)
  const add = async (some: readonly string[]) => {
    for (const id of some) stage.records.put(stage.target, id, { name: `of ${id}`, seats: 3 })
    await stage.write(some)
    await stage.sql.query('delete from sync_record where record_key = any($1)', [some])
    const first = (await stage.person.see()).findIndex(([key]) => key === some[0]) + 1
    await stage.person.type(
      `Trips!B${first}:B${first + some.length - 1}`,
      some.map(() => ['Somebody']),
    )
    await stage.write(some, stage.target, stage.newWriter())
    for (const id of some) expect(await nameOf(id)).toBe(`of ${id}`)
  }

  it('is written again, and what somebody typed into it meanwhile is listed as lost', async () => {
    await add(ids.slice(0, 1))
    expect(await edits()).toEqual([{ id: 'new 0', state: 'lost', shown: 'Somebody' }])
  })

  it('is taken for one of a tab that is taken over where there are many', async () => {
    await add(ids)
    expect(await edits()).toEqual([])
  })
})
