import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { EditRefused } from '../../src/index.ts'
import { openOperations } from '../../src/operations/operations.ts'
import { openStage, type Stage } from './support.ts'

let stage: Stage
let id: string

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
beforeEach(async () => {
  await stage.clear()
  const request = await stage.app.request.create({
    data: { reference: 'R1', customerName: 'Ada', budget: 100, comment: 'c' },
  })
  id = request.id
  await stage.agree('requests', id, {
    Customer: 'Ada',
    Travellers: 1,
    Budget: 100,
    Comment: 'c',
    Status: 'NEW',
    Currency: 'EUR',
    Flexible: false,
    Departure: null,
    Confirmed: null,
    Preferences: null,
  })
})

const record = () => stage.app.request.findUniqueOrThrow({ where: { id } })
const see = (...edits: object[]) => stage.see('requests', ...edits.map((edit) => ({ id, ...edit })))
const states = async () =>
  (await stage.edits()).map(({ column, state, reason }) => ({ column, state, reason }))

describe('an edit', () => {
  test('is written, agreed on, told to every target and owed to whoever made it', async () => {
    await see({ column: 'Customer', base: 'Ada', shown: 'Bob', editor: 'eve@example.com' })
    expect(await stage.work()).toMatchObject([{ status: 'completed', output: { applied: 1 } }])
    expect(await record()).toMatchObject({ customerName: 'Bob' })
    expect(await stage.base('requests', id)).toMatchObject({ Customer: 'Bob', Travellers: 1 })
    expect(await stage.edits()).toMatchObject([
      { state: 'applied', open: null, before: 'Ada', after: 'Bob', code: null, reason: null },
    ])
    const [{ id: edit }] = (await stage.sql.query('select id from sync_edit')) as [{ id: string }]
    const context = { userId: 'eve@example.com', origin: 'sheet:requests', correlationId: `edit-${edit}` }
    expect(await stage.outbound()).toEqual([
      { target: 'copy', id, context },
      { target: 'requests', id, context },
    ])
    // The job may run again: nothing is left to do.
    await stage.see('requests')
    expect((await stage.edits()).length).toBe(1)
  })

  test('of a cell that a write of the library has gone over is lost, and the record is queued', async () => {
    await stage.sql.query(`update sync_record set base = base - 'Customer'`)
    await see({ column: 'Customer', base: 'Ada', shown: 'Bob' })
    expect(await stage.work()).toMatchObject([{ output: { applied: 0, lost: 1 } }])
    expect(await record()).toMatchObject({ customerName: 'Ada' })
    expect(await stage.base('requests', id)).not.toHaveProperty('Customer')
    expect(await stage.outbound()).toMatchObject([{ target: 'requests', id }])
  })

  test('of every type is written as what it is', async () => {
    await see(
      { column: 'Status', base: 'NEW', shown: 'BOOKED' },
      { column: 'Travellers', base: 1, shown: 3 },
      { column: 'Budget', base: 100, shown: 99.95 },
      { column: 'Flexible', base: false, shown: true },
      { column: 'Departure', base: null, shown: 46_022 },
      { column: 'Confirmed', base: null, shown: 46_022.5, zone: 'Europe/Berlin' },
      { column: 'Preferences', base: null, shown: '{"seat":"aisle"}' },
      { column: 'Comment', base: 'c', shown: null },
    )
    expect(await stage.work()).toMatchObject([{ output: { applied: 8, refused: 0 } }])
    expect(JSON.parse(JSON.stringify(await record()))).toMatchObject({
      ...{ status: 'BOOKED', passengers: 3, budget: '99.95', flexible: true, comment: null },
      ...{ departureOn: '2025-12-31T00:00:00.000Z', confirmedAt: '2025-12-31T11:00:00.000Z' },
      preferences: { seat: 'aisle' },
    })
    await see({ column: 'Preferences', base: '{"seat":"aisle"}', shown: null })
    expect(await stage.work()).toMatchObject([{ output: { applied: 1 } }])
    expect((await record()).preferences).toBeNull()
  })

  test('of a record with a compound key is written to that record', async () => {
    const items = [1, 2].map((position) => ({ position, kind: 'HOTEL' as const, title: 'a' }))
    await stage.app.request.update({ where: { id }, data: { items: { create: items } } })
    await stage.agree('items', `${id}|2`, { Title: 'a' })
    await stage.see('items', { id: `${id}|2`, column: 'Title', base: 'a', shown: 'b' })
    expect(await stage.work()).toMatchObject([{ output: { applied: 1 } }])
    const titles = await stage.app.requestItem.findMany({ orderBy: { position: 'asc' } })
    expect(titles.map(({ title }) => title)).toEqual(['a', 'b'])
  })

  test('that nobody has to hear of is forgotten', async () => {
    await stage.app.request.update({ where: { id }, data: { customerName: 'Bob' } })
    await see({ column: 'Customer', base: 'Ada', shown: 'Bob' }, { column: 'Comment', base: 'b', shown: 'c' })
    expect(await stage.work()).toMatchObject([{ output: { forgotten: 2, applied: 0 } }])
    expect(await stage.edits()).toEqual([])
    expect(await stage.base('requests', id)).toMatchObject({ Customer: 'Bob', Comment: 'c' })
    expect(await stage.outbound()).toEqual([])
  })

  test('whose base has moved since is forgotten: a batch has settled the cell meanwhile', async () => {
    await see({ column: 'Customer', base: 'Older', shown: 'Bob' })
    expect(await stage.work()).toMatchObject([{ output: { applied: 0, forgotten: 1 } }])
    expect(await record()).toMatchObject({ customerName: 'Ada' })
    expect(await stage.edits()).toEqual([])
  })

  test('that is no value is refused: the cell keeps it, and the sheet is told', async () => {
    await see({ column: 'Travellers', base: 1, shown: 'two' }, { column: 'Comment', base: 'c', shown: 'd' })
    expect(await stage.work()).toMatchObject([{ output: { applied: 1, refused: 1 } }])
    expect(await record()).toMatchObject({ passengers: 1, comment: 'd' })
    expect(await stage.base('requests', id)).toMatchObject({
      Travellers: { kept: 'two', over: 1, seen: 'two', from: 1 },
      Comment: 'd',
    })
    expect((await stage.edits()).find(({ column }) => column === 'Travellers')).toMatchObject({
      ...{ state: 'refused', open: true, code: 'EDIT_INVALID', reason: '"two" is no whole number' },
    })
    // Typed right, it is an edit of what was agreed on before.
    await see({ column: 'Travellers', base: 1, shown: 2 })
    expect(await stage.work()).toMatchObject([{ output: { applied: 1 } }])
    expect(await record()).toMatchObject({ passengers: 2 })
    expect(await stage.base('requests', id)).toMatchObject({ Travellers: 2 })
    expect((await states()).map(({ state }) => state)).toEqual(['applied', 'withdrawn', 'applied'])
  })

  test('of a record that is gone is lost', async () => {
    await see({ column: 'Comment', base: 'c', shown: 'd' })
    await stage.app.request.delete({ where: { id } })
    expect(await stage.work()).toMatchObject([{ output: { lost: 1 } }])
    expect(await stage.edits()).toMatchObject([
      { state: 'lost', open: null, reason: 'the record was deleted' },
    ])
  })

  test('of a record that is not shown any more is lost', async () => {
    stage.use({ filter: ({ flexible }) => flexible })
    await see({ column: 'Comment', base: 'c', shown: 'd' })
    expect(await stage.work()).toMatchObject([{ output: { lost: 1 } }])
  })
})

