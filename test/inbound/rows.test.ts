import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { EditRefused } from '../../src/index.ts'
import { openStage, type Stage } from './support.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
beforeEach(() => stage.clear())

const defaults = () => ({ reference: 'R9' })
const create = (shown: object, id = 'c1') =>
  stage.see('requests', { id, kind: 'create', column: '', base: null, shown })
const states = async () => (await stage.edits()).map(({ kind, state, reason }) => ({ kind, state, reason }))

describe('a row that somebody added', () => {
  test('becomes a record with the id that it shows, once', async () => {
    stage.use({ requests: { newRows: 'create', defaults } })
    await create({ Customer: 'Ada', Travellers: 2, Budget: null, Status: '' })
    expect(await stage.work()).toMatchObject([{ output: { applied: 1 } }])
    expect(await stage.app.request.findMany()).toMatchObject([
      { id: 'c1', reference: 'R9', customerName: 'Ada', passengers: 2, budget: null, status: 'NEW' },
    ])
    expect(await stage.base('requests', 'c1')).toEqual({
      Customer: 'Ada',
      Travellers: 2,
      Budget: null,
      Status: '',
      // Empty when the row was seen: what stands there by now was typed since, and is an edit.
      ...{
        Currency: null,
        Flexible: null,
        Departure: null,
        Confirmed: null,
        Preferences: null,
        Comment: null,
      },
    })
    expect(await stage.outbound()).toMatchObject([{ target: 'copy' }, { target: 'requests', id: 'c1' }])
    // Found again, before the row has been looked at as a record's.
    await create({ Customer: 'Ada', Travellers: 2 })
    expect(await stage.work()).toMatchObject([{ output: { applied: 0, forgotten: 1 } }])
    expect(await stage.app.request.count()).toBe(1)
  })

  test('is refused with a reason, and made when it is right', async () => {
    stage.use({ requests: { newRows: 'create', defaults } })
    await create({ Customer: 'Ada', Travellers: 'two', Status: 'x' })
    expect(await stage.work()).toMatchObject([{ output: { refused: 1 } }])
    expect(await stage.edits()).toMatchObject([
      {
        ...{ column: '', state: 'refused', open: true, code: 'EDIT_INVALID' },
        reason:
          'Status: "x" is none of NEW, IN_PROGRESS, OFFERED, BOOKED, CANCELLED; Travellers: "two" is no whole number',
      },
    ])
    expect(await stage.app.request.count()).toBe(0)
    // The reason is to stand beside the row.
    expect(await stage.outbound()).toMatchObject([{ target: 'requests', id: 'c1' }])
    await create({ Customer: 'Ada', Travellers: 2 })
    expect(await stage.work()).toMatchObject([{ output: { applied: 1 } }])
    expect(await states()).toMatchObject([{ state: 'withdrawn' }, { state: 'applied' }])
  })

  test('that lacks something is refused by the name of the column', async () => {
    stage.use({ requests: { newRows: 'create', defaults } })
    await create({ Travellers: 2 })
    await stage.work()
    expect(await states()).toMatchObject([{ state: 'refused', reason: 'Customer is missing' }])
  })

  test('is refused by the database and by checks', async () => {
    await stage.app.request.create({ data: { reference: 'R9', customerName: 'x' } })
    stage.use({
      requests: {
        ...{ newRows: 'create', defaults },
        check: (record, { passengers }) => (record === null && passengers === 3 ? 'not three' : null),
      },
    })
    await create({ Customer: 'Ada' }, 'c1')
    await create({ Customer: 'Ada', Travellers: 3 }, 'c2')
    await stage.work()
    expect(await states()).toEqual([
      { kind: 'create', state: 'refused', reason: 'another record has the same reference' },
      { kind: 'create', state: 'refused', reason: 'not three' },
    ])
  })

  test('is refused by the name of the column that the reason is about', async () => {
    const needed = z.string('is needed')
    const validate = z.object({ customerName: z.string().min(2, 'is too short'), comment: needed })
    stage.use({ requests: { newRows: 'create', defaults, validate } })
    await create({ Customer: 'Ada', Travellers: 2 }, 'c1')
    await create({ Customer: 'A', Travellers: 2 }, 'c2')
    await create({ Travellers: 2, Comment: 'c' }, 'c3')
    await stage.work()
    expect((await states()).map(({ reason }) => reason)).toEqual([
      'Comment: is needed',
      'Customer: is too short; Comment: is needed',
      expect.stringMatching(/^Customer: .*expected string/),
    ])
  })

  test('is refused by defaults; anything else that they throw is tried again', async () => {
    let error: Error = new EditRefused('no currency for this customer')
    const failing = () => {
      throw error
    }
    stage.use({ requests: { newRows: 'create', defaults: failing } })
    await create({ Customer: 'Ada' }, 'c1')
    expect(await stage.work()).toMatchObject([{ output: { refused: 1 } }])
    error = new EditRefused({
      customerName: 'is unknown',
      currency: 'is none that we take',
      total: 'too much',
    })
    await create({ Customer: 'Ada' }, 'c2')
    expect(await stage.work()).toMatchObject([{ output: { refused: 1 } }])
    error = new TypeError('a bug')
    await create({ Customer: 'Ada' }, 'c3')
    expect(await stage.work()).toMatchObject([{ status: 'failed', output: { code: 'UNEXPECTED' } }])
    expect(await stage.edits()).toMatchObject([
      { state: 'refused', code: 'EDIT_REFUSED', reason: 'no currency for this customer' },
      {
        state: 'refused',
        reason: 'Customer: is unknown; Currency: is none that we take; too much',
      },
      { state: 'pending' },
    ])
  })

  test.each([
    ['null', z.string().max(100).nullable()],
    ['nothing', z.string().max(100).optional()],
  ])('with an empty cell is valid where a schema takes %s', async (_what, comment) => {
    stage.use({
      requests: { newRows: 'create', defaults, validate: z.object({ customerName: z.string(), comment }) },
    })
    await create({ Customer: 'Ada', Comment: '' })
    await stage.work()
    expect(await states()).toMatchObject([{ state: 'applied' }])
  })

  test('is null to a schema where a cell is empty, but for what the record has by default', async () => {
    const seen: unknown[] = []
    const validate = z.unknown().refine((row) => seen.push(row))
    const requests = { newRows: 'create', validate } as const
    stage.use({ requests: { ...requests, defaults: () => ({ reference: 'R9', budget: 5 }) } })
    await create({ Customer: 'Ada', Currency: '' }, 'c1')
    await stage.work()
    // What `defaults` gives may depend on what the schema makes of the row.
    const failing = ({ customerName }: { customerName?: unknown }) => {
      if (customerName === 'Eve') throw new EditRefused('no')
      return { reference: 'R8' }
    }
    stage.use({ requests: { ...requests, defaults: failing } })
    await create({ Customer: 'Eve', Departure: 46_022 }, 'c2')
    await stage.work()
    const empty = { confirmedAt: null, preferences: null, comment: null }
    expect(seen).toEqual([
      { customerName: 'Ada', departureOn: null, ...empty },
      { customerName: 'Eve', departureOn: new Date('2025-12-31'), budget: null, ...empty },
    ])
    expect(await states()).toMatchObject([{ state: 'applied' }, { state: 'refused', reason: 'no' }])
    expect((await stage.app.request.findMany())[0]?.budget?.toNumber()).toBe(5)
  })

  test('leaves to defaults what a schema makes undefined', async () => {
    const text = z.string().transform((given) => given.trim() || undefined)
    stage.use({
      requests: {
        newRows: 'create',
        defaults: () => ({ reference: 'R9', comment: 'none' }),
        validate: z.object({ comment: text, customerName: text }),
      },
    })
    await create({ Customer: 'Ada', Comment: ' ' }, 'c1')
    await create({ Customer: ' ', Comment: 'c' }, 'c2')
    await stage.work()
    expect(await states()).toEqual([
      { kind: 'create', state: 'applied', reason: null },
      { kind: 'create', state: 'refused', reason: 'Customer is missing' },
    ])
    expect(await stage.app.request.findMany()).toMatchObject([{ id: 'c1', comment: 'none' }])
  })

  test('is refused where only the database may make the key, and not tried again', async () => {
    const column = 'alter table operators alter column operator_id'
    await stage.sql.query(`${column} drop default`)
    await stage.sql.query(`${column} add generated always as identity`)
    await stage.app.country.create({ data: { code: 'DE', name: 'Germany' } })
    stage.use({ operators: { newRows: 'create', defaults: () => ({ name: 'A' }) } })
    await stage.see('operators', {
      ...{ id: '1', kind: 'create', column: '', base: null },
      shown: { Code: 'a', Country: 'DE' },
    })
    expect(await stage.work()).toMatchObject([{ status: 'completed', output: { refused: 1 } }])
    expect(await stage.edits()).toMatchObject([
      {
        ...{ state: 'refused', code: 'EDIT_REFUSED' },
        reason: 'rows cannot be added here: the database makes the key itself; ask those who run this',
      },
    ])
    await stage.sql.query(`${column} drop identity`)
    await stage.sql.query(`${column} set default nextval('operators_operator_id_seq')`)
  })
})

