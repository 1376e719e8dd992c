import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../src/index.ts'
import { judge } from '../../src/operations/health.ts'
import { clientOf } from '../support/client-of.ts'
import { openWorld, SPREADSHEET, type World } from '../support/running-worker.ts'
import { until } from '../support/wait.ts'

/* People take away what looks for edits need: the header of a column, or the tab. */

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

const tabOf = (name: string, tab: string) =>
  sheetTarget({
    ...{ name, tab, spreadsheetId: SPREADSHEET, model: 'Request' },
    columns: [
      { header: 'Reference', field: 'reference' },
      { header: 'Customer', field: 'customerName', writable: true },
      { header: 'Travellers', field: 'passengers', writable: true },
    ],
    edits: { detect: { everySeconds: 2 }, help: false },
  })

const WITHIN_MS = 40_000
let world: World

const rows = async (tab = 'Requests') => (await world.person.see(tab).catch(() => [])).slice(1)
const unseen = async (name = 'requests') =>
  (await world.operations.stats()).targets.find(({ target }) => target === name)?.editsUnseen
/** Pauses a tab: nothing is written, so nothing adds what is missing. */
async function pause(): Promise<void> {
  await world.operations.pause('requests', { actor: 'test' })
  await until('the worker knows', async () =>
    world.log.some(({ msg }) => msg === 'target is not active: its changes wait'),
  )
}
const complaints = async () => judge(await world.operations.stats()).complaints

beforeEach(async () => {
  const targets = [tabOf('requests', 'Requests'), tabOf('others', 'Others')]
  world = await openWorld((url) => defineConfig({ client: () => clientOf(url), targets }))
  await world.work()
  await world.app.request.create({ data: { reference: 'R1', customerName: 'First' } })
  await until('the rows stand', async () => (await rows('Others')).length === 1, WITHIN_MS)
  await until('the rows stand', async () => (await rows()).length === 1, WITHIN_MS)
  await world.settled('requests')
}, 60_000)
afterEach(() => world.close())

describe('status says that edits are not seen', () => {
  it('while a header that was renamed is missing, and no longer once it is there again', async () => {
    await pause()
    await world.person.type('Requests!C1', [['Client']])
    await until('the look has missed it', async () => (await unseen()) != null, WITHIN_MS)
    expect(await unseen()).toMatchObject({
      code: 'EDITS_UNSEEN',
      message: 'tab "Requests" has no column "Customer" any more: what people type there is not seen',
    })
    expect(await unseen('others')).toBeNull()
    expect(await complaints()).toContainEqual({
      severity: 'attention',
      target: 'requests',
      message:
        'EDITS_UNSEEN tab "Requests" has no column "Customer" any more: what people type there is not seen',
      remedy: 'Type the header above its column again; a deleted column is added with the next change',
    })
    await world.person.type('Requests!C1', [['Customer']])
    await until('it is over', async () => (await unseen()) === null, WITHIN_MS)
  })

  it('after the column was added again, until its header stands above the old one: what was typed there counts', async () => {
    await world.person.type('Requests!C1', [['Client']])
    await until(
      'it is added again',
      async () => (await world.person.see('Requests'))[0]?.includes('Customer'),
      WITHIN_MS,
    )
    await until(
      'it is told',
      async () => /was gone, and added again/.test((await unseen())?.message ?? ''),
      WITHIN_MS,
    )
    await world.settled('requests')
    await world.person.type('Requests!C2', [['Typed into the old one']])
    // At once: while the header stands twice, what is queued waits for a minute.
    const added = (await world.person.see('Requests'))[0]?.lastIndexOf('Customer') ?? -1
    const sheetId = await world.person.sheetId('Requests')
    const stringValue = 'Customer'
    await world.person.do(
      {
        updateCells: {
          ...{ start: { sheetId, rowIndex: 0, columnIndex: 2 }, fields: 'userEnteredValue' },
          rows: [{ values: [{ userEnteredValue: { stringValue } }] }],
        },
      },
      {
        deleteDimension: {
          range: { sheetId, dimension: 'COLUMNS', startIndex: added, endIndex: added + 1 },
        },
      },
    )
    await until(
      'the record has it',
      async () => (await world.app.request.findFirst())?.customerName === 'Typed into the old one',
      WITHIN_MS,
    )
    await until('it is over', async () => (await unseen()) === null, WITHIN_MS)
  })

  it('while the tab is gone, and other tabs of the spreadsheet are looked at all the same', async () => {
    await pause()
    await world.person.do({ deleteSheet: { sheetId: await world.person.sheetId('Requests') } })
    await until('the look has missed it', async () => (await unseen()) != null, WITHIN_MS)
    expect((await unseen())?.message).toBe(
      'tab "Requests" is gone: what people typed into it last is not seen',
    )
    await world.person.type('Others!C2', [['Somebody']])
    await until(
      'an edit of the other tab is seen',
      async () => (await world.app.request.findFirst())?.customerName === 'Somebody',
      WITHIN_MS,
    )
    await world.operations.resume('requests', { actor: 'test' })
    await until('the tab is there again', async () => (await rows()).length === 1, WITHIN_MS)
    await until('it is over', async () => (await unseen()) === null, WITHIN_MS)
  })
})