describe('an edit of a value that the database has changed too', () => {
  const both = async () => {
    await stage.app.request.update({ where: { id }, data: { customerName: 'Carl' } })
    await see({ column: 'Customer', base: 'Ada', shown: 'Bob' })
    await stage.work()
  }

  test('is lost where the database wins, and the sheet follows', async () => {
    await both()
    expect(await record()).toMatchObject({ customerName: 'Carl' })
    expect(await stage.base('requests', id)).toMatchObject({ Customer: 'Bob' })
    expect(await states()).toMatchObject([
      { state: 'lost', reason: 'edited in the sheet and changed in the database; the database wins' },
    ])
    expect(await stage.outbound()).toMatchObject([{ target: 'requests', id }])
    expect(await stage.sql.query('select winner::text, state::text from sync_conflict')).toEqual([
      { winner: 'database', state: 'resolved' },
    ])
  })

  test('is written where the sheet wins', async () => {
    stage.use({ conflict: 'sheet-wins' })
    await both()
    expect(await record()).toMatchObject({ customerName: 'Bob' })
    expect(await states()).toMatchObject([{ state: 'applied' }])
  })

  test('waits for a decision where nobody wins', async () => {
    stage.use({ conflict: 'manual' })
    await both()
    expect(await record()).toMatchObject({ customerName: 'Carl' })
    expect(await stage.edits()).toMatchObject([
      { state: 'refused', code: 'EDIT_CONFLICT', reason: expect.stringContaining('changed meanwhile') },
    ])
    expect(
      await stage.sql.query('select state::text, winner::text, database, sheet from sync_conflict'),
    ).toEqual([{ state: 'open', winner: 'none', database: 'Carl', sheet: 'Bob' }])
    // Whoever decides for the sheet decides for the database too.
    const operations = await openOperations(stage.config, { databaseUrl: stage.url })
    const [conflict] = await operations.conflicts()
    // A third value would reach the sheet alone.
    await expect(
      operations.resolveConflict(conflict?.id ?? '', { value: 'Dora' }, { actor: 'eve' }),
    ).rejects.toThrow(/column that people may change.*Take one of them/)
    await operations.resolveConflict(conflict?.id ?? '', 'sheet', { actor: 'eve' })
    await operations.close()
    expect(await stage.work()).toMatchObject([{ output: { applied: 1 } }])
    expect(await record()).toMatchObject({ customerName: 'Bob' })
    expect(await stage.base('requests', id)).toMatchObject({ Customer: 'Bob' })
  })

  test('is merged, and the merge is written', async () => {
    stage.use({ conflict: 'merge' })
    await stage.app.country.create({ data: { code: 'DE', name: 'Germany' } })
    const { id: operator } = await stage.app.operator.create({
      data: { code: 'a', name: 'A', countryCode: 'DE', languages: ['de'] },
    })
    await stage.app.request.update({ where: { id }, data: { preferences: { a: 1, c: 1 } } })
    await stage.sql.query(`update sync_record set base = base || '{"Preferences": "{\\"a\\":1}"}'`)
    await see({ column: 'Preferences', base: '{"a":1}', shown: '{"a":1,"b":2}' })
    expect(await stage.work()).toMatchObject([{ output: { applied: 1 } }])
    expect(await record()).toMatchObject({ preferences: { a: 1, b: 2, c: 1 } })
    // What the cell shows is the base: the next batch writes the merged value over it.
    expect(await stage.base('requests', id)).toMatchObject({ Preferences: '{"a":1,"b":2}' })
    expect(operator).toBe(1)
  })
})

