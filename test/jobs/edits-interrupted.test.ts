import { afterAll, beforeAll, expect, it } from 'vitest'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../src/index.ts'
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
    { header: 'Reference', field: 'reference' },
    { header: 'Customer', field: 'customerName', writable: true },
  ],
  edits: { detect: { everySeconds: 2 } },
})

let world: World

beforeAll(async () => {
  world = await openWorld((url) => defineConfig({ client: () => clientOf(url), targets: [requests] }))
  await world.sql.query('create table applied (value text)')
  await world.sql.query(`create function note() returns trigger language plpgsql as $$ begin
    if new.customer_name is distinct from old.customer_name then insert into applied values (new.customer_name); end if;
    return new; end $$`)
  await world.sql.query('create trigger a_note after update on requests for each row execute function note()')
  await world.work()
  await world.app.request.create({ data: { reference: 'R1', customerName: 'before' } })
  await until('the row stands', async () => (await world.keys('Requests')).length === 1, 30_000)
}, 60_000)
afterAll(() => world.close())

const raise = (state: string) => `raise exception 'not now' using errcode = '${state}'`
const CUT = 'perform pg_terminate_backend(pg_backend_pid())'

it.each([
  ['a serialization failure', raise('40001'), ''],
  ['a deadlock', raise('40P01'), ''],
  ['a lock that is not to be had', raise('55P03'), ''],
  ['a connection that is cut', CUT, ''],
  ['a serialization failure at the commit', raise('40001'), 'deferrable initially deferred'],
  ['a connection that is cut at the commit', CUT, 'deferrable initially deferred'],
])(
  'an edit is applied once though it meets %s, and nobody is told of a refusal',
  async (name, statement, when) => {
    const { sql, person, app } = world
    // A sequence counts on although its transaction is rolled back.
    await sql.query('drop sequence if exists times')
    await sql.query('create sequence times')
    await sql.query(`create or replace function interrupt() returns trigger language plpgsql as $$ begin
      if nextval('times') = 1 then ${statement}; end if;
      return new; end $$`)
    await sql.query('drop trigger if exists interrupt on requests')
    await sql.query(`create ${when === '' ? '' : 'constraint '}trigger interrupt after update on requests ${when}
      for each row execute function interrupt()`)
    await person.type('Requests!C2', [[name]])
    await until(
      'the record has it',
      async () => (await app.request.findFirst())?.customerName === name,
      90_000,
    )
    await until(
      'the edit is settled',
      async () =>
        (
          await sql.query(`select from sync_edit where shown = to_jsonb($1::text) and state = 'applied'`, [
            name,
          ])
        ).length === 1,
      30_000,
    )
    const [times] = await sql.query<{ tries: number }>('select last_value::int as tries from times')
    expect(times?.tries).toBeGreaterThan(1)
    expect(await sql.query('select from applied where value = $1', [name])).toHaveLength(1)
    expect(await sql.query(`select from sync_edit where state <> 'applied'`)).toEqual([])
    const [, row] = await person.see('Requests')
    expect(row?.slice(2)).toEqual([name])
  },
  150_000,
)
