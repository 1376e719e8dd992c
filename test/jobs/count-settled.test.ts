import type { JobWithMetadata } from 'pg-boss'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { countSettled } from '../../jobs/count-settled.ts'
import { sqlOf } from '../../src/queue/boss.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { ScriptedWriter, testRuntime } from '../support/runtime.ts'

let queue: TestQueue
beforeEach(async () => {
  queue = await openTestQueue()
})
afterEach(() => queue.close())

it('counts a batch once: not as settled while its jobs are active', async () => {
  await queue.publish(['AAA', 'BBB'])
  const jobs = (await queue.boss.fetch(QUEUES.writeBack, {
    batchSize: 2,
    includeMetadata: true,
  })) as JobWithMetadata<unknown>[]
  const runtime = testRuntime(queue, new ScriptedWriter(() => ({ status: 'done', change: 'written' })))
  const counted = countSettled(
    runtime,
    jobs,
    jobs.map(({ id }) => ({ id, status: 'completed', output: {} })),
  )
  const settled = () => sqlOf(queue.boss).query('select target from sync_progress')
  // As long as two of its looks take, and more.
  for (let look = 0; look < 20; look++) expect(await settled()).toEqual([])
  await queue.boss.complete(QUEUES.writeBack, jobs)
  await counted
  expect(await settled()).toMatchObject([{ target: 'airports' }])
})