describe('checks', () => {
  const schema = z.object({
    customerName: z.string().trim().min(2, 'is too short'),
    passengers: z.number().max(9, 'are too many'),
    budget: z.number().nullable(),
  })

  test('refuse by field, and what a schema returns is written', async () => {
    stage.use({ requests: { validate: schema } })
    await see(
      { column: 'Customer', base: 'Ada', shown: '  Bob ' },
      { column: 'Travellers', base: 1, shown: 12 },
    )
    expect(await stage.work()).toMatchObject([{ output: { applied: 1, refused: 1 } }])
    expect(await record()).toMatchObject({ customerName: 'Bob', passengers: 1 })
    expect(await stage.base('requests', id)).toMatchObject({ Customer: '  Bob ' })
    expect((await states()).find(({ column }) => column === 'Travellers')).toMatchObject({
      ...{ state: 'refused', reason: 'are too many' },
    })
  })

  test('that leave nothing of a value empty the cell', async () => {
    const text = z.string().transform((given) => given.trim() || undefined)
    stage.use({ requests: { validate: z.object({ comment: text, customerName: text }) } })
    await see({ column: 'Comment', base: 'c', shown: ' ' }, { column: 'Customer', base: 'Ada', shown: ' ' })
    expect(await stage.work()).toMatchObject([{ output: { applied: 1, refused: 1 } }])
    expect(await record()).toMatchObject({ comment: null, customerName: 'Ada' })
    expect(await stage.edits()).toMatchObject([
      { column: 'Comment', state: 'applied', before: 'c', after: null },
      { column: 'Customer', state: 'refused', code: 'EDIT_INVALID', reason: 'cannot be empty' },
    ])
  })

  test('refuse all where a rule is about no single field', async () => {
    const whole = schema.refine(({ budget, passengers }) => (budget ?? 0) / passengers >= 50, {
      message: 'the budget is too small',
    })
    stage.use({ requests: { validate: whole } })
    await see({ column: 'Customer', base: 'Ada', shown: 'Bob' }, { column: 'Travellers', base: 1, shown: 3 })
    expect(await stage.work()).toMatchObject([{ output: { applied: 0, refused: 2 } }])
  })

  test('see the record, the transaction and who it is', async () => {
    const seen: unknown[] = []
    stage.use({
      requests: {
        async check(request, changes, { tx, context, kind }) {
          seen.push(request?.customerName, changes, context.origin, kind, await tx.request.count())
          return { passengers: 'ask Eve first' }
        },
      },
    })
    await see({ column: 'Travellers', base: 1, shown: 3 }, { column: 'Comment', base: 'c', shown: 'd' })
    expect(await stage.work()).toMatchObject([{ output: { applied: 1, refused: 1 } }])
    expect(seen.slice(0, 5)).toEqual([
      ...['Ada', { passengers: 3, comment: 'd' }, 'sheet:requests', 'change', 1],
    ])
    expect((await states()).find(({ state }) => state === 'refused')).toMatchObject({
      reason: 'ask Eve first',
    })
  })

  test('may throw a refusal; anything else that they throw is tried again, and refused in the end', async () => {
    let error: Error = new EditRefused('the month is closed')
    stage.use({
      requests: {
        check() {
          throw error
        },
      },
    })
    await see({ column: 'Travellers', base: 1, shown: 3 })
    expect(await stage.work()).toMatchObject([{ output: { refused: 1 } }])
    expect(await states()).toMatchObject([{ state: 'refused', reason: 'the month is closed' }])

    error = new TypeError('a bug')
    await see({ column: 'Travellers', base: 1, shown: 4 })
    expect(await stage.work()).toMatchObject([{ status: 'failed', output: { code: 'UNEXPECTED' } }])
    expect((await states()).at(-1)).toMatchObject({ state: 'pending' })
    await stage.sql.query(`update pgboss.job set retry_count = retry_limit - 1, start_after = now() - interval '1 s'
      where name = 'sync.inbound' and state = 'retry'`)
    expect(await stage.work()).toMatchObject([{ status: 'failed' }])
    expect((await stage.edits()).at(-1)).toMatchObject({
      ...{
        state: 'refused',
        open: true,
        code: 'EDIT_FAILED',
        reason: expect.stringContaining('could not be saved'),
      },
    })
    expect(
      await stage.sql.query(`select name from pgboss.job where name = 'sync.inbound.dead'`),
    ).toHaveLength(1)
    expect(await record()).toMatchObject({ passengers: 1 })
    // What was typed stands there, refused like any other: the reason stands beside it, and no look takes it for news.
    expect(await stage.base('requests', id)).toMatchObject({
      Travellers: { kept: 4, over: 1, seen: 4, from: 1 },
    })
  })
})

