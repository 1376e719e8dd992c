import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readInstalled, renderTriggerMigration } from '../../src/capture/triggers/index.ts'
import { countSql } from '../../src/operations/job-counts.ts'
import { startBoss } from '../../src/queue/boss.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { until } from '../support/wait.ts'
import { ACTOR, openTestOperations, type TestOperations } from './support.ts'

let test: TestOperations
beforeEach(async () => {
  test = await openTestOperations()
})
afterEach(() => test.close())

const airports = async () => (await test.operations.stats()).targets.find((one) => one.target === 'airports')
const health = async () => test.operations.health(await test.operations.stats())

describe('stats', () => {
  it('counts the jobs of a target by what they wait for', async () => {
    await test.die(['DDD', 'DDE'])
    await test.fail(['RRR'])
    await test.queue.publish(['AAA'])
    await test.queue.boss.fetch(QUEUES.writeBack)
    await test.queue.publish(['CCC'])
    const [completed] = await test.queue.boss.fetch(QUEUES.writeBack)
    await test.queue.boss.complete(QUEUES.writeBack, completed?.id ?? '')
    await test.queue.publish(['WWW', 'LLL'])
    await test.sql.query(
      `update pgboss.job set start_after = now() + interval '1 hour' where name = $1 and data->>'id' = 'LLL'`,
      [QUEUES.writeBack],
    )
    expect(await airports()).toMatchObject({
      registered: true,
      state: 'active',
      waiting: 1,
      delayed: 1,
      active: 1,
      retrying: 1,
      dead: 2,
      capture: 'extension',
      circuit: { state: 'closed' },
    })
    const stats = await test.operations.stats()
    expect(stats.queues.map((queue) => queue.queue)).toEqual(Object.values(QUEUES))
    expect(stats.targets.find((one) => one.target === 'requests')).toMatchObject({ waiting: 0, dead: 0 })
    const age = stats.at.getTime() - ((await airports())?.oldestWaiting?.getTime() ?? 0)
    expect(age).toBeGreaterThanOrEqual(0)
    expect(age).toBeLessThan(60_000)
  })

  it('knows the oldest change also when a worker has had it in hand for long', async () => {
    await test.queue.publish(['AAA'])
    await test.queue.boss.fetch(QUEUES.writeBack)
    await test.sql.query(`update pgboss.job set created_on = now() - interval '1 hour' where name = $1`, [
      QUEUES.writeBack,
    ])
    const stats = await test.operations.stats()
    const alive = { id: '1', startedAt: stats.at, heartbeatAt: stats.at, connections: 3, alive: true }
    expect(test.operations.health({ ...stats, workers: [alive] as never })).toMatchObject({
      verdict: 'attention',
      complaints: [{ target: 'airports', message: 'its oldest change has waited for 60 minutes' }],
    })
  })

  it('counts a job that was handed back as delayed, not as retrying', async () => {
    await test.queue.publish(['AAA'])
    await test.sql.query(
      `update pgboss.job set state = 'retry', start_after = now() + interval '1 minute' where name = $1`,
      [QUEUES.writeBack],
    )
    expect(await airports()).toMatchObject({ waiting: 0, delayed: 1, retrying: 0 })
  })

  it('reads none of the jobs that are settled and kept', async () => {
    await test.sql.query(
      `insert into pgboss.job (name, state, policy, singleton_key, group_id, group_tier, data)
       select $1, 'completed', 'short', 'airports:Airport:' || i, 'demo', 'airports', jsonb_build_object('id', i::text)
       from generate_series(1, 5000) i`,
      [QUEUES.writeBack],
    )
    await test.queue.publish(['AAA'])
    await test.sql.query('analyze')
    const others = [QUEUES.writeBackDead, QUEUES.related]
    const plan = await test.sql.query<{ 'QUERY PLAN': string }>(
      `explain (costs off) ${countSql(test.queue)}`,
      [QUEUES.writeBack, others],
    )
    const lines = plan.map((row) => row['QUERY PLAN'].trim())
    // Indexes of the queued and the active jobs alone, as pg-boss names them. The table of the other queues is small.
    const scans = lines.filter((line) => / Scan /.test(line) && !line.includes('job_common'))
    expect(scans.length).toBeGreaterThan(0)
    for (const scan of scans) expect(scan).toMatch(/Index.* Scan (using|on) \w+_i(11|7)\b|Bitmap Heap Scan/)
  })

  it('tells what is left of the quota', async () => {
    await test.sql.query(
      `insert into sync_quota (key, points, expire) values
       ('sheets-read:default', 15, extract(epoch from now() + interval '30 s') * 1000),
       ('sheets-write:default', 61, extract(epoch from now() + interval '30 s') * 1000),
       ('sheets-write:old', 40, extract(epoch from now() - interval '30 s') * 1000)`,
    )
    const { quota } = await test.operations.stats()
    expect(quota.reads).toEqual({ used: 15, limit: 60, left: 45, blocked: false })
    expect(quota.writes).toEqual({ used: 60, limit: 60, left: 0, blocked: true })
  })

  it('sees a worker by its connections, and when it last did something', async () => {
    expect((await test.operations.stats()).workers).toEqual([])
    const worker = await startBoss({
      databaseUrl: test.queue.database.url,
      schemas: test.queue.config.schemas,
      log: pino({ level: 'silent' }),
      applicationName: 'writeback worker 0a1b2c3d',
      works: true,
    })
    try {
      const [seen, ...others] = (await test.operations.stats()).workers
      expect(others).toEqual([])
      expect(seen).toMatchObject({ id: '0a1b2c3d', alive: true })
      expect(seen?.connections).toBeLessThanOrEqual(3)
      expect((await health()).complaints.filter((one) => one.message.includes('worker'))).toEqual([])
    } finally {
      await worker.stop({ graceful: false, close: true })
    }
    await until('it is gone', async () => (await test.operations.stats()).workers.length === 0)
  })
})