describe('a row that somebody removed', () => {
  const remove = (id: string, target = 'requests') =>
    stage.see(target, { id, kind: 'remove', column: '', base: null, shown: null })

  test('takes its record along, and the edits of it', async () => {
    const { id } = await stage.app.request.create({ data: { reference: 'R1', customerName: 'Ada' } })
    await stage.see('requests', { id, column: 'Customer', base: 'Ada', shown: 'Bob' })
    await remove(id)
    expect(await stage.work()).toMatchObject([{ output: { applied: 1, lost: 1 } }])
    expect(await stage.app.request.count()).toBe(0)
    expect(await states()).toEqual([
      { kind: 'change', state: 'lost', reason: 'the record was deleted' },
      { kind: 'remove', state: 'applied', reason: null },
    ])
    expect(await stage.outbound()).toMatchObject([
      { target: 'copy', id },
      { target: 'requests', id },
    ])
  })

  test('comes back where the record has to stay', async () => {
    stage.use({
      requests: { deletedRows: 'delete', check: (_, __, { kind }) => (kind === 'remove' ? 'no' : null) },
    })
    const { id } = await stage.app.request.create({ data: { reference: 'R1', customerName: 'Ada' } })
    await stage.agree('requests', id, { Customer: 'Ada' })
    await stage.sql.query('update sync_record set missing_since = now()')
    await remove(id)
    expect(await stage.work()).toMatchObject([{ output: { refused: 1 } }])
    expect(await stage.app.request.count()).toBe(1)
    expect(await stage.outbound()).toMatchObject([{ target: 'requests', id }])
    expect(await stage.sql.query('select missing_since, base from sync_record')).toEqual([
      { missing_since: null, base: { Customer: 'Ada' } },
    ])
  })

  test('comes back where other records refer to the record', async () => {
    await stage.app.country.create({ data: { code: 'DE', name: 'Germany' } })
    const operator = await stage.app.operator.create({ data: { code: 'a', name: 'A', countryCode: 'DE' } })
    await stage.sql.query(`create table bill (operator int references operators on delete restrict)`)
    await stage.sql.query(`insert into bill values ($1)`, [operator.id])
    await remove(String(operator.id), 'operators')
    expect(await stage.work()).toMatchObject([{ output: { refused: 1 } }])
    expect(await states()).toEqual([
      { kind: 'remove', state: 'refused', reason: 'other records refer to it' },
    ])
    await stage.sql.query('drop table bill')
  })
})
