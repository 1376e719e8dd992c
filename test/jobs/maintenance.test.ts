import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cleanUp } from '../../src/maintenance/clean-up.ts'
import { recoverStuck } from '../../src/maintenance/recover-stuck.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { ScriptedWriter, testRuntime } from '../support/runtime.ts'

let queue: TestQueue
beforeAll(async () => {
  queue = await openTestQueue()
})
afterAll(() => queue.close())

const run = (text: string, values?: unknown[]) => queue.boss.getDb().executeSql(text, values)
const runtime = () => testRuntime(queue, new ScriptedWriter(() => ({ status: 'done', change: 'written' })))

describe('recover', () => {
  it('returns jobs whose worker stopped beating, leaves those whose worker is alive, and says so', async () => {
    await queue.publish(['GONE', 'ALIVE'])
    await queue.boss.fetch(QUEUES.writeBack, { batchSize: 10 })
    await run(
      `update pgboss.job set heartbeat_on = now() - interval '5 minutes' where name = $1 and data->>'id' = 'GONE'`,
      [QUEUES.writeBack],
    )
    expect(await recoverStuck(runtime())).toEqual({ stuck: 1, returned: 1, dead: 0, edits: 0 })
    const states = Object.fromEntries((await queue.jobs()).map((job) => [job.record, job.state]))
    expect(states).toEqual({ GONE: 'retry', ALIVE: 'active' })
    expect(await recoverStuck(runtime())).toEqual({ stuck: 0, returned: 0, dead: 0, edits: 0 })
  })
})

describe('recover, of edits', () => {
  it('sends those again that wait and have no job', async () => {
    await run(
      `insert into sync_edit (target, record_key, column_name, seen_at) values
         ('airports', 'old', 'Name', now() - interval '1 minute'), ('airports', 'new', 'Name', now()),
         ('removed', 'old', 'Name', now() - interval '1 minute')`,
    )
    expect(await recoverStuck(runtime())).toMatchObject({ edits: 1 })
    expect(await recoverStuck(runtime())).toMatchObject({ edits: 0 })
    const [job] = await queue.boss.fetch<{ id: string }>(QUEUES.inbound, { batchSize: 10 })
    expect(job?.data).toMatchObject({ target: 'airports', id: 'old' })
    await run('delete from sync_edit')
  })
})

describe('cleanup', () => {
  it('deletes what is past the retention, and nothing else', async () => {
    await queue.boss.deleteAllJobs(QUEUES.writeBack)
    await queue.publish(['OLD', 'NEW', 'WAITING'])
    await run(
      `update pgboss.job set state = 'completed', completed_on = case data->>'id' when 'OLD' then now() - interval '8 days' else now() end
       where name = $1 and data->>'id' <> 'WAITING'`,
      [QUEUES.writeBack],
    )
    await run(
      `insert into sync_conflict (target, record_key, column_name, reason, state, open, resolved_at) values
         ('airports', 'a', 'Name', 'old', 'resolved', null, now() - interval '8 days'),
         ('airports', 'b', 'Name', 'new', 'resolved', null, now()),
         ('airports', 'c', 'Name', 'open', 'open', true, null)`,
    )
    await run(
      `insert into sync_edit (target, record_key, column_name, state, open, decided_at) values
         ('airports', 'a', 'Name', 'applied', null, now() - interval '8 days'),
         ('airports', 'b', 'Name', 'applied', null, now()),
         ('airports', 'c', 'Name', 'refused', true, now() - interval '8 days'),
         ('removed', 'a', 'Name', 'refused', true, now() - interval '8 days')`,
    )
    await run(
      `insert into sync_target (name, lane, model, tab, updated_at) values
         ('removed', 'demo', 'Airport', 'Old', now() - interval '30 days'),
         ('just-removed', 'demo', 'Airport', 'Old', now())`,
    )
    // A target that nobody has touched for long stays while the configuration names it.
    await run(`update sync_target set updated_at = now() - interval '30 days' where name = 'airports'`)
    await run(
      `insert into sync_record (target, record_key, base) values
         ('airports', 'a', '{}'), ('removed', 'a', '{}'), ('removed', 'b', '{}'), ('just-removed', 'a', '{}')`,
    )
    expect(await cleanUp(runtime())).toEqual({
      jobs: 1,
      conflicts: 1,
      edits: 1,
      records: 2,
      orphanedJobs: 0,
      targets: 1,
    })
    expect((await queue.jobs()).map((job) => job.record).sort()).toEqual(['NEW', 'WAITING'])
    const { rows } = await run('select distinct target from sync_record order by 1')
    expect(rows.map((row) => row.target)).toEqual(['airports', 'just-removed'])
    const edits = await run('select record_key from sync_edit order by 1')
    expect(edits.rows.map((row) => row.record_key)).toEqual(['b', 'c'])
  })
})
