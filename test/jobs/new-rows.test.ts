import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../src/index.ts'
import { clientOf } from '../support/client-of.ts'
import { openWorld, SPREADSHEET, type World } from '../support/running-worker.ts'
import { until } from '../support/wait.ts'

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

/** Requests of cuid ids, and operators of ids that a sequence of the database makes. */
const requests = sheetTarget({
  name: 'requests',
  spreadsheetId: SPREADSHEET,
  tab: 'Requests',
  model: 'Request',
  columns: [
    { header: 'Reference', field: 'reference', writable: true },
    { header: 'Customer', field: 'customerName', writable: true },
    { header: 'Summary', value: ({ reference, customerName }) => `${reference} ${customerName}` },
  ],
  edits: { newRows: 'create', detect: { everySeconds: 2 }, defaults: () => ({ currency: 'CHF' }) },
})
const operators = sheetTarget({
  name: 'operators',
  spreadsheetId: SPREADSHEET,
  tab: 'Operators',
  model: 'Operator',
  columns: [
    { header: 'Code', field: 'code', writable: true },
    { header: 'Name', field: 'name', writable: true },
    { header: 'Country', field: 'countryCode', writable: true },
    { header: 'Commission', field: 'commissionRate', writable: true },
  ],
  edits: { newRows: 'create', detect: { everySeconds: 2 } },
})

const WITHIN_MS = 40_000
let world: World

const rows = async (tab = 'Requests') => (await world.person.see(tab).catch(() => [])).slice(1)
/** Every record has one row, and every row with a key is a record's. */
async function assertOneEach() {
  const records = await world.app.request.findMany()
  const keys = (await rows()).flatMap(([key]) => (key === undefined || key === '' ? [] : [String(key)]))
  expect(keys.sort()).toEqual(records.map(({ id }) => id).sort())
}

beforeEach(async () => {
  world = await openWorld((url) =>
    defineConfig({ client: () => clientOf(url), targets: [requests, operators] }),
  )
  await world.app.country.create({ data: { code: 'CH', name: 'Switzerland' } })
  await world.work()
  await world.app.request.create({ data: { reference: 'R1', customerName: 'First' } })
  await until('a row stands', async () => (await rows()).length === 1, WITHIN_MS)
}, 60_000)
afterEach(() => world.close())

describe('rows that people add', () => {
  it('become one record each when a hundred are pasted, some of them alike', async () => {
    const pasted = Array.from({ length: 100 }, (_, at) => [
      `P${at}`,
      at % 7 === 0 ? 'The same' : `Guest ${at}`,
    ])
    await world.person.type('Requests!B3:C102', pasted)
    await until('the records are there', async () => (await world.app.request.count()) === 101, WITHIN_MS)
    await until(
      'the rows are theirs',
      async () =>
        (await rows()).every(
          ([key, reference, customer, summary]) => key && summary === `${reference} ${customer}`,
        ),
      WITHIN_MS,
    )
    await assertOneEach()
    expect(await world.app.request.count({ where: { currency: 'CHF' } })).toBe(100)
  })

  it('wait until what is required is there, and take what comes later as edits', async () => {
    await world.person.type('Requests!C3', [['Slow typist']])
    // The look that sees a new row of somebody else has seen this one as well.
    await world.person.type('Requests!B5:C5', [['Q1', 'Quick']])
    await until('the other is a record', async () => (await world.app.request.count()) === 2, WITHIN_MS)
    expect(await world.app.request.count({ where: { customerName: 'Slow typist' } })).toBe(0)
    // Whoever empties a key with the space bar leaves a blank there.
    await world.person.type('Requests!A3:B3', [[' ', 'S1']])
    await until('the record is there', async () => (await world.app.request.count()) === 3, WITHIN_MS)
    await world.person.type('Requests!C3', [['Somebody else']])
    await until(
      'the record follows',
      async () =>
        (await world.app.request.findUnique({ where: { reference: 'S1' } }))?.customerName ===
        'Somebody else',
      WITHIN_MS,
    )
    await assertOneEach()
  })

  it('are a record of their own when they are copies', async () => {
    const [first] = await rows()
    await world.person.type('Requests!A3:C3', [[first?.[0] ?? '', 'R1', 'First']])
    // Two requests cannot have one reference: the reason stands beside the copy, until it has another.
    await until(
      'the copy is refused',
      async () => {
        const copy = (await rows()).find(([key, reference]) => reference === 'R1' && key !== first?.[0])
        return String(copy?.[4] ?? '') !== '' || undefined
      },
      WITHIN_MS,
    )
    expect(await world.app.request.count()).toBe(1)
    const all = await rows()
    const at = all.findIndex(([key]) => key !== first?.[0])
    await world.person.type(`Requests!B${at + 2}`, [['R2']])
    await until('the copy is a record', async () => (await world.app.request.count()) === 2, WITHIN_MS)
    await until('the reason is gone', async () => (await rows()).every((row) => !row[4]), WITHIN_MS)
    await assertOneEach()
  })

  it('that were refused are gone when their row is, and a copy of one is a new row', async () => {
    const open = async () => (await world.sql.query('select from sync_edit where open')).length
    const refused = async (count: number) =>
      (await rows()).filter((row) => String(row[4] ?? '') !== '').length === count
    await world.person.type('Requests!B3:C3', [['R1', 'The same reference']])
    await until('it is refused', () => refused(1), WITHIN_MS)
    const [key, ...cells] = (await rows())[1] ?? []
    // The copy has another reference, and its key.
    await world.person.type('Requests!A4:C4', [[String(key), 'R2', String(cells[1])]])
    await until('the copy is a record', async () => (await world.app.request.count()) === 2, WITHIN_MS)
    expect((await rows())[1]?.[0]).toBe(key)
    await world.person.delete('ROWS', 2, 3, 'Requests')
    await until('nothing waits for anybody', async () => (await open()) === 0, WITHIN_MS)
    await world.person.type('Requests!B4:C4', [['R1', 'Once more']])
    await until('it is refused', () => refused(1), WITHIN_MS)
    await world.person.type('Requests!A4:C4', [['', '', '']])
    await until('nothing waits for anybody', async () => (await open()) === 0, WITHIN_MS)
    await assertOneEach()
  })

  it('are found again when rows are sorted and inserted meanwhile', async () => {
    for (let round = 0; round < 5; round++) {
      const length = (await rows()).length
      await world.person.type(`Requests!B${length + 2}:C${length + 3}`, [
        [`M${round}`, 'Moved'],
        [`N${round}`, 'Moved'],
      ])
      await world.person.insert('ROWS', 1, 2, 'Requests')
      await world.person.sort(1, round % 2 === 0 ? 'DESCENDING' : 'ASCENDING', 'Requests')
      await until(
        'the records are there',
        async () => (await world.app.request.count()) === 3 + 2 * round,
        WITHIN_MS,
      )
      await until(
        'every row has its key',
        async () =>
          (await rows()).every(([key, reference]) => !reference || (key !== undefined && key !== '')),
        WITHIN_MS,
      )
    }
    await assertOneEach()
  })

  it('get ids that the database makes, too', async () => {
    await world.app.operator.create({ data: { code: '001', name: 'One', countryCode: 'CH' } })
    await until('the tab is there', async () => (await rows('Operators')).length === 1, WITHIN_MS)
    await world.person.type('Operators!B3:D4', [
      ['002', 'Two', 'CH'],
      ['003', 'Three', 'XX'],
    ])
    await until('the record is there', async () => (await world.app.operator.count()) === 2, WITHIN_MS)
    const two = await world.app.operator.findUniqueOrThrow({ where: { code: '002' } })
    // What the schema has a default for is not waited for.
    expect(Number(two.commissionRate)).toBe(0)
    expect((await rows('Operators')).find((row) => row[1] === '002')?.[0]).toBe(two.id)
    await until(
      'the other one is refused',
      async () => String((await rows('Operators')).find((row) => row[1] === '003')?.[5] ?? '') !== '',
      WITHIN_MS,
    )
    const before = await rows('Operators')
    const at = before.findIndex((row) => row[1] === '003')
    await world.person.type(`Operators!D${at + 2}`, [['CH']])
    await until('it is right', async () => (await world.app.operator.count()) === 3, WITHIN_MS)
  })
})

