import { setTimeout as sleep } from 'node:timers/promises'
import type { SheetTarget } from '../../config/target.ts'
import { afterFailure, type Circuit, CLOSED, waitFor } from '../../lane/circuit.ts'
import { isDatabaseAway, outcomeOfError } from '../../lane/database-away.ts'
import type { LaneLock, LaneLocks } from '../../lane/lock.ts'
import { type LaneRequest, LEAVING, type Outcome } from '../../lane/outcome.ts'
import { type Outcomes, Ticket } from '../../lane/pending-write.ts'
import type { Quota } from '../../lane/quota.ts'
import { batchSignals } from '../../lane/signals.ts'
import type { LaneStore } from '../../lane/store.ts'
import { type Taken, Waiting } from '../../lane/waiting.ts'
import { Batch, type BatchContext } from './batch/batch.ts'
import { TargetWork } from './batch/work.ts'
import type { CallSignals } from './google/api.ts'
import { SheetsFailure } from './google/failure.ts'
import { Fence } from './google/fence.ts'
import { Unfinished } from './repair/backlog.ts'
import { takenForEdits } from './repair/false-conflicts.ts'
import type { Mapping } from './tab/mapping.ts'
import { TabMemory } from './tab/memory.ts'
import { LaneMemory } from './tab/spreadsheet-memory.ts'

/** What a lane needs from the process it runs in. */
export interface LaneContext extends BatchContext {
  readonly locks: LaneLocks
  readonly lanes: LaneStore
  readonly quota: Quota
  /** Name of this worker, for people to see. */
  readonly holder: string
  readonly mappingOf: (target: SheetTarget) => Mapping
  /** Calls made to the API so far. */
  readonly calls: () => number
}

/** After this a lane is given up between two batches if another worker waits for it. */
const TENURE_MS = 1_000
/** Time for a waiting worker to notice. */
const YIELD_MS = 300
const BUSY_RETRY_MS = 1_000
/** What a batch left unfinished is looked for after this time, if no other batch has, and then less and less often. */
const LOOK_SOON_MS = 500

/**
 * One spreadsheet, written by one batch at a time. What is asked for while a batch is under way waits and goes into
 * the next one; an idle lane starts at once.
 */
export class Lane {
  readonly #id: string
  readonly #context: LaneContext
  readonly #waiting = new Waiting()
  /** Undefined until the lane was first held. */
  #memory: LaneMemory | undefined
  readonly #unfinished = new Unfinished()
  #running: Promise<void> | undefined
  #lastEnd = 0
  readonly #targets = new Map<string, SheetTarget>()
  #look: NodeJS.Timeout | undefined
  /** How often what is unfinished was looked for, or was to be, since the last batch. */
  #looks = 0

  constructor(id: string, context: LaneContext) {
    this.#id = id
    this.#context = context
  }

  /** Brings records up to date. @returns once each of them has an outcome */
  write(requests: readonly LaneRequest[], signal: AbortSignal): Promise<Outcomes> {
    const ticket = new Ticket(requests, signal)
    if (signal.aborted) {
      for (const request of requests) this.#waiting.add(request, ticket)
      this.#waiting.withdraw(ticket, LEAVING)
      return ticket.done
    }
    for (const request of requests) this.#waiting.add(request, ticket)
    const withdraw = () => this.#waiting.withdraw(ticket, LEAVING)
    signal.addEventListener('abort', withdraw, { once: true })
    void ticket.done.then(() => signal.removeEventListener('abort', withdraw))
    this.#start(() => this.#run())
    return ticket.done
  }

  /** Waits until the lane is idle. What it would look at later is left out. */
  async close(): Promise<void> {
    while (this.#running) await this.#running
    clearTimeout(this.#look)
  }

  #start(run: () => Promise<void>): void {
    this.#running ??= run().finally(() => {
      this.#running = undefined
      // What was asked for in the very moment of the end.
      if (this.#waiting.size > 0) this.#start(() => this.#run())
      else this.#lookLater()
    })
  }