describe('health', () => {
  it('is broken when jobs wait and no worker lives, and says what to do', async () => {
    expect(await health()).toMatchObject({
      verdict: 'attention',
      complaints: [{ message: 'no worker is alive' }],
    })
    await test.queue.publish(['AAA'])
    expect(await health()).toMatchObject({
      verdict: 'broken',
      complaints: [
        {
          severity: 'broken',
          message: 'no worker is alive, 1 job waits',
          remedy: 'Start one: writeback worker',
        },
      ],
    })
  })

  it('names dead letters, open circuits, undecided cells and unusable tabs, each with its remedy', async () => {
    await test.die(['AAA'])
    await test.sql.query(
      `insert into sync_lane (id, circuit, failures, opened_at, probe_at, last_error_code, last_error)
       values ('demo', 'open', 3, now(), now() + interval '1 minute', 'SHEET_FORBIDDEN', 'The caller does not have permission')`,
    )
    await test.sql.query(
      `insert into sync_conflict (target, record_key, column_name, winner, reason) values
       ('airports', 'AAA', 'Name', 'none', 'edited'), ('airports', 'AAA', 'City', 'sheet', 'edited')`,
    )
    await test.sql.query(
      `update sync_target set last_error_at = now(), last_error_code = 'SHEET_LAYOUT', last_error = 'no header' where name = 'requests'`,
    )
    const { complaints } = await health()
    const about = (target: string) =>
      complaints.filter((one) => one.target === target).map((one) => one.message)
    expect(about('airports')).toEqual([
      expect.stringMatching(
        /^its spreadsheet cannot be written since 20\S+ \S+Z: SHEET_FORBIDDEN The caller does not have permission$/,
      ),
      '1 dead letter: CELL_TOO_LONG a cell is too long',
      '1 edited cell waits for a decision',
    ])
    expect(about('requests')).toContain('its tab cannot be used: SHEET_LAYOUT no header')
    expect(complaints.every((one) => one.remedy.length > 0)).toBe(true)
  })
})

