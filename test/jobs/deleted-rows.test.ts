import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../src/index.ts'
import { clientOf } from '../support/client-of.ts'
import { openWorld, SPREADSHEET, type World } from '../support/running-worker.ts'
import { until } from '../support/wait.ts'

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

const operators = sheetTarget({
  name: 'operators',
  spreadsheetId: SPREADSHEET,
  tab: 'Operators',
  model: 'Operator',
  columns: [
    { header: 'Code', field: 'code' },
    { header: 'Name', field: 'name', writable: true },
  ],
  edits: { deletedRows: 'delete', detect: { everySeconds: 2 } },
})

const WITHIN_MS = 40_000
const COUNT = 30
let world: World

const rows = async () => (await world.person.see('Operators').catch(() => [])).slice(1)
const rowOf = async (code: string) => {
  const at = (await rows()).findIndex((row) => row[1] === code)
  expect(at, code).toBeGreaterThanOrEqual(0)
  return at + 1
}
const state = async () =>
  (await world.operations.stats()).targets.find(({ target }) => target === 'operators')?.state

beforeEach(async () => {
  world = await openWorld((url) => defineConfig({ client: () => clientOf(url), targets: [operators] }))
  await world.app.country.create({ data: { code: 'CH', name: 'Switzerland' } })
  await world.app.operator.createMany({
    data: Array.from({ length: COUNT }, (_, at) => ({
      ...{ code: `C${at}`, name: `Operator ${at}`, countryCode: 'CH' },
    })),
  })
  await world.work()
  await until('the rows stand', async () => (await rows()).length === COUNT, WITHIN_MS)
}, 60_000)
afterEach(() => world.close())

describe('rows that people delete', () => {
  it('delete their record, one at a time', async () => {
    await world.person.delete('ROWS', await rowOf('C7'), undefined, 'Operators')
    await until('the record is gone', async () => (await world.app.operator.count()) === COUNT - 1, WITHIN_MS)
    expect(await world.app.operator.count({ where: { code: 'C7' } })).toBe(0)
    await world.settled('operators')
    const kept = await world.sql.query(`select from sync_record where target = 'operators'`)
    expect(kept).toHaveLength(COUNT - 1)
  })

  it('stop the target when they are many, and delete nothing until somebody says so', async () => {
    const at = await rowOf('C3')
    await world.person.delete('ROWS', at, at + 12, 'Operators')
    await until('the target stops', async () => (await state()) === 'stopped', WITHIN_MS)
    expect(await world.app.operator.count()).toBe(COUNT)
    const { records } = await world.operations.approve('operators', {}, { actor: 'test' })
    expect(records).toBe(12)
    await until(
      'the records are gone',
      async () => (await world.app.operator.count()) === COUNT - 12,
      WITHIN_MS,
    )
    expect(await state()).toBe('active')
  })

  it('delete nothing when all of them are emptied, or the tab is deleted', async () => {
    await world.person.do({
      updateCells: {
        range: { sheetId: await world.person.sheetId('Operators'), startRowIndex: 1 },
        fields: 'userEnteredValue',
      },
    })
    await until('the target stops', async () => (await state()) === 'stopped', WITHIN_MS)
    expect(await world.app.operator.count()).toBe(COUNT)
    await world.operations.approve('operators', { restore: true }, { actor: 'test' })
    await until(
      'the rows are back',
      async () => (await rows()).filter(([key]) => key).length === COUNT,
      WITHIN_MS,
    )
    await world.person.do(
      { addSheet: { properties: { title: 'Theirs' } } },
      { deleteSheet: { sheetId: await world.person.sheetId('Operators') } },
    )
    await world.app.operator.update({ where: { code: 'C1' }, data: { name: 'Renamed' } })
    await until('the tab is made again', async () => (await rows()).length === COUNT, WITHIN_MS)
    expect(await world.app.operator.count()).toBe(COUNT)
  })

  it('are held when they are many, also that of a record which the application writes first', async () => {
    await world.person.delete('ROWS', 1, 21, 'Operators')
    const left = new Set((await rows()).map((row) => row[1]))
    const gone = await world.app.operator.findMany({ where: { code: { notIn: [...left].map(String) } } })
    const [{ code = '' } = {}] = gone
    await world.app.operator.update({ where: { code }, data: { name: 'Renamed' } })
    await until('the target stops', async () => (await state()) === 'stopped', WITHIN_MS)
    expect(await world.app.operator.count()).toBe(COUNT)
    await world.operations.approve('operators', {}, { actor: 'test' })
    await until(
      'the records are gone',
      async () => (await world.app.operator.count()) === COUNT - 20,
      WITHIN_MS,
    )
    expect(await state()).toBe('active')
  })

  it('come back with the reason where the record cannot be deleted', async () => {
    await world.sql.query(`create function keep() returns trigger language plpgsql as
      $$ begin raise exception 'an operator with open invoices stays'; end $$`)
    await world.sql.query(
      'create trigger keep before delete on operators for each row execute function keep()',
    )
    await world.person.delete('ROWS', await rowOf('C9'), undefined, 'Operators')
    await until(
      'the row is back',
      async () => (await rows()).some((row) => row[1] === 'C9' && String(row[3]).includes('open invoices')),
      WITHIN_MS,
    )
    expect(await world.app.operator.count()).toBe(COUNT)
  })

  it('are nobody’s when undo brings them back after the record is gone', async () => {
    const before = (await rows()).find((row) => row[1] === 'C5') ?? []
    await world.person.delete('ROWS', await rowOf('C5'), undefined, 'Operators')
    await until('the record is gone', async () => (await world.app.operator.count()) === COUNT - 1, WITHIN_MS)
    await world.settled('operators')
    await world.person.insert('ROWS', 5, 6, 'Operators')
    await world.person.type('Operators!A6:C6', [before])
    await world.app.operator.update({ where: { code: 'C1' }, data: { name: 'Renamed' } })
    await until(
      'a batch has seen it',
      async () => (await rows()).some((row) => row[2] === 'Renamed'),
      WITHIN_MS,
    )
    await world.settled('operators')
    expect((await rows())[4]?.slice(0, 3)).toEqual(before.slice(0, 3))
    expect(await world.app.operator.count()).toBe(COUNT - 1)
  })
})
