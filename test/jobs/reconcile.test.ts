import { afterEach, beforeEach, expect, it } from 'vitest'
import { reconcile } from '../../jobs/reconcile.ts'
import { reconcileTarget } from '../../src/maintenance/reconcile-target.ts'
import { sqlOf } from '../../src/queue/boss.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { ScriptedWriter, testRuntime } from '../support/runtime.ts'
import { until } from '../support/wait.ts'

let queue: TestQueue
beforeEach(async () => {
  queue = await openTestQueue()
  // Those of the release step.
  await queue.boss.deleteAllJobs(QUEUES.reconcile)
})
afterEach(() => queue.close())

/** An empty tab, and a table of two pages; the worker is told to leave after the first. */
function worker(leaving: AbortController | undefined) {
  const runtime = testRuntime(
    queue,
    new ScriptedWriter(() => ({ status: 'done', change: 'written' })),
    leaving?.signal,
  )
  const page = (id: string) => ({ records: new Map([[id, {}]]), failed: new Map(), unnamed: 0 })
  async function* pages() {
    yield page('AAA')
    leaving?.abort()
    yield page('BBB')
  }
  async function* compare() {}
  return { ...runtime, reader: { pages } as never, sinks: { compare } as never }
}

it('goes back to the queue, at no cost, when its worker leaves in the middle: the next one compares all of it', async () => {
  const id = await queue.boss.send(QUEUES.reconcile, { target: 'airports' }, { singletonKey: 'airports' })
  const job = async () => (await queue.boss.findJobs(QUEUES.reconcile, { id: id ?? '' }))[0]

  await reconcile.start(worker(new AbortController()))
  await until('it is handed back', async () => (await job())?.state === 'retry')
  await queue.boss.offWork(QUEUES.reconcile)
  expect(await job()).toMatchObject({ state: 'retry', retryCount: 0 })

  await reconcile.start(worker(undefined))
  await until('it is completed', async () => (await job())?.state === 'completed')
  expect((await job())?.output).toMatchObject({ found: [{ target: 'airports', records: 2, missing: 2 }] })
  expect((await queue.jobs()).map(({ record }) => record).sort()).toEqual(['AAA', 'BBB'])
})

it('settles the dead letters of records that it finds to be right, but for those that came meanwhile', async () => {
  const sql = sqlOf(queue.boss)
  const die = (record: string) =>
    sql.query(
      `insert into pgboss.job (name, data, group_tier)
       values ($1, jsonb_build_object('target', 'airports', 'model', 'Airport', 'id', $2::text), 'airports')`,
      [QUEUES.writeBackDead, record],
    )
  await die('AAA')
  await die('BBB')
  async function* compare() {
    await die('CCC')
    const nothing = { surplus: [], unreadable: [], duplicates: [], unknown: 0 }
    yield { rows: 3, ids: ['AAA', 'BBB', 'CCC'], differs: ['BBB'], ...nothing }
  }
  async function* pages() {}
  const runtime = { ...worker(undefined), reader: { pages } as never, sinks: { compare } as never }
  const [airports] = queue.config.targets.filter(({ name }) => name === 'airports')
  if (airports) await reconcileTarget(runtime, airports)
  const open = await sql.query<{ id: string }>(
    `select data->>'id' as id from pgboss.job where name = $1 and state = 'created' order by 1`,
    [QUEUES.writeBackDead],
  )
  expect(open.map(({ id }) => id)).toEqual(['BBB', 'CCC'])
})
