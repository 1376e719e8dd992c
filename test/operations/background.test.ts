import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { BackgroundQueue, FailedRow, SucceededRow } from '../../src/operations/background.ts'
import { BACKGROUND_QUEUES, unresolved } from '../../src/operations/background.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { ACTOR, openTestOperations, type TestOperations } from './support.ts'

describe('failures that no later success has made good', () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute))
  const failed = (queue: BackgroundQueue, rest: Partial<FailedRow> = {}): FailedRow => ({
    ...{ queue, target: null, id: 'f', state: 'failed', attempts: 3, allowed: 3, at: at(10) },
    ...{ code: 'UNEXPECTED', message: 'broken', targets: null, ...rest },
  })
  const succeeded = (queue: BackgroundQueue, target: string | null, minute: number): SucceededRow => ({
    ...{ queue, target, started: at(minute), ended: at(minute + 1) },
  })
  const left = (row: FailedRow, ...successes: SucceededRow[]) =>
    unresolved([row], successes, ['a', 'b']).length

  it('are of the same queue, and of the same target', () => {
    expect(left(failed('sync.cleanup'), succeeded('sync.cleanup', null, 5))).toBe(1)
    expect(left(failed('sync.cleanup'), succeeded('sync.recover', null, 15))).toBe(1)
    expect(left(failed('sync.cleanup'), succeeded('sync.cleanup', null, 15))).toBe(0)
    expect(left(failed('sync.reconcile', { target: 'a' }), succeeded('sync.reconcile', 'b', 15))).toBe(1)
    expect(left(failed('sync.reconcile', { target: 'a' }), succeeded('sync.reconcile', 'a', 15))).toBe(0)
  })

  it('of a comparison of all targets: each that failed is compared since, or each of all where that is not known', () => {
    const all = failed('sync.reconcile')
    expect(left(all, succeeded('sync.reconcile', 'a', 15))).toBe(1)
    expect(left(all, succeeded('sync.reconcile', 'a', 15), succeeded('sync.reconcile', 'b', 15))).toBe(0)
    expect(left({ ...all, targets: ['b'] }, succeeded('sync.reconcile', 'a', 15))).toBe(1)
    expect(left({ ...all, targets: ['b'] }, succeeded('sync.reconcile', 'b', 15))).toBe(0)
  })

  it('of a second look: a comparison that began after it finds what it would have found', () => {
    const look = failed('sync.related', { target: 'a' })
    expect(left(look, succeeded('sync.related', null, 15))).toBe(1)
    expect(left(look, succeeded('sync.reconcile', 'a', 9))).toBe(1)
    expect(left(look, succeeded('sync.reconcile', 'a', 11))).toBe(0)
  })
})

describe('a failed background job', () => {
  let test: TestOperations
  beforeAll(async () => {
    test = await openTestOperations()
  })
  afterAll(() => test.close())
  beforeEach(async () => {
    await test.sql.query('delete from pgboss.job')
    await test.sql.query('delete from sync_audit')
  })

  /** Sends a job and lets a worker take it. */
  async function taken(queue: string, data: object): Promise<string> {
    await test.queue.boss.send(queue, data, { retryLimit: 1 })
    const [job] = await test.queue.boss.fetch(queue)
    return job?.id ?? ''
  }
  async function complaints(subject: string) {
    const stats = await test.operations.stats()
    const { complaints } = test.operations.health(stats)
    return complaints.filter(({ message }) => message.startsWith(subject))
  }
  const error = { code: 'SHEET_FORBIDDEN', message: 'The caller does not have permission' }

  const KINDS = [
    { queue: QUEUES.reconcile, data: { target: 'airports' }, target: 'airports', severity: 'attention' },
    { queue: QUEUES.reconcile, data: {}, target: null, severity: 'attention' },
    { queue: QUEUES.cleanup, data: {}, target: null, severity: 'attention' },
    { queue: QUEUES.recover, data: {}, target: null, severity: 'attention' },
    { queue: QUEUES.related, data: { target: 'requests' }, target: 'requests', severity: 'broken' },
  ] as const

  it('is one of these kinds', () => {
    expect([...new Set(KINDS.map(({ queue }) => queue))].sort()).toEqual([...BACKGROUND_QUEUES].sort())
  })

  it.each(KINDS)('is named with its reason and remedy until it succeeds: $queue of $target', async (kind) => {
    const id = await taken(kind.queue, kind.data)
    await test.queue.boss.fail(kind.queue, id, error)
    expect(await complaints(kind.queue)).toEqual([
      {
        severity: 'attention',
        target: kind.target,
        ...(kind.target === null && { subject: `queue ${kind.queue}` }),
        message: `${kind.queue} failed, and is tried again (attempt 1 of 2): SHEET_FORBIDDEN The caller does not have permission`,
        remedy: expect.stringContaining('writeback '),
      },
    ])
    // Also while its next attempt is made.
    await test.sql.query(`update pgboss.job set start_after = now() where id = $1`, [id])
    await test.queue.boss.fetch(kind.queue)
    expect(await complaints(kind.queue)).toHaveLength(1)
    await test.queue.boss.fail(kind.queue, id, error)
    const stats = await test.operations.stats()
    expect(stats.failures).toMatchObject([
      {
        queue: kind.queue,
        target: kind.target,
        jobId: id,
        state: 'failed',
        attempts: 2,
        attemptsAllowed: 2,
        error,
      },
    ])
    const [told, ...others] = await complaints(kind.queue)
    expect(others).toEqual([])
    expect(told).toMatchObject({
      severity: kind.severity,
      message: `${kind.queue} failed: SHEET_FORBIDDEN The caller does not have permission`,
    })

    // A later run succeeds: of a second look it is the comparison of its target.
    const queue = kind.queue === QUEUES.related ? QUEUES.reconcile : kind.queue
    const targets = kind.target === null ? ['airports', 'requests'] : [kind.target]
    const found = targets.map((target) => ({ target, rows: 0 }))
    await test.queue.boss.complete(queue, await taken(queue, kind.data), { found })
    expect(await complaints(kind.queue)).toEqual([])
    expect((await test.operations.stats()).failures).toEqual([])
  })

  it('whose worker died is named, too', async () => {
    const id = await taken(QUEUES.reconcile, { target: 'airports' })
    await test.sql.query(
      `update pgboss.job set heartbeat_on = now() - interval '1 hour', retry_count = retry_limit where id = $1`,
      [id],
    )
    await test.queue.boss.supervise(QUEUES.reconcile)
    expect(await complaints(QUEUES.reconcile)).toMatchObject([
      { target: 'airports', message: expect.stringMatching(/WORKER_LOST a worker ended/) },
    ])
  })

  it.each([
    [QUEUES.cleanup, () => test.operations.cleanup(ACTOR)],
    [QUEUES.recover, () => test.operations.resetStuck(ACTOR)],
  ] as const)('is made good by the command that does the same: %s', async (queue, command) => {
    await test.queue.boss.fail(queue, await taken(queue, {}), error)
    expect(await complaints(queue)).toHaveLength(1)
    await command()
    expect(await complaints(queue)).toEqual([])
  })

  it('is found by doctor', async () => {
    await test.queue.boss.fail(QUEUES.cleanup, await taken(QUEUES.cleanup, {}), error)
    expect(await test.operations.doctor()).toContainEqual(
      expect.objectContaining({ subject: 'queue sync.cleanup', severity: 'warning' }),
    )
  })
})
