import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { QUEUES } from '../../src/queue/queues.ts'
import { ACTOR, openTestOperations, type TestOperations, untilBlocked } from './support.ts'

let test: TestOperations
beforeEach(async () => {
  test = await openTestOperations()
})
afterEach(() => test.close())

const queued = async () =>
  (await test.queue.jobs()).filter((job) => ['created', 'retry'].includes(job.state)).map((job) => job.record)

describe('dead letters', () => {
  it('are listed with record, error and attempts', async () => {
    await test.die(['AAA'])
    const [letter, ...more] = await test.operations.listDeadLetters()
    expect(more).toEqual([])
    expect(letter).toMatchObject({
      state: 'dead',
      queue: QUEUES.writeBackDead,
      target: 'airports',
      model: 'Airport',
      record: 'AAA',
      operation: 'update',
      attempts: 8,
      error: { code: 'CELL_TOO_LONG', message: 'a cell is too long' },
    })
    const [source] = (await test.queue.jobs()).filter((job) => job.state === 'failed')
    expect(letter?.sourceId).toBe(source?.id)
  })

  it('are chosen by id, by the id of their source, by record, target, error and age', async () => {
    await test.die(['AAA'])
    await test.die(['BBB'], 'COLUMN_FAILED', 'the function of column "100%_x" threw')
    await test.sql.query(
      `update pgboss.job set created_on = created_on - interval '2 hours' where name = $1 and data->>'id' = 'AAA'`,
      [QUEUES.writeBackDead],
    )
    const [bbb, aaa] = await test.operations.listDeadLetters()
    const records = async (filter: object) =>
      (await test.operations.preview(filter)).sample.map((job) => job.record)
    expect(await records({ ids: [aaa?.id] })).toEqual(['AAA'])
    expect(await records({ ids: [bbb?.sourceId] })).toEqual(['BBB'])
    expect(await records({ record: 'BBB' })).toEqual(['BBB'])
    expect(await records({ target: 'airports' })).toEqual(['BBB', 'AAA'])
    expect(await records({ target: 'requests' })).toEqual([])
    expect(await records({ error: 'COLUMN_FAILED' })).toEqual(['BBB'])
    expect(await records({ error: '100%_X' })).toEqual(['BBB'])
    expect(await records({ error: '1000' })).toEqual([])
    expect(await records({ olderThanMs: 3_600_000 })).toEqual(['AAA'])
    expect(await records({ olderThanMs: 3_600_000, record: 'BBB' })).toEqual([])
  })

  it('are not touched without saying which', async () => {
    await test.die(['AAA'])
    for (const filter of [{}, { states: ['dead' as const] }, { record: undefined }]) {
      await expect(test.operations.retry(filter, ACTOR)).rejects.toMatchObject({ code: 'OPERATION_INVALID' })
      await expect(test.operations.discard(filter, ACTOR)).rejects.toMatchObject({
        code: 'OPERATION_INVALID',
      })
    }
    await expect(test.operations.retry({ target: 'nobody' }, ACTOR)).rejects.toMatchObject({
      code: 'TARGET_UNKNOWN',
    })
    await expect(test.operations.retry({ record: 'AAA' }, { actor: ' ' })).rejects.toMatchObject({
      code: 'OPERATION_INVALID',
    })
    expect(await test.operations.listDeadLetters()).toHaveLength(1)
  })
})

describe('retry', () => {
  it('queues a dead letter again with all its attempts, and writes down who did it', async () => {
    await test.die(['AAA', 'BBB'])
    expect(await test.operations.preview({ target: 'airports' })).toMatchObject({ total: 2, unroutable: 0 })
    expect(await test.operations.retry({ record: 'AAA' }, ACTOR)).toEqual({
      queued: 1,
      merged: 0,
      hastened: 0,
    })
    expect(await queued()).toEqual(['AAA'])
    const job = (await test.queue.jobs()).find((one) => one.state === 'created')
    expect(job?.retry_count).toBe(0)
    expect((await test.operations.listDeadLetters()).map((one) => one.record)).toEqual(['BBB'])
    const [entry] = await test.operations.audit()
    expect(entry).toMatchObject({
      actor: 'ada',
      action: 'retry',
      target: 'airports',
      subject: { reason: 'a test' },
    })
    expect(entry?.subject.jobs).toHaveLength(1)
  })

  it('makes no second job for a record that is queued already, nor for one that died twice', async () => {
    await test.die(['AAA'])
    await test.die(['AAA'])
    await test.die(['BBB'])
    await test.queue.publish(['BBB'])
    expect(await test.operations.retry({ target: 'airports' }, ACTOR)).toEqual({
      queued: 1,
      merged: 2,
      hastened: 0,
    })
    expect((await queued()).sort()).toEqual(['AAA', 'BBB'])
    expect(await test.operations.listDeadLetters()).toEqual([])
    const left = await test.sql.query(`select 1 from pgboss.job where name = $1`, [QUEUES.writeBackDead])
    expect(left).toEqual([])
  })

  it('does not deadlock with writers that queue the same records in another order', async () => {
    await test.die(['BBB'])
    await test.die(['AAA'])
    const writer = new pg.Client(test.queue.database.url)
    await writer.connect()
    try {
      await writer.query('begin')
      const publish = (id: string) =>
        writer.query(
          `select public.sync_publish('airports', 'Airport', 'demo', array[$1], array['update'])`,
          [id],
        )
      await publish('AAA')
      const retried = test.operations.retry({ target: 'airports' }, ACTOR)
      await untilBlocked(test.sql)
      await publish('BBB')
      await writer.query('commit')
      const { queued: again, merged } = await retried
      expect(again + merged).toBe(2)
    } finally {
      await writer.end()
    }
    const keys = await queued()
    expect(new Set(keys)).toEqual(new Set(['AAA', 'BBB']))
  })

  it('lets a failed job try again now, when it is asked for those', async () => {
    await test.fail(['AAA'])
    expect(await test.operations.retry({ record: 'AAA' }, ACTOR)).toEqual({
      queued: 0,
      merged: 0,
      hastened: 0,
    })
    expect((await test.operations.listJobs())[0]).toMatchObject({ state: 'retrying' })
    const done = await test.operations.retry({ record: 'AAA', states: ['retrying'] }, ACTOR)
    expect(done).toEqual({ queued: 0, merged: 0, hastened: 1 })
    expect(await test.queue.boss.fetch(QUEUES.writeBack)).toHaveLength(1)
  })
})

describe('discard', () => {
  it('deletes dead letters and cancels failed jobs, and writes down who did it', async () => {
    await test.die(['AAA', 'BBB'])
    await test.fail(['CCC'])
    expect(await test.operations.discard({ record: 'AAA' }, ACTOR)).toEqual({ discarded: 1 })
    expect((await test.operations.listDeadLetters()).map((one) => one.record)).toEqual(['BBB'])
    const both = { target: 'airports', states: ['dead', 'retrying'] as const }
    expect(await test.operations.discard(both, ACTOR)).toEqual({ discarded: 2 })
    expect(await queued()).toEqual([])
    const entries = await test.operations.audit()
    expect(entries.map((entry) => entry.action)).toEqual(['discard', 'discard'])
    expect(entries[0]?.subject).toMatchObject({ discarded: 2, reason: 'a test' })
  })

  it('leaves jobs alone that are waiting or in the hands of a worker', async () => {
    await test.queue.publish(['AAA'])
    expect(await test.operations.discard({ record: 'AAA', states: ['dead', 'retrying'] }, ACTOR)).toEqual({
      discarded: 0,
    })
    expect(await queued()).toEqual(['AAA'])
  })
})
