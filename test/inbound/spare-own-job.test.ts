import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { publishStatement } from '../../src/queue/publish.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openStage, type Stage } from './support.ts'

let stage: Stage
let id: string

/** What the place shows of the record, all of it. */
const WHOLE = {
  ...{ Reference: 'R1', Customer: 'Ada', Status: 'NEW', Travellers: 1, Budget: 100, Currency: 'EUR' },
  ...{ Flexible: false, Departure: null, Confirmed: null, Preferences: null, Comment: 'c', Sync: null },
}

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
})

const see = (...edits: object[]) => stage.see('requests', ...edits.map((edit) => ({ id, ...edit })))
/** Targets of the jobs that wait. */
const queued = async () =>
  (
    await stage.sql.query<{ target: string }>(
      `select data->>'target' as target from pgboss.job where name = $1 and state = 'created' order by 1`,
      [QUEUES.writeBack],
    )
  ).map(({ target }) => target)
const bob = { column: 'Customer', base: 'Ada', shown: 'Bob' }

describe('an edit whose place shows the whole record already', () => {
  test('leaves no job for it, and the other places theirs', async () => {
    await stage.agree('requests', id, WHOLE)
    await see(bob)
    expect(await stage.work()).toMatchObject([{ output: { applied: 1 } }])
    expect(await queued()).toEqual(['copy'])
    const ended = await stage.sql.query(
      `select state::text, output from pgboss.job where name = $1 and data->>'target' = 'requests'`,
      [QUEUES.writeBack],
    )
    expect(ended).toEqual([{ state: 'completed', output: { change: 'unchanged' } }])
    // The next change of the record is queued as ever.
    await see({ column: 'Customer', base: 'Bob', shown: 'Eve' }, { column: 'Travellers', base: 1, shown: 2 })
    await stage.work()
    expect(await queued()).toEqual(['copy'])
  })

  test('leaves the job that was there before it', async () => {
    await stage.agree('requests', id, WHOLE)
    const changes = [{ model: 'Request', id, operation: 'update' as const }]
    const targets = stage.config.targets.filter(({ name }) => name === 'requests')
    const statement = publishStatement(stage.config.schemas, targets, changes, { origin: 'sheet:requests' })
    await stage.sql.query(statement?.text ?? '', statement?.values)
    await see(bob)
    await stage.work()
    expect(await queued()).toEqual(['copy', 'requests'])
  })
})

describe('an edit has its place looked at again', () => {
  test.each([
    ['where another column shows something else', { Currency: 'USD' }],
    ['where a cell was never written', { Currency: undefined }],
    ['where a value of a person stands', { Comment: { kept: 'x', over: 'c', seen: 'x', from: 'c' } }],
  ])('%s', async (_, other) => {
    await stage.agree('requests', id, { ...WHOLE, ...other })
    await see(bob)
    await stage.work()
    expect(await queued()).toEqual(['copy', 'requests'])
  })

  test('where another edit was refused', async () => {
    stage.use({ requests: { validate: z.object({ passengers: z.number().max(50) }) } })
    await stage.agree('requests', id, WHOLE)
    await see(bob, { column: 'Travellers', base: 1, shown: 51 })
    await stage.work()
    expect(await queued()).toEqual(['copy', 'requests'])
  })

  test('where a call may have written a cell', async () => {
    await stage.agree('requests', id, WHOLE)
    await stage.sql.query(`update sync_record set intended = '{"Comment": ["d"]}'`)
    await see(bob)
    await stage.work()
    expect(await queued()).toEqual(['copy', 'requests'])
  })

  test('where the row is missing, or a conflict is open', async () => {
    await stage.agree('requests', id, WHOLE)
    await stage.sql.query('update sync_record set missing_since = now()')
    await see(bob)
    await stage.work()
    expect(await queued()).toEqual(['copy', 'requests'])
    await stage.sql.query('delete from pgboss.job')
    await stage.sql.query('update sync_record set missing_since = null')
    await stage.sql.query(
      `insert into sync_conflict (target, record_key, column_name, reason) values ('requests', $1, 'Comment', 'x')`,
      [id],
    )
    await see({ column: 'Customer', base: 'Bob', shown: 'Eve' })
    await stage.work()
    expect(await queued()).toEqual(['copy', 'requests'])
  })

  test('where the record leaves it', async () => {
    stage.use({ filter: ({ flexible }) => !flexible })
    await stage.agree('requests', id, WHOLE)
    await see({ column: 'Flexible', base: false, shown: true })
    await stage.work()
    expect(await queued()).toEqual(['copy', 'requests'])
  })
})