  /**
   * What a batch left unfinished is looked for by the next one, or by this. A copy of a row that was dealt with
   * narrowly shows when the key column is read whole.
   */
  #lookLater(): void {
    clearTimeout(this.#look)
    if (!this.#hasToLook) return
    const look = async () => {
      this.#looks++
      try {
        await this.#hold(true)
      } catch (error) {
        this.#settleError(error)
      }
    }
    const { narrowFor } = this.#context.limits
    const soon = this.#unfinished.isEmpty ? narrowFor : LOOK_SOON_MS * 2 ** this.#looks
    this.#look = setTimeout(() => this.#start(look), Math.min(soon, narrowFor))
    this.#look.unref()
  }

  get #hasToLook(): boolean {
    return !this.#unfinished.isEmpty || this.#memory?.isTouched === true
  }

  async #run(): Promise<void> {
    // What is asked for in the same moment goes into the same batch.
    await Promise.resolve()
    while (this.#waiting.size > 0) {
      await this.#linger()
      if (this.#waiting.size === 0) return
      try {
        await this.#hold()
      } catch (error) {
        this.#settleError(error)
      }
    }
  }

  /** Requests share calls when those run low: shortly after a batch the next one waits for others. */
  async #linger(): Promise<void> {
    const { limits, quota } = this.#context
    const idle = performance.now() - this.#lastEnd
    if (!quota.isLow || idle >= limits.linger || this.#waiting.size >= limits.batchRecords) return
    await sleep(limits.linger - idle)
  }

  /** @param looks whether there is something to do although nothing waits */
  async #hold(looks = false): Promise<void> {
    const { locks, limits } = this.#context
    // Withdrawn requests are settled at once, so that waiting for the lock need not be given up for them.
    const lock = await locks.acquire(this.#id, limits.laneWait, AbortSignal.timeout(limits.laneWait * 2))
    if (!lock) {
      this.#defer('LANE_BUSY', 'another worker writes this spreadsheet', BUSY_RETRY_MS * (1 + Math.random()))
      return
    }
    const started = performance.now()
    let isWanted = false
    try {
      let circuit = await this.#enter(lock)
      let hasWork = this.#waiting.size > 0 || (looks && this.#hasToLook)
      while (circuit && hasWork && !isWanted && !lock.lost.aborted) {
        circuit = await this.#batch(lock, circuit)
        hasWork = this.#waiting.size > 0
        isWanted =
          this.#waiting.size > 0 && performance.now() - started > TENURE_MS && (await lock.isWanted())
      }
    } finally {
      await lock.release()
    }
    if (isWanted) await sleep(YIELD_MS)
  }

  /** @returns the circuit, or undefined when nothing may be sent and everything that waits has been deferred */
  async #enter(lock: LaneLock): Promise<Circuit | undefined> {
    const { lanes, holder } = this.#context
    const stored = await lanes.open(lock.sql, this.#id, holder)
    if (stored.isTakenOver || !this.#memory) {
      this.#memory = new LaneMemory(new Fence(stored.fence.isOn, stored.fence.last))
    }
    const wait = waitFor(stored.circuit, Date.now())
    if (wait === 0) return stored.circuit
    const { code, message } = stored.lastError ?? {
      code: 'SHEET_UNAVAILABLE',
      message: 'the last calls failed',
    }
    this.#defer(code, message, wait)
    return undefined
  }