describe('a row whose key somebody emptied', () => {
  const keyOf = async (customer: string) => (await rows()).find((row) => row[2] === customer)?.[0]

  it('gets it back, and becomes no record of its own', async () => {
    await world.app.request.create({ data: { reference: 'R2', customerName: 'Second' } })
    await until('both stand', async () => (await rows()).length === 2, WITHIN_MS)
    const key = await keyOf('Second')
    await world.person.type('Requests!A3', [['']])
    await until('the key is back', async () => (await keyOf('Second')) === key, WITHIN_MS)
    await assertOneEach()
    expect(await world.sql.query('select kind, state, reason from sync_edit')).toEqual([])
  })

  it('gets it back although somebody typed into it as well: that is an edit', async () => {
    const key = await keyOf('First')
    await world.person.type('Requests!A2:C2', [['', 'R1', 'Somebody else']])
    await until(
      'the record follows',
      async () => (await world.app.request.findFirst())?.customerName === 'Somebody else',
      WITHIN_MS,
    )
    expect(await keyOf('Somebody else')).toBe(key)
    await assertOneEach()
  })

  it('gets it back where the whole column was emptied', { timeout: 120_000 }, async () => {
    const many = Array.from({ length: 1_200 }, (_, at) => ({
      reference: `M${at}`,
      customerName: `Guest ${at}`,
    }))
    await world.app.request.createMany({ data: many })
    await until('all stand', async () => (await rows()).length === 1_201, WITHIN_MS)
    const before = (await rows()).map(([key, reference]) => [key, reference])
    await world.person.type('Requests!A2:A1202', Array(1_201).fill(['']))
    await until('every key is back', async () => (await rows()).every(([key]) => Boolean(key)), WITHIN_MS)
    expect((await rows()).map(([key, reference]) => [key, reference])).toEqual(before)
    await assertOneEach()
    expect(await world.sql.query('select kind, state, reason from sync_edit')).toEqual([])
  })

  it('does not hold up a new row that looks like it, once it has its key', async () => {
    await world.person.type('Requests!A2', [['']])
    await world.person.type('Requests!B3:C3', [['R3', 'First']])
    await until('the other is a record', async () => (await world.app.request.count()) === 2, WITHIN_MS)
    await until(
      'both have keys',
      async () => (await rows()).every(([key]) => key !== undefined && key !== ''),
      WITHIN_MS,
    )
    await assertOneEach()
  })
})
