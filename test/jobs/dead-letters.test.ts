import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeBack } from '../../jobs/write-back.ts'
import { recoverStuck } from '../../src/maintenance/recover-stuck.ts'
import type { Operations } from '../../src/operations/operations.ts'
import { openOperations } from '../../src/operations/operations.ts'
import { sqlOf } from '../../src/queue/boss.ts'
import { PRIORITY, QUEUES } from '../../src/queue/queues.ts'
import type { Outcome } from '../../src/targets/sheet/index.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { ScriptedWriter, testRuntime } from '../support/runtime.ts'
import { until } from '../support/wait.ts'

const DONE: Outcome = { status: 'done', change: 'written' }
const TOO_LONG: Outcome = { status: 'dead', code: 'CELL_TOO_LONG', reason: 'too long' }

let queue: TestQueue
let operations: Operations
let leaving: AbortController
/** What becomes of a record; the others are written. */
let outcomes: Map<string, Outcome>
beforeEach(async () => {
  queue = await openTestQueue()
  operations = await openOperations(queue.config, { databaseUrl: queue.database.url })
  leaving = new AbortController()
  outcomes = new Map()
})
afterEach(async () => {
  leaving.abort()
  await operations.close()
  await queue.close()
})

const runtime = () => testRuntime(queue, new ScriptedWriter((id) => outcomes.get(id) ?? DONE), leaving.signal)

/** Publishes jobs for these records, as a comparison does, and waits for their end. */
async function handle(records: readonly string[], priority: number = PRIORITY.backfill) {
  await queue.publish(records, priority)
  await settled()
}

const settled = () =>
  until('every job has ended', async () =>
    (await queue.jobs()).every(({ state }) => ['completed', 'failed'].includes(state)),
  )
const open = async () =>
  (await operations.listDeadLetters()).map(({ record, error }) => [record, error?.code]).sort()
const deadOf = async () => {
  const stats = await operations.stats()
  const { complaints } = operations.health(stats)
  return {
    dead: stats.targets.find(({ target }) => target === 'airports')?.dead,
    complaints: complaints.filter(({ message }) => message.includes('dead letter')),
  }
}

describe('dead letters of a record', () => {
  it('are one, however often it is compared, with the newest reason', async () => {
    outcomes.set('BAD', TOO_LONG).set('WORSE', TOO_LONG)
    await writeBack.start(runtime())
    await handle(['BAD', 'WORSE'])
    for (let night = 0; night < 3; night++) await handle(['BAD'])
    expect(await open()).toEqual([
      ['BAD', 'CELL_TOO_LONG'],
      ['WORSE', 'CELL_TOO_LONG'],
    ])
    outcomes.set('BAD', { status: 'dead', code: 'COLUMN_FAILED', reason: 'threw' })
    await handle(['BAD'])
    expect(await open()).toEqual([
      ['BAD', 'COLUMN_FAILED'],
      ['WORSE', 'CELL_TOO_LONG'],
    ])
  })

  it('are one when its attempts are used up', async () => {
    outcomes.set('BAD', { status: 'failed', code: 'COLUMN_FAILED', reason: 'threw' })
    await writeBack.start(runtime())
    for (let night = 0; night < 2; night++) {
      // The queue's retries, used up before.
      await sqlOf(queue.boss).query(`update pgboss.queue set retry_limit = 0 where name = $1`, [
        QUEUES.writeBack,
      ])
      await handle(['BAD'])
    }
    expect(await open()).toEqual([['BAD', 'COLUMN_FAILED']])
  })

  it('are one where two of its jobs fail in one batch', async () => {
    outcomes.set('BAD', TOO_LONG)
    await queue.publish(['BAD'])
    await sqlOf(queue.boss).query(
      `update pgboss.job set singleton_key = singleton_key || '#again' where name = $1`,
      [QUEUES.writeBack],
    )
    await queue.publish(['BAD'])
    await writeBack.start(runtime())
    await settled()
    expect(await queue.jobs()).toHaveLength(2)
    expect(await open()).toEqual([['BAD', 'CELL_TOO_LONG']])
  })

  it('are settled when it is written, and the audit says how', async () => {
    outcomes.set('BAD', TOO_LONG).set('WORSE', TOO_LONG)
    await writeBack.start(runtime())
    await handle(['BAD', 'WORSE'])
    expect(await deadOf()).toMatchObject({ dead: 2, complaints: [{ severity: 'attention' }] })
    const [letter] = await operations.listDeadLetters({ record: 'BAD' })

    outcomes.delete('BAD')
    await handle(['BAD', 'OTHER'], PRIORITY.change)
    expect(await open()).toEqual([['WORSE', 'CELL_TOO_LONG']])
    expect((await deadOf()).dead).toBe(1)
    expect(await operations.audit()).toMatchObject([
      {
        ...{ actor: 'worker', action: 'settle', target: 'airports' },
        subject: { jobs: [letter?.id], records: ['BAD'], reason: expect.stringContaining('brought') },
      },
    ])

    outcomes.delete('WORSE')
    await handle(['WORSE'])
    expect(await deadOf()).toEqual({ dead: 0, complaints: [] })
  })

  it('stay while the record is put off, or fails in another way', async () => {
    outcomes.set('BAD', TOO_LONG)
    await writeBack.start(runtime())
    await handle(['BAD'])
    outcomes.set('BAD', { status: 'failed', code: 'COLUMN_FAILED', reason: 'threw' })
    await queue.publish(['BAD'])
    await until('it has failed once', async () => (await queue.jobs()).some(({ state }) => state === 'retry'))
    expect(await open()).toEqual([['BAD', 'CELL_TOO_LONG']])
  })

  it('that were left behind are settled by the recovery: repeated ones, and those whose record was written', async () => {
    outcomes.set('BAD', TOO_LONG).set('GOOD', TOO_LONG)
    await writeBack.start(runtime())
    await handle(['BAD', 'GOOD'])
    const sql = sqlOf(queue.boss)
    // As a version without this has left them.
    await sql.query(
      `insert into pgboss.job (name, data, singleton_key, group_id, group_tier, source_name, source_output, created_on)
       select name, data, singleton_key, group_id, group_tier, source_name, '{"code":"OLD"}', created_on - interval '1 day'
       from pgboss.job where name = $1`,
      [QUEUES.writeBackDead],
    )
    expect(await open()).toHaveLength(4)
    const written = (record: string, at: string) =>
      sql.query(
        `insert into sync_record (target, record_key, base, written_at)
         values ('airports', $1, '{}', now() + $2::interval)`,
        [record, at],
      )
    await written('GOOD', '1 second')
    await written('BAD', '-1 hour')
    await recoverStuck(runtime())
    expect(await open()).toEqual([['BAD', 'CELL_TOO_LONG']])
    expect((await operations.audit())[0]).toMatchObject({ action: 'settle', subject: { records: ['GOOD'] } })
  })
})