  async #batch(lock: LaneLock, circuit: Circuit): Promise<Circuit | undefined> {
    const { limits, calls, log } = this.#context
    const taken = this.#waiting.take(limits.batchRecords)
    const callsBefore = calls()
    const began = performance.now()
    const signals = batchSignals(taken, limits.leaveWithin)
    const memory = this.#memory ?? new LaneMemory()
    const fenceBefore = { last: memory.fence.last, isOn: memory.fence.isOn }
    let work: TargetWork[] = []
    try {
      work = await this.#workOf(taken, memory, lock)
      const failure =
        (await this.#probe(lock, circuit, signals)) ??
        (await new Batch(this.#context, this.#id, memory, lock, work, signals).run())
      const next = failure
        ? await this.#opened(lock, circuit, failure, work)
        : await this.#closed(lock, circuit)
      await this.#saveFence(lock, memory, fenceBefore)
      await this.#recordProgress(lock, work, calls() - callsBefore)
      return next
    } catch (error) {
      if (!isDatabaseAway(error))
        log.error({ lane: this.#id, error: stackOf(error) }, 'a batch ended unexpectedly')
      settleTaken(taken, work, outcomeOfError(error))
      return circuit
    } finally {
      signals.dispose()
      for (const one of work) this.#end(one, began)
      this.#lastEnd = performance.now()
    }
  }

  /** Reports; damage that is left is found by comparing the tab with its records. */
  #end(work: TargetWork, began: number): void {
    this.#unfinished.note(work, began)
    if (work.leftDamaged || work.suspicion) {
      this.#context.onIncomplete(
        work.target.name,
        'somebody moved rows during a write that could not be repaired',
      )
    }
    work.report()
  }

  async #workOf(taken: Taken, lane: LaneMemory, lock: LaneLock): Promise<TargetWork[]> {
    const { mappingOf } = this.#context
    if (taken.size > 0) this.#looks = 0
    const work: TargetWork[] = []
    for (const [target, records] of taken) {
      this.#targets.set(target.name, target)
      const settle = (id: string, outcome: Outcome) => {
        for (const ticket of records.get(id) ?? []) ticket.settle(target.name, id, outcome)
      }
      const memory = await this.#memoryOf(target, lane, lock)
      const one = new TargetWork(mappingOf(target), memory, records.keys(), settle)
      for (const [id, tickets] of records) noteUnseen(one, id, tickets)
      await this.#resume(one, lock)
      work.push(one)
    }
    return [...work, ...(await this.#toLook(taken, lane, lock))]
  }

  async #resume(work: TargetWork, lock: LaneLock): Promise<void> {
    const since = this.#unfinished.resume(work)
    if (since === undefined || !work.suspicion) return
    const { store } = this.#context
    const listed = await store.conflictsWithin(lock.sql, work.target.name, performance.now() - since)
    for (const [id, columns] of takenForEdits(work, listed)) work.spoil(id, columns)
  }

  async #memoryOf(target: SheetTarget, lane: LaneMemory, lock: LaneLock): Promise<TabMemory> {
    const known = lane.tabs.get(target.name)
    if (known) return known
    const { sheetId, tab, layout } = await this.#context.store.openTarget(lock.sql, target)
    const memory = new TabMemory(tab, sheetId ?? undefined, layout ?? undefined)
    lane.tabs.set(target.name, memory)
    return memory
  }

  /** Tabs of which nothing is asked for. What is unfinished in them does not wait: whatever people do meanwhile hides it. */
  async #toLook(taken: Taken, lane: LaneMemory, lock: LaneLock): Promise<TargetWork[]> {
    const work: TargetWork[] = []
    for (const target of this.#targets.values()) {
      if (taken.has(target)) continue
      const isTouched = taken.size === 0 && lane.tabs.get(target.name)?.positions.isTouched
      if (!this.#unfinished.has(target.name) && !isTouched) continue
      const memory = await this.#memoryOf(target, lane, lock)
      const one = new TargetWork(this.#context.mappingOf(target), memory, [], () => {})
      await this.#resume(one, lock)
      one.mustLook = true
      work.push(one)
    }
    return work
  }

  /** After failures one small call goes first. */
  async #probe(lock: LaneLock, circuit: Circuit, signals: CallSignals): Promise<SheetsFailure | undefined> {
    if (circuit.state === 'closed') return undefined
    const { lanes, api } = this.#context
    await lanes.saveCircuit(lock.sql, this.#id, { ...circuit, state: 'half_open' })
    try {
      await api.properties(this.#id, signals)
      return undefined
    } catch (error) {
      if (error instanceof SheetsFailure) return error
      throw error
    }
  }

  async #opened(
    lock: LaneLock,
    circuit: Circuit,
    failure: SheetsFailure,
    work: readonly TargetWork[],
  ): Promise<undefined> {
    const { lanes, states, log } = this.#context
    const next = afterFailure(circuit, failure.kind, Date.now(), Math.random())
    const wait = waitFor(next, Date.now())
    const outcome: Outcome = {
      status: 'deferred',
      code: failure.code,
      reason: failure.message,
      retryAfterMs: wait,
    }
    const targets = work.map(({ target }) => target.name)
    try {
      await lanes.saveCircuit(lock.sql, this.#id, next, { code: failure.code, message: failure.message })
      await states.recordError(lock.sql, targets, failure.code, failure.message)
    } finally {
      for (const one of work) one.settleAll(outcome)
      this.#waiting.settleAll(outcome)
    }
    const details = {
      lane: this.#id,
      code: failure.code,
      failures: next.failures,
      retryInMs: Math.round(wait),
    }
    log.warn(details, `the spreadsheet cannot be written: ${failure.message}`)
    return undefined
  }

  async #closed(lock: LaneLock, circuit: Circuit): Promise<Circuit> {
    if (circuit.state === 'closed' && circuit.failures === 0) return circuit
    const { lanes, log } = this.#context
    await lanes.saveCircuit(lock.sql, this.#id, CLOSED)
    log.info({ lane: this.#id, failures: circuit.failures }, 'the spreadsheet can be written again')
    return CLOSED
  }

  async #saveFence(
    lock: LaneLock,
    { fence }: LaneMemory,
    before: Pick<Fence, 'last' | 'isOn'>,
  ): Promise<void> {
    if (fence.last === before.last && fence.isOn === before.isOn) return
    await this.#context.lanes.saveFence(lock.sql, this.#id, fence.last, fence.isOn)
  }

  async #recordProgress(lock: LaneLock, work: readonly TargetWork[], apiCalls: number): Promise<void> {
    const { store } = this.#context
    for (const [index, { target, done, isRefused, written, removed, repaired }] of work.entries()) {
      // A call that wrote several targets is counted once.
      const own = index === 0 ? apiCalls : 0
      const succeeded = done > 0 && !isRefused
      const progress = { succeeded, apiCalls: own, rowsWritten: written, rowsRemoved: removed, repaired }
      await store.recordProgress(lock.sql, target.name, progress)
    }
  }

  #defer(code: Extract<Outcome, { status: 'deferred' }>['code'], reason: string, retryAfterMs: number): void {
    this.#waiting.settleAll({ status: 'deferred', code, reason, retryAfterMs })
  }

  #settleError(error: unknown): void {
    const { log } = this.#context
    if (!isDatabaseAway(error))
      log.error({ lane: this.#id, error: stackOf(error) }, 'a lane stopped unexpectedly')
    this.#waiting.settleAll(outcomeOfError(error))
  }
}

/** A record is seen to be deleted when one of the calls that wait for it says so. */
function noteUnseen({ target, unseen }: TargetWork, id: string, tickets: readonly Ticket[]): void {
  const since = tickets.map((ticket) => ticket.unseenSince(target.name, id))
  const latest = since.flatMap((at) => at ?? []).sort((a, b) => b.getTime() - a.getTime())[0]
  if (latest !== undefined && !since.includes(undefined)) unseen.set(id, latest)
}

function settleTaken(taken: Taken, work: readonly TargetWork[], outcome: Outcome): void {
  if (work.length >= taken.size) for (const one of work) one.settleAll(outcome)
  else {
    for (const [target, records] of taken) {
      for (const [id, tickets] of records)
        for (const ticket of tickets) ticket.settle(target.name, id, outcome)
    }
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
