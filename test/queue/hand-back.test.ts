import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sqlOf } from '../../src/queue/boss.ts'
import { handBack } from '../../src/queue/hand-back.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { until } from '../support/wait.ts'

let queue: TestQueue
beforeAll(async () => {
  queue = await openTestQueue()
})
afterAll(() => queue.close())
beforeEach(() => queue.boss.deleteAllJobs(QUEUES.writeBack))

const fetchAll = () => queue.boss.fetch(QUEUES.writeBack, { batchSize: 100 })
const back = (jobs: Awaited<ReturnType<typeof fetchAll>>, delayMs = 0) =>
  handBack(sqlOf(queue.boss), queue.config.schemas, QUEUES.writeBack, jobs, delayMs)

describe('handBack', () => {
  it('returns a job without using an attempt, however often', async () => {
    await queue.publish(['AAA'])
    for (let round = 0; round < 3; round++) {
      const jobs = await until('the job can be fetched', async () => {
        const fetched = await fetchAll()
        return fetched.length > 0 && fetched
      })
      expect(jobs.map((job) => job.retryCount)).toEqual([0])
      expect([...(await back(jobs))]).toEqual([])
    }
    expect(await queue.jobs()).toMatchObject([{ state: 'retry', retry_count: 0, started: false }])
  })

  it('does not hand a job to the next fetch at once, while its handler may still settle it', async () => {
    await queue.publish(['AAA'])
    await back(await fetchAll(), 0)
    expect(await fetchAll()).toEqual([])
  })

  it('leaves a job whose record has another one queued to the caller to complete', async () => {
    await queue.publish(['AAA'])
    const first = await fetchAll()
    await queue.publish(['AAA'])
    const superseded = await back(first)
    expect([...superseded]).toEqual(first.map((job) => job.id))
    expect((await queue.jobs()).map((job) => job.state).sort()).toEqual(['active', 'created'])
  })

  it('leaves a claim alone that is not this worker’s any more', async () => {
    await queue.publish(['AAA'])
    const first = await fetchAll()
    await queue.boss.fail(QUEUES.writeBack, first, { message: 'lost' })
    const [job] = first
    const superseded = await back(first)
    expect([...superseded]).toEqual([job?.id])
    expect(await queue.jobs()).toMatchObject([{ state: 'retry', started: true }])
  })

  it('keeps the handler that handed a job back from settling it in the hands of the next worker', async () => {
    await queue.publish(['AAA'])
    let next: Awaited<ReturnType<typeof fetchAll>> = []
    const options = { perJobResults: true, pollingIntervalSeconds: 0.5 } as const
    await queue.boss.work(QUEUES.writeBack, options, async (jobs) => {
      await back(jobs)
      await sqlOf(queue.boss).query(`update pgboss.job set start_after = now() where state = 'retry'`)
      next = await fetchAll()
      // What is handed back has no result.
      return []
    })
    await until('the other worker has the job', () => next.length > 0)
    await queue.boss.offWork(QUEUES.writeBack)
    expect(await queue.jobs()).toMatchObject([{ state: 'active', retry_count: 0 }])
    await queue.boss.complete(QUEUES.writeBack, next)
    expect(await queue.jobs()).toMatchObject([{ state: 'completed' }])
  })

  it('handles a large batch in one statement', async () => {
    await queue.publish(Array.from({ length: 1000 }, (_, at) => `K${at}`))
    const jobs = await queue.boss.fetch(QUEUES.writeBack, { batchSize: 1000 })
    expect(jobs).toHaveLength(1000)
    await back(jobs)
    expect((await queue.jobs()).filter((job) => job.state === 'retry')).toHaveLength(1000)
  })
})