describe('what the database refuses', () => {
  test('is told to whoever typed it, and the other edits go through', async () => {
    await see(
      { column: 'Currency', base: 'EUR', shown: 'EURO' },
      { column: 'Comment', base: 'c', shown: 'd' },
      { column: 'Budget', base: 100, shown: 1e15 },
    )
    expect(await stage.work()).toMatchObject([{ output: { applied: 1, refused: 2 } }])
    expect(await record()).toMatchObject({ comment: 'd', currency: 'EUR' })
    expect((await states()).filter(({ state }) => state === 'refused')).toEqual([
      { column: 'Budget', state: 'refused', reason: 'is out of range' },
      { column: 'Currency', state: 'refused', reason: 'is too long' },
    ])
    expect(await stage.base('requests', id)).toMatchObject({
      Currency: { kept: 'EURO', over: 'EUR', seen: 'EURO', from: 'EUR' },
    })
  })

  test('is refused by the name of the column where one is known', async () => {
    await stage.app.country.create({ data: { code: 'DE', name: 'Germany' } })
    const data = { name: 'A', countryCode: 'DE' }
    await stage.app.operator.createMany({
      data: [
        { code: 'a', ...data },
        { code: 'b', ...data },
      ],
    })
    await stage.sql.query('alter table operators add constraint "positive rating" check (rating > 0)')
    await stage.see(
      'operators',
      { column: 'Code', base: 'a', shown: 'b' },
      { column: 'Country', base: 'DE', shown: 'XX' },
      { column: 'Rating', base: null, shown: -1 },
      { column: 'Languages', base: null, shown: 'de, en' },
    )
    expect(await stage.work()).toMatchObject([{ output: { applied: 1, refused: 3 } }])
    expect(await states()).toEqual([
      { column: 'Code', state: 'refused', reason: 'another record has the same Code' },
      { column: 'Country', state: 'refused', reason: 'Country refers to a record that does not exist' },
      { column: 'Languages', state: 'applied', reason: null },
      { column: 'Rating', state: 'refused', reason: 'it breaks the rule "positive rating"' },
    ])
    await stage.sql.query('alter table operators drop constraint "positive rating"')
  })

  test('may be what a trigger of the application says', async () => {
    await stage.sql.query(`create function frozen() returns trigger language plpgsql as
      $$ begin raise exception 'The request is frozen'; end $$`)
    await stage.sql.query(
      'create trigger frozen before update on requests for each row execute function frozen()',
    )
    await see({ column: 'Comment', base: 'c', shown: 'd' })
    expect(await stage.work()).toMatchObject([{ output: { refused: 1 } }])
    expect(await states()).toMatchObject([{ reason: 'The request is frozen' }])
    await stage.sql.query('drop function frozen cascade')
  })

  test('is a value that it computes itself', async () => {
    await stage.app.country.create({ data: { code: 'DE', name: 'Germany' } })
    await stage.app.operator.create({ data: { code: 'a', name: 'A', countryCode: 'DE' } })
    await stage.sql.query('alter table operators drop column rating')
    await stage.sql.query('alter table operators add column rating float8 generated always as (1) stored')
    await stage.see('operators', { column: 'Rating', base: 1, shown: 2 })
    expect(await stage.work()).toMatchObject([{ status: 'completed', output: { refused: 1 } }])
    expect(await states()).toEqual([
      { column: 'Rating', state: 'refused', reason: 'Rating is a value that the database makes itself' },
    ])
    await stage.sql.query('alter table operators drop column rating')
    await stage.sql.query('alter table operators add column rating float8')
  })

  test('is what it would round', async () => {
    await see({ column: 'Budget', base: 100, shown: 1.005 }, { column: 'Comment', base: 'c', shown: 'd' })
    expect(await stage.work()).toMatchObject([{ output: { applied: 1, refused: 1 } }])
    expect(await states()).toMatchObject([
      { column: 'Budget', reason: 'has more decimal places than are kept' },
      { column: 'Comment', state: 'applied' },
    ])
  })
})
