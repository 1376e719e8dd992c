import type { JobWithMetadata } from 'pg-boss'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Gate } from '../../src/queue/gate.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { until } from '../support/wait.ts'

let queue: TestQueue
beforeAll(async () => {
  queue = await openTestQueue()
})
afterAll(() => queue.close())

describe('Gate', () => {
  it('keeps a target closed until every reason is gone, and tells when it opens', () => {
    let opened = 0
    const gate = new Gate(() => opened++)
    gate.close('airports', 'paused')
    gate.close('airports', 'busy')
    gate.open('airports', 'paused')
    expect(gate.reasons('airports')).toEqual(['busy'])
    expect(opened).toBe(0)
    gate.open('airports', 'busy')
    gate.open('airports', 'never given')
    expect(gate.reasons('airports')).toEqual([])
    expect(opened).toBe(1)
  })

  // pg-boss reads the limits of concurrent jobs from the given object at every fetch. Should a version copy them,
  // closed targets would be fetched: this test is what notices.
  it('makes pg-boss pass by the jobs of a closed target, and fetch them once it opens', async () => {
    const { boss } = queue
    const name = 'gate-test'
    await boss.createQueue(name, { policy: 'short' })
    const gate = new Gate()
    const seen: string[] = []
    gate.close('closed', 'test')
    const insert = (tier: string) =>
      boss.insert(name, [{ singletonKey: tier, data: { tier }, group: { id: 'lane', tier } }])
    await insert('closed')
    await gate.register((groupConcurrency) =>
      boss.work(
        name,
        { batchSize: 10, includeMetadata: true, pollingIntervalSeconds: 0.5, groupConcurrency },
        async (jobs: JobWithMetadata<{ tier: string }>[]) => {
          seen.push(...jobs.map((job) => job.data.tier))
        },
      ),
    )
    await insert('open')
    await until('the open target is handled', () => seen.includes('open'))
    await insert('open again')
    await until('the open target is handled again', () => seen.includes('open again'))
    expect(seen).not.toContain('closed')
    gate.open('closed', 'test')
    await until('the closed target is handled once it is open', () => seen.includes('closed'))
    await boss.offWork(name)
  })
})
