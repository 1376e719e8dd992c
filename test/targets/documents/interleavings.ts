import fc from 'fast-check'
import { pino } from 'pino'
import type { Sql } from '../../../src/database/sql.ts'
import { Tickets } from '../../../src/lane/tickets.ts'
import type { Target } from '../../../src/model/target.ts'
import type { DocumentContext } from '../../../src/targets/documents/context.ts'
import type { DocumentPlace } from '../../../src/targets/documents/place.ts'
import { DocumentStore } from '../../../src/targets/documents/store.ts'
import { writeDocuments } from '../../../src/targets/documents/write.ts'
import { TargetStates } from '../../../src/targets/state.ts'

/*
 * A model of several workers on one place. Each stops before every statement and every call, and before it hears the
 * answer of a call; a list of steps says who goes on, who dies, whose jobs are given to others while it sleeps.
 */

/** What happens next. `pick` says who, or which record; `value` what the record shows then, 0 for deleted. */
export interface Step {
  readonly action: 'change' | 'fetch' | 'go' | 'whole' | 'lose' | 'die' | 'die-while-sending' | 'arrive'
  readonly pick: number
  readonly value: number
  /** How many stops a worker that goes on passes: some sleep while others do whole batches. */
  readonly stops: number
}

/** Few records and few values, so that workers meet, and values come back. */
const RECORDS = ['a', 'b']

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    action: fc.constantFrom<Step['action'][]>(
      ...(['change', 'change', 'fetch', 'fetch', 'go', 'go', 'go', 'go'] as const),
      ...(['whole', 'lose', 'die', 'die-while-sending', 'arrive'] as const),
    ),
    pick: fc.nat({ max: 11 }),
    value: fc.nat({ max: 2 }),
    stops: fc.constantFrom(1, 1, 2, 3, 9),
  }),
  { minLength: 20, maxLength: 60 },
)

interface Job {
  readonly record: string
  state: 'queued' | 'active' | 'done'
  attempt: number
}

/** One batch of a worker that stops wherever it could be stopped. */
class Worker {
  readonly jobs: readonly { readonly job: Job; readonly attempt: number }[]
  isDone = false
  /** True while a call is on its way to the place. */
  isSending = false
  #go: (() => void) | undefined
  #die: ((error: Error) => void) | undefined
  #onStop: (() => void) | undefined

  constructor(jobs: readonly Job[]) {
    this.jobs = jobs.map((job) => ({ job, attempt: job.attempt }))
  }

  /** Runs up to the next stop, or to the end. */
  async advance(start?: () => Promise<void>): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#onStop = resolve
    })
    if (start) void start().finally(() => this.#end())
    else this.#go?.()
    await stopped
  }

  async die(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#onStop = resolve
    })
    this.#die?.(new Error('died'))
    await stopped
  }

  stop(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#go = resolve
      this.#die = reject
      this.#onStop?.()
    })
  }

  #end(): void {
    this.isDone = true
    this.#onStop?.()
  }
}

const log = pino({ level: 'silent' })

/** Records, the queue and workers around one place. */
export class Interleaving<T extends Target> {
  readonly values = new Map<string, number>()
  readonly #jobs: Job[] = []
  #workers: Worker[] = []
  /** Calls of dead workers that have not arrived yet. */
  readonly #onTheirWay: (() => Promise<unknown>)[] = []
  readonly #sql: Sql
  readonly #target: T
  readonly #place: DocumentPlace<T>

  constructor(sql: Sql, target: T, place: DocumentPlace<T>) {
    this.#sql = sql
    this.#target = target
    this.#place = place
  }

  /** Does all steps, then lets everything end without further faults, and what is on its way arrive last. */
  async run(all: readonly Step[]): Promise<void> {
    for (const step of all) await this.#do(step)
    await this.#end()
  }

