import { describe, expect, it } from 'vitest'
import { BatchSlots } from '../../jobs/batch-slots.ts'

/** A queue whose slots fetch only when they are told to, and handle until they are told that it has ended. */
class Queue {
  readonly slots: { id: string; handle: (jobs: string[]) => Promise<void> }[] = []
  readonly notified: string[] = []
  readonly closed: string[] = []
  readonly #under = new Map<string, PromiseWithResolvers<void>>()
  readonly batches: BatchSlots<string, void>
  readonly #leaving = new AbortController()
  /** Why slots could not be opened. */
  readonly failures: unknown[] = []
  isClosed = false

  constructor(atRest: number, most: number) {
    this.batches = new BatchSlots(
      {
        ...{ atRest, most },
        leaving: this.#leaving.signal,
        open: async (handle) => {
          if (this.isClosed) throw new Error('the queue is closed')
          const id = `slot ${this.slots.length + 1}`
          this.slots.push({ id, handle })
          return id
        },
        notify: (id) => void this.notified.push(id),
        close: (id) => void this.closed.push(id),
        failed: (error) => void this.failures.push(error),
      },
      ([job = '']) => {
        const under = Promise.withResolvers<void>()
        this.#under.set(job, under)
        return under.promise
      },
    )
  }

  /** The slot fetches this job. */
  async fetch(at: number, job: string): Promise<void> {
    this.notified.splice(0)
    void this.slots[at]?.handle([job])
    await settled()
  }

  async end(job: string): Promise<void> {
    this.notified.splice(0)
    this.#under.get(job)?.resolve()
    await settled()
  }

  leave(): void {
    this.#leaving.abort()
  }

  fail(job: string): void {
    this.#under.get(job)?.reject(new Error(job))
  }
}

const settled = () => new Promise(setImmediate)

async function open(atRest: number, most: number): Promise<Queue> {
  const queue = new Queue(atRest, most)
  await queue.batches.open()
  return queue
}

describe('BatchSlots', () => {
  it('has another slot look for what is left, when one takes a batch', async () => {
    const queue = await open(2, 4)
    await queue.fetch(0, 'slow')
    expect(queue.notified).toEqual(['slot 2'])
  })

  it('wakes a slot that is free, never one that is at work', async () => {
    const queue = await open(3, 4)
    await queue.fetch(0, 'slow')
    await queue.fetch(1, 'slow too')
    queue.notified.splice(0)
    queue.batches.wake()
    expect(queue.notified).toEqual(['slot 3'])
  })

  it('looks again in the slot whose batch has ended', async () => {
    const queue = await open(1, 1)
    await queue.fetch(0, 'only')
    queue.batches.wake()
    expect(queue.notified).toEqual([])
    await queue.end('only')
    expect(queue.notified).toEqual(['slot 1'])
  })

  it('opens one more where all are taken, up to its bound', async () => {
    const queue = await open(1, 3)
    await queue.fetch(0, 'a')
    expect(queue.slots).toHaveLength(2)
    await queue.fetch(1, 'b')
    await queue.fetch(2, 'c')
    queue.batches.wake()
    expect(queue.slots).toHaveLength(3)
  })

  it('closes what is more than at rest with its batch, but never the last one that is free', async () => {
    const queue = await open(1, 3)
    await queue.fetch(0, 'a')
    await queue.fetch(1, 'b')
    await queue.fetch(2, 'c')
    await queue.end('b')
    expect(queue.closed).toEqual([])
    await queue.end('c')
    expect(queue.closed).toEqual(['slot 3'])
    await queue.end('a')
    expect(queue.closed).toEqual(['slot 3', 'slot 1'])
    queue.batches.wake()
    expect(queue.notified).toEqual(['slot 2'])
  })

  it('frees a slot whose batch failed', async () => {
    const queue = await open(1, 1)
    const failed = queue.slots[0]?.handle(['bad'])
    queue.fail('bad')
    await expect(failed).rejects.toThrow('bad')
    expect(queue.notified).toEqual(['slot 1'])
    queue.batches.wake()
    expect(queue.notified).toEqual(['slot 1', 'slot 1'])
  })

  it('opens no more while the worker leaves, and goes on where one cannot be opened', async () => {
    const queue = await open(1, 3)
    queue.isClosed = true
    await queue.fetch(0, 'a')
    expect(queue.failures).toEqual([new Error('the queue is closed')])
    await queue.end('a')
    expect(queue.notified).toEqual(['slot 1'])
    queue.isClosed = false
    queue.leave()
    await queue.fetch(0, 'b')
    expect(queue.slots).toHaveLength(1)
  })
})
