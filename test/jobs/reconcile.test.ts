import { afterEach, beforeEach, expect, it } from 'vitest'
import { reconcile } from '../../jobs/reconcile.ts'
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
