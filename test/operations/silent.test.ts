import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Complaint } from '../../src/operations/complaints/complaint.ts'
import { installJobs } from '../../src/operations/install.ts'
import { overdueSince } from '../../src/operations/overdue.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { takeBackLost } from '../../src/queue/take-back.ts'
import { openTestOperations, type TestOperations } from './support.ts'

/** What was silent: states in which changes do not reach a sheet, or somebody has to do something. */
describe('status', () => {
  let test: TestOperations
  beforeAll(async () => {
    test = await openTestOperations()
  })
  afterAll(() => test.close())
  beforeEach(async () => {
    await installJobs(test.queue.database.url, test.queue.config)
    await test.sql.query('delete from pgboss.job')
    await test.sql.query('update sync_target set last_success_at = null, created_at = now()')
    await compared()
  })

  /** Every target was compared a minute ago. */
  async function compared() {
    const found = test.queue.config.targets.map(({ name }) => ({ target: name }))
    await test.sql.query(
      `insert into pgboss.job (name, state, started_on, completed_on, output)
       values ($1, 'completed', now() - interval '1 minute', now() - interval '1 minute', $2::jsonb)`,
      [QUEUES.reconcile, JSON.stringify({ found })],
    )
  }
  /** What is said while a worker lives that began two days ago. */
  async function said(): Promise<readonly Complaint[]> {
    const context = test.operations
    const stats = await context.stats()
    const workers = [{ id: '1', startedAt: stats.at, heartbeatAt: stats.at, connections: 3, alive: true }]
    return context.health({ ...stats, workers }).complaints
  }
  const fail = (records: readonly string[]) =>
    test.fail(records, 'COLUMN_FAILED', 'the function of column "Name" threw')

  it('is well when there is nothing to say', async () => {
    expect(await said()).toEqual([])
  })

  it('names a failing change, and what it fails with', async () => {
    await fail(['AAA'])
    expect(await said()).toEqual([
      {
        severity: 'attention',
        target: 'airports',
        message: '1 change failed, and is tried again: COLUMN_FAILED the function of column "Name" threw',
        remedy: expect.stringContaining('writeback jobs --state retrying dead --target airports'),
      },
    ])
  })

  it('is broken when every change of a target fails, also while the next attempt is made', async () => {
    await fail(['AAA', 'BBB', 'CCC'])
    const expected = {
      severity: 'broken',
      target: 'airports',
      message:
        'nothing was written so far, 3 changes have failed: COLUMN_FAILED the function of column "Name" threw',
    }
    expect(await said()).toMatchObject([expected])
    await test.sql.query('update pgboss.job set start_after = now()')
    await test.queue.boss.fetch(QUEUES.writeBack, { batchSize: 3 })
    expect(await said()).toMatchObject([expected])
  })

  it('does not take an attempt that has begun for a failure since the last success', async () => {
    await fail(['AAA', 'BBB', 'CCC'])
    await test.sql.query(`update sync_target set last_success_at = now()`)
    await test.sql.query('update pgboss.job set start_after = now()')
    await test.queue.boss.fetch(QUEUES.writeBack, { batchSize: 3 })
    expect(await said()).toMatchObject([
      { severity: 'attention', message: expect.stringMatching(/^3 changes failed, and are tried again/) },
    ])
  })

  describe('of a worker that ended without saying so', () => {
    /** Its changes, so many seconds after their last heartbeat. */
    async function lose(seconds: number, records: readonly string[] = ['AAA', 'BBB']) {
      await test.queue.publish(records)
      await test.queue.boss.fetch(QUEUES.writeBack, { batchSize: records.length })
      await test.sql.query(
        `update pgboss.job set heartbeat_on = now() - $1::int * interval '1 second' where state = 'active'`,
        [seconds],
      )
    }

    /** Lets pg-boss look for lost jobs, which it does once a minute at most. */
    async function supervise(queue: string) {
      const claims = await test.sql.query<{ name: string }>(
        `select column_name as name from information_schema.columns
         where table_schema = 'pgboss' and table_name = 'queue' and column_name in ('monitor_on', 'monitor_claim_on')`,
      )
      await test.sql.query(`update pgboss.queue set ${claims.map(({ name }) => `${name} = null`).join(', ')}`)
      await test.queue.boss.supervise(queue)
    }

    it('says nothing while it beats', async () => {
      await lose(9)
      expect(await said()).toEqual([])
    })

    it('says that its heartbeat is missing, and when its changes are taken back', async () => {
      await lose(20)
      const [complaint, ...others] = await said()
      expect(others).toEqual([])
      expect(complaint).toMatchObject({ severity: 'attention', target: null })
      expect(complaint?.message).toMatch(
        /^2 changes are in the hands of a worker without a heartbeat since 20\S+ \S+Z: they are taken back at 20\S+ \S+Z$/,
      )
      const [since, back] = [...(complaint?.message ?? '').matchAll(/20\S+ \S+Z/g)].map(([at]) =>
        Date.parse(at),
      )
      expect((back ?? 0) - (since ?? 0)).toBe(25_000)
      expect(complaint?.remedy).toMatch(/^Nothing/)
      const [job] = await test.operations.listJobs({ record: 'AAA' })
      const { why } = await test.operations.showJob(job?.id ?? '')
      expect(why.join(' ')).toMatch(/heartbeat .* taken back at 20/)
    })

    it('does the same for a comparison', async () => {
      await test.queue.boss.send(QUEUES.reconcile, { target: 'airports' })
      await test.queue.boss.fetch(QUEUES.reconcile)
      await test.sql.query(
        `update pgboss.job set heartbeat_on = now() - interval '50 seconds' where state = 'active'`,
      )
      expect(await said()).toMatchObject([
        {
          message: expect.stringMatching(
            /^1 job of sync.reconcile is in the hands of a worker without a heartbeat/,
          ),
        },
      ])
    })

    it.each([
      ['by a worker', () => takeBackLost(test.sql, test.queue.config.schemas)],
      ['by pg-boss', () => supervise(QUEUES.writeBack)],
    ])('does not blame the changes once they were taken back %s', async (_by, takeBack) => {
      await test.sql.query(`update sync_target set last_success_at = now() - interval '1 minute'`)
      await lose(60)
      await takeBack()
      const expected = {
        severity: 'attention',
        target: 'airports',
        message: '2 changes were in the hands of a worker that ended without saying so, and are tried again',
        remedy: expect.stringMatching(/^Nothing, if it was killed/),
      }
      expect(await said()).toMatchObject([expected])
      await test.sql.query('update pgboss.job set start_after = now()')
      await test.queue.boss.fetch(QUEUES.writeBack, { batchSize: 2 })
      expect(await said()).toMatchObject([expected])
      const jobs = await test.operations.listJobs({ error: 'WORKER_LOST' })
      expect(jobs.map(({ error }) => error)).toEqual(
        Array(2).fill({ code: 'WORKER_LOST', message: expect.stringContaining('without saying so') }),
      )
    })

    it('names the reason of a change that was lost at its last attempt', async () => {
      await lose(60)
      await test.sql.query('update pgboss.job set retry_count = retry_limit where name = $1', [
        QUEUES.writeBack,
      ])
      await supervise(QUEUES.writeBack)
      expect((await said()).map(({ message }) => message).join('; ')).toMatch(/WORKER_LOST a worker ended/)
    })

    it('says of a comparison that was cut off that it comes again', async () => {
      await test.queue.boss.send(QUEUES.reconcile, { target: 'airports' })
      await test.queue.boss.fetch(QUEUES.reconcile)
      await test.sql.query(
        `update pgboss.job set heartbeat_on = now() - interval '5 minutes' where state = 'active'`,
      )
      await supervise(QUEUES.reconcile)
      expect(await said()).toMatchObject([
        {
          message: expect.stringMatching(
            /^sync.reconcile failed, and is tried again .*WORKER_LOST a worker ended/,
          ),
          remedy: expect.stringMatching(/^Nothing/),
        },
      ])
    })
  })

  it('is broken when every change has become a dead letter since the last success', async () => {
    await test.sql.query(`update sync_target set last_success_at = now() - interval '1 minute'`)
    await test.die(['AAA', 'BBB'], 'UNEXPECTED', 'column "phone" does not exist')
    expect(await said()).toMatchObject([
      {
        severity: 'broken',
        message: expect.stringMatching(
          /^nothing was written since 20.*Z, 2 changes have failed: UNEXPECTED column/,
        ),
      },
      { severity: 'attention', message: '2 dead letters' },
    ])
    // What is written since tells that it is the records.
    await test.sql.query(`update sync_target set last_success_at = now()`)
    expect(await said()).toMatchObject([
      { severity: 'attention', message: expect.stringMatching(/^2 dead letters: UNEXPECTED column/) },
    ])
  })

  it('does not call a target broken for one bad record that every comparison tries again', async () => {
    await test.sql.query(`update sync_target set last_success_at = now() - interval '1 minute'`)
    for (let night = 0; night < 3; night += 1) await test.die(['AAA'])
    expect(await said()).toMatchObject([
      { severity: 'attention', message: expect.stringMatching(/^3 dead letters: CELL_TOO_LONG/) },
    ])
  })

  it('names a queue, a schedule and a function that are not there', async () => {
    await test.queue.boss.deleteQueue(QUEUES.recover)
    await test.queue.boss.deleteQueue(QUEUES.related)
    await test.queue.boss.unschedule(QUEUES.reconcile)
    await test.sql.query('drop function sync_publish')
    expect(await said()).toMatchObject([
      { severity: 'broken', subject: 'queue sync.related', remedy: 'Run writeback migrate' },
      { severity: 'broken', subject: 'publishing', remedy: 'Run writeback migrate' },
      { severity: 'attention', subject: 'queue sync.recover', remedy: 'Run writeback migrate' },
      { severity: 'attention', subject: 'schedule sync.reconcile', remedy: 'Run writeback migrate' },
    ])
  })

  it('names publishing functions of another version', async () => {
    await test.sql.query(
      `do $$ begin execute replace(pg_get_functiondef('sync_publish'::regproc), 'v_total', 'v_count'); end $$`,
    )
    expect(await said()).toMatchObject([{ severity: 'attention', subject: 'publishing' }])
  })

  it('names changes of a target that the configuration does not have', async () => {
    await test.queue.publish(['AAA'])
    await test.sql.query(`update pgboss.job set group_tier = 'old' where name = $1`, [QUEUES.writeBack])
    expect(await said()).toMatchObject([
      {
        severity: 'attention',
        subject: 'target old',
        message: '1 change waits for target old, which the configuration does not have',
      },
    ])
  })

  it('names a target that was never compared, unless a comparison is queued', async () => {
    await test.sql.query('delete from pgboss.job')
    expect(await said()).toMatchObject([
      {
        target: 'airports',
        severity: 'attention',
        message: expect.stringMatching(/never compared/),
        remedy: expect.stringMatching(/reconcile airports/),
      },
      { target: 'requests', severity: 'attention' },
    ])
    await test.operations.reconcile(undefined, { actor: 'ada' })
    expect(await said()).toEqual([])
  })

  it('names a job that no worker takes', async () => {
    await test.operations.reconcile('airports', { actor: 'ada' })
    await test.queue.boss.send(QUEUES.related, { v: 1 })
    await test.sql.query(
      `update pgboss.job set created_on = now() - interval '20 minutes' where state = 'created'`,
    )
    expect(await said()).toMatchObject([
      {
        subject: 'queue sync.related',
        message: expect.stringMatching(/^1 job waits in sync.related, the oldest for 20 minutes/),
      },
      { subject: 'queue sync.reconcile' },
    ])
  })

  it('counts what waits for a second look among the jobs that wait for a worker', async () => {
    await test.queue.boss.send(QUEUES.related, { v: 1 })
    const { complaints } = test.operations.health(await test.operations.stats())
    expect(complaints).toMatchObject([{ severity: 'broken', message: 'no worker is alive, 1 job waits' }])
  })
})

