import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { EditRefused, forClient } from '../../src/index.ts'
import { clientOf } from '../support/client-of.ts'
import { openWorld, SPREADSHEET, type World } from '../support/running-worker.ts'
import { until } from '../support/wait.ts'

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

const requests = sheetTarget({
  name: 'requests',
  spreadsheetId: SPREADSHEET,
  tab: 'Requests',
  model: 'Request',
  columns: [
    { header: 'Reference', field: 'reference', writable: true },
    { header: 'Customer', field: 'customerName', writable: true },
    { header: 'Travellers', field: 'passengers', writable: true },
    { header: 'Status', field: 'status', writable: true },
    { header: 'Budget', field: 'budget', writable: true },
    { header: 'Departure', field: 'departureOn', writable: true },
    { header: 'Summary', value: ({ reference, passengers }) => `${reference} for ${passengers}` },
  ],
  edits: {
    validate: z.object({ passengers: z.number().max(50, 'at most 50 travellers') }),
    check: (record, changes) => {
      if (changes.status === 'BOOKED' && record?.departureOn === null)
        throw new EditRefused('book it once the date of departure is known')
      return null
    },
    newRows: 'create',
    deletedRows: 'delete',
    detect: { everySeconds: 2 },
  },
})

let world: World

const rows = async () => (await world.person.see('Requests').catch(() => [])).slice(1)
const rowOf = async (reference: string) => (await rows()).find((row) => row[1] === reference)
const place = async (reference: string) => {
  const at = (await world.person.see('Requests')).findIndex((row) => row[1] === reference)
  expect(at, `a row of ${reference}`).toBeGreaterThan(0)
  return at + 1
}
const edits = async () =>
  await world.sql.query<{ record_key: string; column_name: string; state: string; reason: string | null }>(
    `select record_key, kind::text, column_name, state::text, reason from sync_edit order by id`,
  )

beforeAll(async () => {
  world = await openWorld((url) => defineConfig({ client: () => clientOf(url), targets: [requests] }))
  await world.work()
  for (const reference of ['R1', 'R2', 'R3'])
    await world.app.request.create({ data: { reference, customerName: `Customer of ${reference}` } })
  await until('the rows stand', async () => (await rows()).length === 3, 30_000)
}, 60_000)
afterAll(() => world.close())

describe('what people type', () => {
  it('reaches the record, and everything that follows it', async () => {
    const row = await place('R1')
    await world.person.type(`Requests!D${row}`, [[7]])
    await until(
      'the record has it',
      async () => (await world.app.request.findUnique({ where: { reference: 'R1' } }))?.passengers === 7,
      30_000,
    )
    await until('the computed column follows', async () => (await rowOf('R1'))?.[7] === 'R1 for 7', 30_000)
    expect((await edits()).map(({ column_name, state }) => [column_name, state])).toEqual([
      ['Travellers', 'applied'],
    ])
  })

  it('causes no write: the sheet shows it already', async () => {
    let writes = 0
    const undo = world.emulator.control.before(async ({ method }) => {
      if (method === 'spreadsheets.batchUpdate') writes++
    })
    await world.person.type(`Requests!C${await place('R1')}`, [['Jane Doe']])
    await until(
      'the record has it',
      async () =>
        (await world.app.request.findUnique({ where: { reference: 'R1' } }))?.customerName === 'Jane Doe',
      30_000,
    )
    await world.settled('requests')
    undo()
    expect(writes).toBe(0)
  })

  it('is refused with the reason beside it, and the cell keeps what was typed', async () => {
    const row = await place('R2')
    await world.person.type(`Requests!D${row}`, [['many']])
    await until(
      'the reason stands beside it',
      async () => String((await rowOf('R2'))?.[8]).startsWith('Travellers: '),
      30_000,
    )
    expect((await rowOf('R2'))?.[3]).toBe('many')
    expect((await world.app.request.findUnique({ where: { reference: 'R2' } }))?.passengers).toBe(1)
    // Another change of the record leaves it alone.
    await world.app.request.update({ where: { reference: 'R2' }, data: { customerName: 'Somebody' } })
    await until('the other column follows', async () => (await rowOf('R2'))?.[2] === 'Somebody', 30_000)
    expect((await rowOf('R2'))?.[3]).toBe('many')
    await world.person.type(`Requests!D${await place('R2')}`, [[51]])
    await until(
      'the schema refuses it',
      async () => String((await rowOf('R2'))?.[8]).includes('at most 50 travellers'),
      30_000,
    )
    await world.person.type(`Requests!D${await place('R2')}`, [['2-3']])
    await until(
      'what Sheets takes for a day is no number of travellers',
      async () => String((await rowOf('R2'))?.[8]).includes('is a date to the sheet'),
      30_000,
    )
    await world.person.type(`Requests!D${await place('R2')}`, [[5]])
    await until(
      'it is right',
      async () => (await rowOf('R2'))?.[8] === undefined || (await rowOf('R2'))?.[8] === '',
      30_000,
    )
    await until(
      'the record has it',
      async () => (await world.app.request.findUnique({ where: { reference: 'R2' } }))?.passengers === 5,
      30_000,
    )
  })

  it('does not block other cells of the row', async () => {
    const row = await place('R3')
    await world.person.type(`Requests!C${row}:E${row}`, [['Jane Roe', 3, 'BOOKED']])
    await until(
      'the good ones are there',
      async () => {
        const record = await world.app.request.findUnique({ where: { reference: 'R3' } })
        return record?.customerName === 'Jane Roe' || String((await rowOf('R3'))?.[8]).includes('book it')
      },
      30_000,
    )
    await until('the reason stands', async () => String((await rowOf('R3'))?.[8]).includes('book it'), 30_000)
    await world.person.type(`Requests!G${await place('R3')}:G${await place('R3')}`, [['2027-05-01']])
    await world.person.type(`Requests!E${await place('R3')}`, [['NEW']])
    await until('all is well', async () => !(await rowOf('R3'))?.[8], 30_000)
  })

  it('makes one record of each row that is added, with its id as the key', async () => {
    const all = await world.person.see('Requests')
    const next = all.length + 1
    await world.person.type(`Requests!B${next}:E${next + 1}`, [
      ['N1', 'New One', 2, 'NEW'],
      ['N2', 'New Two', 4, 'OFFERED'],
    ])
    await until(
      'the records are there',
      async () => (await world.app.request.count({ where: { reference: { in: ['N1', 'N2'] } } })) === 2,
      30_000,
    )
    const made = await world.app.request.findUniqueOrThrow({ where: { reference: 'N2' } })
    await until('the row is theirs', async () => (await rowOf('N2'))?.[7] === 'N2 for 4', 30_000)
    expect((await rowOf('N2'))?.[0]).toBe(made.id)
    expect(await rows()).toHaveLength(5)
    expect(await world.app.request.count()).toBe(5)
  })

  it('deletes the record of a row that is deleted, and asks before it deletes many', async () => {
    await world.person.delete('ROWS', (await place('N1')) - 1, undefined, 'Requests')
    await until('the record is gone', async () => (await world.app.request.count()) === 4, 30_000)
    await world.person.delete('ROWS', 1, 4, 'Requests')
    await until(
      'the target stops',
      async () => {
        const { targets } = await world.operations.stats()
        return targets.find(({ target }) => target === 'requests')?.state === 'stopped'
      },
      30_000,
    )
    expect(await world.app.request.count()).toBe(4)
    await world.operations.approve('requests', { restore: true }, { actor: 'test' })
    await until('the rows are back', async () => (await rows()).length === 4, 30_000)
    expect(await world.app.request.count()).toBe(4)
  })
})
