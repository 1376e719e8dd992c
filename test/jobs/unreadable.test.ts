import { PrismaPg } from '@prisma/adapter-pg'
import { afterEach, expect, it, vi } from 'vitest'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../src/index.ts'
import { openWorld, SPREADSHEET, type World } from '../support/running-worker.ts'
import { until } from '../support/wait.ts'

vi.setConfig({ testTimeout: 120_000 })

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)
const client = (url: string) => () =>
  new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 1 }) })

let world: World
afterEach(() => world.close())

const requests = (filter?: (request: { customerName: string }) => boolean) =>
  sheetTarget({
    name: 'requests',
    spreadsheetId: SPREADSHEET,
    tab: 'Requests',
    model: 'Request',
    columns: ['status', 'customerName'],
    ...(filter && { filter }),
  })

const oddStatus = async (id: string) => {
  await world.sql.query(`alter type request_status add value if not exists 'odd'`)
  await world.sql.query(`update requests set status = 'odd' where id = $1`, [id])
}

const insert = (count: number) =>
  world.sql.query(
    `insert into requests (id, reference, customer_name, updated_at)
     select 'r' || lpad(i::text, 4, '0'), 'ref ' || i, 'customer ' || i, now() from generate_series(1, $1::int) i`,
    [count],
  )

it('a new tab comes to be with every record but the one that cannot be read, which says why', async () => {
  world = await openWorld((url) => defineConfig({ client: client(url), targets: [requests()] }))
  await insert(3_000)
  await oddStatus('r1234')
  await world.work()
  await until('the tab is there', async () => (await world.keys('Requests')).length === 2_999, 60_000)
  await world.settled('requests')
  expect(await world.keys('Requests')).not.toContain('r1234')
  const bad = (await world.jobs('requests')).filter(({ record }) => record === 'r1234')
  expect(bad).toEqual([
    { record: 'r1234', state: 'retry', attempts: expect.any(Number), code: 'RECORD_UNREADABLE' },
  ])
  const { state, output } = await world.reconcile('requests')
  expect({ state, output }).toMatchObject({
    state: 'completed',
    output: { found: [{ records: 3_000, missing: 0, differs: 0, surplus: 0, unreadable: 1 }] },
  })
  // Once it can be read it is written like any other.
  await world.app.request.update({ where: { id: 'r1234' }, data: { status: 'BOOKED' } })
  await until('its row is there', async () => (await world.keys('Requests')).includes('r1234'))
})

it('the batch of a record whose filter throws writes the others; its row stays, and it is no deletion', async () => {
  let isBroken = false
  const filter = ({ customerName }: { customerName: string }) => {
    if (isBroken && customerName.includes('3')) throw new TypeError(`no ${customerName}`)
    return true
  }
  world = await openWorld((url) => defineConfig({ client: client(url), targets: [requests(filter)] }))
  await insert(5)
  await world.work()
  await until('the tab is there', async () => (await world.keys('Requests')).length === 5)
  isBroken = true
  await world.app.request.updateMany({ data: { status: 'BOOKED' } })
  await world.settled('requests')
  const rows = await world.person.see('Requests')
  const shown = rows.slice(1).map(([key, status]) => `${key} ${status}`)
  expect(shown.toSorted()).toEqual([
    'r0001 BOOKED',
    'r0002 BOOKED',
    'r0003 NEW',
    'r0004 BOOKED',
    'r0005 BOOKED',
  ])
  expect((await world.jobs('requests')).filter(({ code }) => code !== null)).toMatchObject([
    { record: 'r0003', state: 'retry', code: 'FILTER_FAILED' },
  ])
  expect((await world.reconcile('requests')).output).toMatchObject({
    found: [{ rows: 5, records: 5, differs: 0, surplus: 0, unreadable: 1 }],
  })
})