describe('triggers', () => {
  const capture = async () => (({ capture, triggers }) => ({ capture, triggers }))((await airports())!)

  it('are told apart: none, all, and some', async () => {
    const { config } = test.queue
    expect(await capture()).toEqual({ capture: 'extension', triggers: 'none' })
    const migration = renderTriggerMigration(
      config,
      await readInstalled(test.sql, config.schemas),
      new Date(),
    )
    await test.sql.query(migration?.sql ?? '')
    expect(await capture()).toEqual({ capture: 'trigger', triggers: 'complete' })
    await test.sql.query('alter table airports rename column iata_code to code')
    expect(await capture()).toEqual({ capture: 'trigger', triggers: 'failing' })
    expect((await health()).complaints).toContainEqual({
      severity: 'broken',
      target: 'airports',
      message: 'writes fail: its triggers name something that is gone',
      remedy: expect.stringContaining('writeback triggers --check'),
    })
    await test.sql.query('alter table airports rename column code to iata_code')
    await test.sql.query('alter function sync_on_airports() set search_path = public')
    expect(await capture()).toEqual({ capture: 'trigger', triggers: 'outdated' })
    expect((await health()).complaints).toContainEqual(
      expect.objectContaining({
        severity: 'attention',
        target: 'airports',
        message: expect.stringMatching(/^its triggers are not those/),
      }),
    )
    await test.sql.query('alter function sync_on_airports() set search_path = pg_catalog, pg_temp')
    await test.sql.query('alter table airports disable trigger sync_update')
    expect(await capture()).toEqual({ capture: 'extension', triggers: 'incomplete' })
    expect((await health()).complaints).toContainEqual({
      severity: 'broken',
      target: 'airports',
      message: 'some of its triggers are gone or disabled: only writes through the extension are seen',
      remedy: expect.stringContaining('writeback triggers --check'),
    })
    const findings = await test.operations.doctor()
    expect(findings).toContainEqual(
      expect.objectContaining({
        severity: 'error',
        subject: 'table public.airports',
        message: expect.stringContaining('sync_update'),
      }),
    )
    expect(findings.some(({ message }) => message.includes('no target needs it'))).toBe(false)
  })
})

describe('pause and resume', () => {
  it('changes the state once, with who did it, and is written down', async () => {
    expect(await test.operations.pause('airports', ACTOR)).toEqual({
      target: 'airports',
      state: 'paused',
      changed: true,
    })
    expect(await test.operations.pause('airports', ACTOR)).toMatchObject({ changed: false })
    expect(await airports()).toMatchObject({ state: 'paused', stateReason: 'a test', stateBy: 'ada' })
    expect((await health()).complaints.map((one) => one.message)).toContainEqual(
      expect.stringMatching(/^paused by ada since 20\S+ \S+Z: a test$/),
    )
    expect(await test.operations.resume('airports', { actor: 'bob' })).toMatchObject({
      state: 'active',
      changed: true,
    })
    expect(await airports()).toMatchObject({ state: 'active', stateReason: null, stateBy: 'bob' })
    const entries = await test.operations.audit()
    expect(entries.map(({ actor, action, target }) => [actor, action, target])).toEqual([
      ['bob', 'resume', 'airports'],
      ['ada', 'pause', 'airports'],
    ])
  })

  it('refuses a target that it does not know', async () => {
    await expect(test.operations.pause('nobody', ACTOR)).rejects.toMatchObject({ code: 'TARGET_UNKNOWN' })
    await test.sql.query(`delete from sync_target where name = 'requests'`)
    await expect(test.operations.pause('requests', ACTOR)).rejects.toThrow('writeback migrate')
  })
})

describe('maintenance', () => {
  it('returns stuck jobs and writes down who asked', async () => {
    await test.queue.publish(['AAA'])
    await test.queue.boss.fetch(QUEUES.writeBack)
    await test.sql.query(
      `update pgboss.job set heartbeat_on = now() - interval '5 minutes' where state = 'active'`,
    )
    expect(await test.operations.resetStuck(ACTOR)).toEqual({ stuck: 1, returned: 1, dead: 0, edits: 0 })
    expect((await test.operations.audit())[0]).toMatchObject({
      action: 'reset-stuck',
      subject: { stuck: 1, returned: 1 },
    })
  })

  it('cleans up, and asks for a comparison once', async () => {
    expect(await test.operations.cleanup(ACTOR)).toMatchObject({ jobs: 0 })
    await test.sql.query(`delete from pgboss.job where name = $1`, [QUEUES.reconcile])
    const first = await test.operations.reconcile('airports', ACTOR)
    expect(first).toEqual({ jobId: expect.any(String), isNew: true })
    expect(await test.operations.reconcile('airports', ACTOR)).toEqual({ ...first, isNew: false })
    expect(await test.operations.reconcileProgress(first.jobId)).toMatchObject({
      state: 'waiting',
      found: [],
    })
    await expect(test.operations.reconcile('nobody', ACTOR)).rejects.toMatchObject({ code: 'TARGET_UNKNOWN' })
  })
})
