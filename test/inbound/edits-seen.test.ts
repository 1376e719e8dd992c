import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Sql } from '../../src/database/sql.ts'
import { type SeenEdit, seeEdits, withdrawEdits } from '../../src/inbound/edits-seen.ts'
import { sqlOf } from '../../src/queue/boss.ts'
import { sendInbound } from '../../src/queue/inbound.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'

let queue: TestQueue
let sql: Sql

beforeAll(async () => {
  queue = await openTestQueue()
  sql = sqlOf(queue.boss)
})
afterAll(() => queue.close())
beforeEach(() => sql.query('truncate sync_edit'))

const edit = (given: Partial<SeenEdit> = {}): SeenEdit => ({
  ...{ id: '1', kind: 'change', column: 'Name', base: 'a', shown: 'b', zone: 'Etc/UTC' },
  ...given,
})
const see = (...edits: SeenEdit[]) => seeEdits(sql, queue.config.schemas, 'requests', edits)
const rows = () =>
  sql.query(
    `select record_key, column_name, kind::text, base, shown, state::text, open, editor from sync_edit order by id`,
  )
const refuse = () => sql.query(`update sync_edit set state = 'refused', reason = 'no', decided_at = now()`)

describe('edits that are seen', () => {
  test('wait for their job, each cell once', async () => {
    expect(await see(edit(), edit({ column: 'City', shown: null }), edit({ id: '2' }))).toEqual(['1', '2'])
    expect(await rows()).toMatchObject([
      { record_key: '1', column_name: 'City', shown: null, state: 'pending', open: true },
      { record_key: '1', column_name: 'Name', base: 'a', shown: 'b', state: 'pending' },
      { record_key: '2', column_name: 'Name' },
    ])
  })

  test('are brought up to date, and no news when they are the same', async () => {
    await see(edit())
    expect(await see(edit())).toEqual([])
    expect(await see(edit({ shown: 'c', editor: 'ada@example.com' }))).toEqual(['1'])
    expect(await rows()).toMatchObject([{ shown: 'c', state: 'pending', editor: 'ada@example.com' }])
  })

  test('stay refused while they are the same', async () => {
    await see(edit())
    await refuse()
    expect(await see(edit())).toEqual([])
    expect(await rows()).toMatchObject([{ shown: 'b', state: 'refused', open: true }])
  })

  test('give way to another value of a refused one', async () => {
    await see(edit())
    await refuse()
    expect(await see(edit({ shown: 'c' }), edit({ id: '2' }))).toEqual(['1', '2'])
    expect(await rows()).toMatchObject([
      { shown: 'b', state: 'withdrawn', open: null },
      { shown: 'c', state: 'pending', open: true },
      { record_key: '2' },
    ])
  })

  test('are withdrawn, whether they wait or were refused', async () => {
    await see(edit())
    await refuse()
    await see(edit({ id: '2' }), edit({ id: '3' }))
    const cells = ['1', '2'].map((id) => ({ id, column: 'Name' }))
    expect(await withdrawEdits(sql, queue.config.schemas, 'requests', cells)).toBe(2)
    expect(await rows()).toMatchObject([
      { record_key: '1', state: 'withdrawn', open: null },
      { record_key: '2', state: 'withdrawn' },
      { record_key: '3', state: 'pending' },
    ])
  })

  test('are as old as they were when they are looked at again', async () => {
    const seenAt = async () =>
      (await sql.query<{ at: Date }>('select seen_at as at from sync_edit where open'))[0]?.at.getTime()
    const again = async (given: Partial<SeenEdit>) => {
      await withdrawEdits(sql, queue.config.schemas, 'requests', [{ id: '1', column: 'Name' }])
      await see(edit({ isAgain: true, ...given }))
    }
    await see(edit())
    await refuse()
    await sql.query(`update sync_edit set seen_at = '2026-01-01T00:00:00Z'`)
    const then = await seenAt()
    await again({})
    await again({})
    expect(await seenAt()).toBe(then)
    const began = Date.now()
    await again({ shown: 'c' })
    expect(await seenAt()).toBeGreaterThanOrEqual(began - 1_000)
  })

  test('have one queued job a record', async () => {
    const send = (...ids: string[]) => sendInbound(sql, queue.config.schemas, 'requests', ids)
    expect(await send('1', '2', '1')).toBe(2)
    expect(await send('1', '3')).toBe(1)
    const jobs = await queue.boss.fetch<{ id: string }>(QUEUES.inbound, { batchSize: 10 })
    const data = jobs.map((job) => job.data).sort((a, b) => a.id.localeCompare(b.id))
    expect(data).toEqual(['1', '2', '3'].map((id) => ({ v: 1, target: 'requests', id })))
    // One that is at work does not count: what comes now may be too late for it.
    expect(await send('1')).toBe(1)
  })
})