it('rows of people whose key is no value of its type are left alone, and stop no comparison', async () => {
  world = await openWorld((url) =>
    defineConfig({
      client: client(url),
      targets: [
        sheetTarget({
          name: 'operators',
          spreadsheetId: SPREADSHEET,
          tab: 'Operators',
          model: 'Operator',
          columns: ['name'],
        }),
        sheetTarget({
          name: 'notes',
          spreadsheetId: SPREADSHEET,
          tab: 'Notes',
          model: 'Note',
          columns: ['body'],
        }),
        sheetTarget({
          name: 'items',
          spreadsheetId: SPREADSHEET,
          tab: 'Items',
          model: 'RequestItem',
          columns: ['title'],
        }),
      ],
    }),
  )
  await insert(1)
  await world.sql.query(`insert into countries (code, name) values ('DE', 'Germany')`)
  await world.sql.query(
    `insert into operators (operator_code, display_name, country_code, updated_at) select 'o' || i, 'Operator ' || i, 'DE', now() from generate_series(1, 3) i`,
  )
  await world.sql.query(
    `insert into notes (request_id, author, body) select 'r0001', 'a', 't' || i from generate_series(1, 3) i`,
  )
  await world.sql.query(
    `insert into request_items (request_id, position, title, kind) select 'r0001', i, 't', 'hotel' from generate_series(1, 3) i`,
  )
  await world.work()
  const theirs: Record<string, string[]> = {
    Operators: ['4917012345678', '2147483648', '1.5', 'total'],
    Notes: ['total', '0b5b7d3c-3f2a-4c5e-9a0f'],
    Items: ['r0001|4917012345678', 'r0001|2147483648', 'r0001'],
  }
  for (const [tab, keys] of Object.entries(theirs)) {
    await until(`the tab ${tab} is there`, async () => (await world.keys(tab)).length === 3)
    await world.person.type(
      `'${tab}'!A6:B`,
      keys.map((key) => [key, 'theirs']),
    )
  }
  for (const [tab, keys] of Object.entries(theirs)) {
    const target = tab.toLowerCase()
    expect(await world.reconcile(target)).toMatchObject({
      state: 'completed',
      output: { found: [{ records: 3, missing: 0, differs: 0, surplus: 0, unknown: keys.length }] },
    })
    await world.settled(target)
    expect((await world.keys(tab)).filter((key) => keys.includes(key))).toEqual(keys)
  }
})

it('a worker whose client can read no record at all uses up no attempt, and status says so', async () => {
  world = await openWorld((url) => defineConfig({ client: client(url), targets: [requests()] }))
  await insert(3)
  await world.work()
  await until('the tab is there', async () => (await world.keys('Requests')).length === 3)
  await world.settled('requests')
  await world.app.request.updateMany({ data: { customerName: 'changed' } })
  await world.settled('requests')
  await world.sql.query('alter table requests rename column customer_name to customer')
  await world.sql.query(
    `select sync_publish('requests', 'Request', '${SPREADSHEET}', array['r0001', 'r0002'], array['update', 'update'], null, 0)`,
  )
  const complaints = await until('status says so', async () => {
    const { verdict, complaints } = world.operations.health(await world.operations.stats())
    return (
      verdict === 'broken' &&
      complaints.map(({ message }) => message).find((one) => one.includes('TARGET_UNREADABLE'))
    )
  })
  expect(complaints).toMatch(
    /its records cannot be read: TARGET_UNREADABLE .*requests\.customer_name.*prisma generate/,
  )
  const waiting = (await world.jobs('requests')).filter(({ state }) => state !== 'completed')
  expect(waiting).toMatchObject([
    { record: 'r0001', state: 'retry', attempts: 0 },
    { record: 'r0002', state: 'retry', attempts: 0 },
  ])
  expect((await world.reconcile('requests')).output).toMatchObject({
    message: expect.stringContaining('requests.customer_name'),
  })
  await world.sql.query('alter table requests rename column customer to customer_name')
  await until(
    'they are written',
    async () => (await world.jobs('requests')).every(({ state }) => state === 'completed'),
    40_000,
  )
  const { complaints: left } = world.operations.health(await world.operations.stats())
  expect(left.filter(({ message }) => message.includes('records cannot be read'))).toEqual([])
})