describe('a scheduled job', () => {
  const nightly = { cron: '17 3 * * *', timeZone: 'UTC' }
  const day = (date: number, hour = 12) => new Date(Date.UTC(2026, 4, date, hour))
  const situation = { now: day(10), lastSuccess: day(10, 4), workerSince: day(1), knownMs: 7 * 86_400_000 }

  it('is overdue when it has missed two of its times', () => {
    expect(overdueSince(nightly, situation)).toBeNull()
    // Today's may still come.
    expect(overdueSince(nightly, { ...situation, lastSuccess: day(9, 4) })).toBeNull()
    expect(overdueSince(nightly, { ...situation, lastSuccess: day(8, 4) })).toEqual(
      new Date(Date.UTC(2026, 4, 9, 3, 17)),
    )
  })

  it('is not while there was no worker to do it', () => {
    const missed = { ...situation, lastSuccess: day(8, 4) }
    expect(overdueSince(nightly, { ...missed, workerSince: null })).toBeNull()
    expect(overdueSince(nightly, { ...missed, workerSince: day(10, 1) })).toBeNull()
  })

  it('that has never succeeded is, as far back as successes are kept', () => {
    expect(overdueSince(nightly, { ...situation, lastSuccess: null })).not.toBeNull()
    const monthly = { cron: '0 0 1 * *', timeZone: 'UTC' }
    expect(overdueSince(monthly, { ...situation, lastSuccess: null, workerSince: day(-60) })).toBeNull()
  })

  it('is judged in its own time zone', () => {
    const tokyo = { cron: '0 0 * * *', timeZone: 'Asia/Tokyo' }
    const missed = overdueSince(tokyo, { ...situation, lastSuccess: day(8) })
    expect(missed).toEqual(new Date(Date.UTC(2026, 4, 8, 15)))
  })
})
