import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { EditRefused, forClient } from '../../src/index.ts'
import { clientOf } from '../support/client-of.ts'
import { openWorld, SPREADSHEET, type World } from '../support/running-worker.ts'
import { until } from '../support/wait.ts'

/* Refusals as notes, with a worker: from what a person types to the note on the cell, and back. */

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
  ],
  edits: {
    check: (record, _changes, { kind }) => {
      if (kind === 'remove' && record?.reference === 'R1') throw new EditRefused('R1 is the first one')
      return null
    },
    newRows: 'create',
    deletedRows: 'delete',
    refusals: 'note',
    detect: { everySeconds: 2 },
  },
})

const WITHIN_MS = 40_000
let world: World

const rows = async () => (await world.person.see('Requests').catch(() => [])).slice(1)
const place = async (reference: string) => {
  const at = (await rows()).findIndex((row) => row[1] === reference)
  expect(at, `a row of ${reference}`).toBeGreaterThanOrEqual(0)
  return at + 2
}
/** Cells below the header that are not plain: their note, and whether they have a background. */
async function looks(): Promise<[cell: string, note: string, isColoured: boolean][]> {
  const { data } = await world.person.api.spreadsheets.get({
    spreadsheetId: SPREADSHEET,
    ranges: ["'Requests'!A2:Z"],
    fields: 'sheets(data(rowData(values(note,userEnteredFormat(backgroundColorStyle)))))',
  })
  return (data.sheets?.[0]?.data?.[0]?.rowData ?? []).flatMap(({ values }, row) =>
    (values ?? []).flatMap(({ note, userEnteredFormat }, column): [string, string, boolean][] => {
      const isColoured = userEnteredFormat?.backgroundColorStyle !== undefined
      return note || isColoured
        ? [[`${String.fromCharCode(65 + column)}${row + 2}`, note ?? '', isColoured]]
        : []
    }),
  )
}
/** Notes below the header, by cell. */
async function notes(): Promise<Record<string, string>> {
  return Object.fromEntries((await looks()).flatMap(([cell, note]) => (note ? [[cell, note]] : [])))
}
/** A person deletes the notes of all rows. */
async function deleteNotes(): Promise<void> {
  const range = { sheetId: await world.person.sheetId('Requests'), startRowIndex: 1 }
  await world.person.do({ updateCells: { range, fields: 'note' } })
}

beforeEach(async () => {
  world = await openWorld((url) => defineConfig({ client: () => clientOf(url), targets: [requests] }))
  await world.work()
  for (const reference of ['R1', 'R2', 'R3'])
    await world.app.request.create({ data: { reference, customerName: `Customer of ${reference}` } })
  await until('the rows stand', async () => (await rows()).length === 3, WITHIN_MS)
}, 60_000)
afterEach(() => world.close())

describe('a refusal', () => {
  it('stands on the cell, goes when it is right, and a comparison finds nothing to do', async () => {
    const row = await place('R2')
    await world.person.type(`Requests!D${row}`, [['many']])
    await until(
      'the note stands',
      async () => /^⚠ Not stored: .*whole number/.test((await notes())[`D${row}`] ?? ''),
      WITHIN_MS,
    )
    expect((await world.person.see('Requests'))[0]).toEqual(['ID', 'Reference', 'Customer', 'Travellers'])
    await world.settled('requests')
    const { output } = await world.reconcile('requests')
    expect(output).toMatchObject({ found: [{ target: 'requests', differs: 0, missing: 0, surplus: 0 }] })
    await world.person.type(`Requests!D${row}`, [[5]])
    await until('the note is gone', async () => Object.keys(await notes()).length === 0, WITHIN_MS)
    await until(
      'the record has it',
      async () => (await world.app.request.findUnique({ where: { reference: 'R2' } }))?.passengers === 5,
      WITHIN_MS,
    )
    expect(Object.keys(await notes())).toEqual([])
  })

  it('leaves no colour behind in a row, or a new one, whose notes a person deleted', async () => {
    const row = await place('R2')
    await world.person.type(`Requests!D${row}`, [['many']])
    await world.person.type('Requests!B5:D5', [['R1', 'A second one', 2]])
    await until('both are marked', async () => Object.keys(await notes()).length === 2, WITHIN_MS)
    await world.settled('requests')
    await deleteNotes()
    expect(await looks()).toEqual([
      [`D${row}`, '', true],
      ['A5', '', true],
    ])
    await world.person.type(`Requests!D${row}`, [[5]])
    await world.person.type('Requests!B5', [['R4']])
    await until(
      'the records have it',
      async () =>
        (await world.app.request.count()) === 4 &&
        (await world.app.request.count({ where: { passengers: 5 } })) === 1,
      WITHIN_MS,
    )
    await world.settled('requests')
    expect(await looks()).toEqual([])
  })

  it('goes when the database comes to have what was typed', async () => {
    const row = await place('R2')
    await world.person.type(`Requests!B${row}`, [['R3']])
    await until('the note stands', async () => (await notes())[`B${row}`] !== undefined, WITHIN_MS)
    await world.app.request.delete({ where: { reference: 'R3' } })
    await world.app.request.update({ where: { reference: 'R2' }, data: { reference: 'R3' } })
    await until('the note is gone', async () => Object.keys(await notes()).length === 0, WITHIN_MS)
  })

  it('of a new row stands on its key, until the row is right', async () => {
    await world.person.type('Requests!B5:D5', [['R1', 'A second one', 2]])
    await until(
      'the key says why',
      async () => (await notes()).A5 === '⚠ Not stored: another record has the same Reference',
      WITHIN_MS,
    )
    expect(Object.keys(await notes())).toEqual(['A5'])
    expect(await world.app.request.count()).toBe(3)
    await world.person.type('Requests!B5', [['R4']])
    await until('the record is there', async () => (await world.app.request.count()) === 4, WITHIN_MS)
    await until('the note is gone', async () => Object.keys(await notes()).length === 0, WITHIN_MS)
  })

  it('of a deletion brings the row back, with the reason on its key', async () => {
    await world.person.delete('ROWS', (await place('R1')) - 1, undefined, 'Requests')
    await until(
      'the row is back with the reason',
      async () => Object.values(await notes()).includes('⚠ Not stored: R1 is the first one'),
      WITHIN_MS,
    )
    const at = await place('R1')
    expect(Object.keys(await notes())).toEqual([`A${at}`])
    expect(await world.app.request.count()).toBe(3)
    // As long as nothing else happens to the record, as in the column.
    await world.app.request.update({ where: { reference: 'R1' }, data: { passengers: 4 } })
    await until('the note is gone', async () => Object.keys(await notes()).length === 0, WITHIN_MS)
  })
})