  async #end(): Promise<void> {
    while (this.#workers.length > 0 || this.#jobs.some(({ state }) => state === 'queued')) {
      await this.#fetch()
      for (const worker of [...this.#workers]) await this.#go(worker)
    }
    for (const arrive of this.#onTheirWay.splice(0)) await arrive()
  }

  async #do({ action, pick, value, stops }: Step): Promise<void> {
    const worker = this.#workers[pick % Math.max(1, this.#workers.length)]
    switch (action) {
      case 'change':
        return this.#change(RECORDS[pick % RECORDS.length] as string, value)
      case 'fetch':
        await this.#fetch()
        return
      case 'whole': {
        // A change, and a worker that writes it at once, while the others sleep.
        this.#change(RECORDS[pick % RECORDS.length] as string, value)
        const quick = await this.#fetch()
        while (quick && !quick.isDone) await this.#go(quick)
        return
      }
      case 'arrive':
        await this.#onTheirWay.shift()?.()
        return
    }
    if (worker === undefined) return
    if (action === 'go') {
      for (let at = 0; at < stops && !worker.isDone; at++) await this.#go(worker)
      return
    }
    // Nobody has heard of it for a while: its jobs go to others.
    for (const { job, attempt } of worker.jobs) this.#release(job, attempt)
    if (action === 'lose') return
    if (action === 'die-while-sending' && worker.isSending) worker.isSending = false
    else this.#forgetCall(worker)
    this.#workers = this.#workers.filter((one) => one !== worker)
    await worker.die()
  }

  /** The job is queued with the change, one at most for a record. */
  #change(record: string, value: number): void {
    if (value === 0) this.values.delete(record)
    else this.values.set(record, value)
    const isQueued = this.#jobs.some((job) => job.record === record && job.state === 'queued')
    if (!isQueued) this.#jobs.push({ record, state: 'queued', attempt: 0 })
  }

  async #fetch(): Promise<Worker | undefined> {
    const jobs = this.#jobs.filter(({ state }) => state === 'queued')
    if (jobs.length === 0 || this.#workers.length >= 4) return undefined
    for (const job of jobs) job.state = 'active'
    const worker = new Worker(jobs)
    this.#workers.push(worker)
    await worker.advance(() => this.#work(worker))
    return worker
  }

  async #go(worker: Worker): Promise<void> {
    await worker.advance()
    if (worker.isDone) this.#workers = this.#workers.filter((one) => one !== worker)
  }

  #release(job: Job, attempt: number): void {
    if (job.state !== 'active' || job.attempt !== attempt) return
    job.state = 'queued'
    job.attempt++
  }

  readonly #calls = new Map<Worker, () => Promise<unknown>>()

  #forgetCall(worker: Worker): void {
    const call = this.#calls.get(worker)
    const at = call ? this.#onTheirWay.indexOf(call) : -1
    if (at >= 0) this.#onTheirWay.splice(at, 1)
  }

  async #work(worker: Worker): Promise<void> {
    const ids = [...new Set(worker.jobs.map(({ job }) => job.record))]
    const abort = new AbortController().signal
    try {
      const job = { target: this.#target, ids, unseen: new Map() }
      const signals = { abort, leaving: abort }
      const { outcomes } = await writeDocuments(this.#contextOf(worker), this.#placeOf(worker), job, signals)
      for (const { job, attempt } of worker.jobs) {
        const isDone = outcomes.get(job.record)?.status === 'done'
        if (!isDone) this.#release(job, attempt)
        else if (job.state === 'active' && job.attempt === attempt) job.state = 'done'
      }
    } catch (error) {
      if ((error as Error).message !== 'died') throw error
    }
  }

  #contextOf(worker: Worker): DocumentContext {
    const sql: Sql = {
      query: async (text, values) => {
        await worker.stop()
        return await this.#sql.query(text, values)
      },
    }
    return {
      ...{ sql, log, onCall: () => {} },
      store: new DocumentStore('public'),
      states: new TargetStates('public'),
      tickets: new Tickets('public'),
      reader: {
        read: async (_target, ids) => {
          await worker.stop()
          const records = ids.flatMap((id) => {
            const value = this.values.get(id)
            return value === undefined ? [] : [[id, { value }] as const]
          })
          return { records: new Map(records), failed: new Map() }
        },
      },
    }
  }

  #placeOf(worker: Worker): DocumentPlace<T> {
    const apply: DocumentPlace<T>['apply'] = async (target, writes, signals) => {
      const call = () => this.#place.apply(target, writes, signals)
      this.#calls.set(worker, call)
      this.#onTheirWay.push(call)
      worker.isSending = true
      await worker.stop()
      worker.isSending = false
      this.#forgetCall(worker)
      const answers = await call()
      await worker.stop()
      return answers
    }
    return Object.assign(Object.create(this.#place) as DocumentPlace<T>, { apply })
  }
}
