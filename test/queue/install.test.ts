import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installJobs } from '../../src/operations/install.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'

let queue: TestQueue
beforeAll(async () => {
  queue = await openTestQueue()
})
afterAll(() => queue.close())

const run = async (text: string) => (await queue.boss.getDb().executeSql(text)).rows

describe('the release step', () => {
  it('makes every queue with its own options, and the schedules', async () => {
    const writeBack = await queue.boss.getQueue(QUEUES.writeBack)
    expect(writeBack).toMatchObject({
      policy: 'short',
      notify: true,
      deadLetter: QUEUES.writeBackDead,
      retryBackoff: true,
      heartbeatSeconds: 30,
    })
    const schedules = (await queue.boss.getSchedules()).map((schedule) => schedule.name).sort()
    expect(schedules).toEqual([QUEUES.cleanup, QUEUES.reconcile, QUEUES.recover].sort())
  })

  it('gives changes a table of their own, in which no job locks a row of the queue table', async () => {
    const [row] = await run(
      `select q.partition, t.relname,
         (select array_agg(c.conname::text) from pg_constraint c where c.conrelid = t.oid and c.contype = 'f') as references
       from pgboss.queue q join pg_class t on t.relname = q.table_name where q.name = '${QUEUES.writeBack}'`,
    )
    expect(row).toMatchObject({ partition: true, references: null })
    expect(await queue.boss.detectSchemaDrift()).toMatchObject({ ok: true })
  })

  it('keeps the dead letter queue from being deleted, without those references', async () => {
    // pg-boss 12.35 passes the error of Postgres on.
    await expect(queue.boss.deleteQueue(QUEUES.writeBackDead)).rejects.toThrow(
      /foreign key|dead letter queue/,
    )
  })

  it('may run again, also several at a time, and changes nothing then', async () => {
    const again = await Promise.all([1, 2, 3].map(() => installJobs(queue.database.url, queue.config)))
    for (const { created, newTargets } of again) {
      expect(created).toEqual([])
      expect(newTargets).toEqual([])
    }
  })

  it('registers targets and sends each new one to be compared with its table', async () => {
    expect(await run('select name, lane, model, state from sync_target order by name')).toEqual(
      queue.config.targets
        .map(({ name, lane, model }) => ({ name, lane, model, state: 'active' }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    )
    const sent = await queue.boss.findJobs<{ target: string }>(QUEUES.reconcile, { queued: true })
    expect(sent.map((job) => job.data.target).sort()).toEqual(
      queue.config.targets.map(({ name }) => name).sort(),
    )
  })

  it('lets a target that moved to another sheet forget the old one', async () => {
    await run(
      `insert into sync_record (target, record_key, base) values ('airports', 'AAA', '{}'), ('requests', 'r', '{}')`,
    )
    await run(`update sync_target set sheet_id = 7, tab = 'Renamed'`)
    const [first, ...others] = queue.config.targets
    if (first === undefined) throw new Error('the reference configuration has targets')
    const moved = { ...queue.config, targets: [{ ...first, lane: 'another' }, ...others] }
    expect((await installJobs(queue.database.url, moved)).newTargets).toEqual(['airports'])
    expect(await run('select target from sync_record')).toEqual([{ target: 'requests' }])
    expect(await run('select name, lane, tab, sheet_id from sync_target order by name')).toEqual([
      { name: 'airports', lane: 'another', tab: 'Airports', sheet_id: null },
      { name: 'requests', lane: 'demo', tab: 'Renamed', sheet_id: 7 },
    ])
  })
})
