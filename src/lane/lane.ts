import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Target } from '../model/target.ts'
import { type Circuit, CLOSED, waitFor } from './circuit.ts'
import { isDatabaseAway, outcomeOfError } from './database-away.ts'
import type { LaneFailure } from './failure.ts'
import type { LaneLock, LaneLocks } from './lock.ts'
import { type LaneRequest, LEAVING, type Outcome } from './outcome.ts'
import { type Outcomes, PendingWrite } from './pending-write.ts'
import type { Quota } from './quota.ts'
import { batchSignals, type CallSignals } from './signals.ts'
import type { LaneStore, StoredLane } from './store.ts'
import { trip } from './trip.ts'
import { settleTaken, type Taken, Waiting } from './waiting.ts'

/** Bounds of a lane. Times in milliseconds. */
export interface LaneLimits {
  /** Records that one batch takes. */
  readonly batchRecords: number
  /** How long requests wait for others when the quota runs low and the lane was just busy. */
  readonly linger: number
  /** How long a batch waits for another worker to leave the lane before it is handed back. */
  readonly laneWait: number
  /** How long a call in flight may take to end after the worker was told to leave. */
  readonly leaveWithin: number
}

/** What a lane needs from the process it runs in. */
export interface LaneContext {
  readonly locks: LaneLocks
  readonly lanes: LaneStore
  readonly quota: Pick<Quota, 'isLow'>
  readonly limits: LaneLimits
  readonly log: Logger
  /** Name of this worker, for people to see. */
  readonly holder: string
}

/** The place behind a lane: what is written to it, and how, is its own business. */
export interface LanePlace<T extends Target> {
  /** What it is called in logs and reasons, for example "spreadsheet". */
  readonly noun: string
  /** The lane is held now. Where another worker wrote last, nothing that was remembered can be relied on. */
  entered(stored: StoredLane): void
  /**
   * How long after the last batch another one is due although nobody asks for it, in milliseconds; undefined when
   * none is.
   * @param count such batches since anybody asked for something
   */
  followUpAfter(count: number): number | undefined
  /** One small call that shows whether the place answers again. @returns the failure, if it does not */
  probe(signals: CallSignals): Promise<LaneFailure | undefined>
  /** Prepares a batch, with nothing taken when it is a follow-up. */
  open(lock: LaneLock, taken: Taken<T>, signals: CallSignals): Promise<LaneBatch>
}

/** Records of a lane that are brought up to date together. */
export interface LaneBatch {
  /** Works until every record is settled. @returns the failure that ended it: it opens the circuit */
  run(): Promise<LaneFailure | undefined>
  /** Stores why the place could not be written, for its targets. */
  recordFailure(failure: LaneFailure): Promise<void>
  /** Stores what the batch did. Called also after a failure. */
  recordProgress(): Promise<void>
  /** Settles every record that is not settled yet. */
  settleAll(outcome: Outcome): void
  /** Always called, last. */
  end(): void
}

/** After this a lane is given up between two batches if another worker waits for it. */
const TENURE_MS = 1_000
/** Time for a waiting worker to notice. */
const YIELD_MS = 300
const BUSY_RETRY_MS = 1_000

/**
 * A place that is written by one batch at a time, by one worker at a time. What is asked for while a batch is under way
 * waits and goes into the next one; an idle lane starts at once.
 *
 *     write() ─▶ waiting ─▶ lock held ─▶ circuit closed, or the probe works ─▶ batch ─▶ outcomes
 *                              │ busy            │ open                          │ failure
 *                              └────────────▶ deferred ◀──────────────────────────┘
 */
export class Lane<T extends Target> {
  readonly #id: string
  readonly #context: LaneContext
  readonly #place: LanePlace<T>
  readonly #waiting = new Waiting<T>()
  #running: Promise<void> | undefined
  #lastEnd = 0
  #followUpTimer: NodeJS.Timeout | undefined
  #followUps = 0

  /** @param id names the lane in `sync_lane`; for a sheet the spreadsheet's id */
  constructor(id: string, context: LaneContext, place: LanePlace<T>) {
    this.#id = id
    this.#context = context
    this.#place = place
  }

  /** Brings records up to date. @returns once each of them has an outcome */
  write(requests: readonly LaneRequest<T>[], signal: AbortSignal): Promise<Outcomes> {
    const write = new PendingWrite(requests, signal)
    for (const request of requests) this.#waiting.add(request, write)
    const withdraw = () => this.#waiting.withdraw(write, LEAVING)
    if (signal.aborted) {
      withdraw()
      return write.done
    }
    signal.addEventListener('abort', withdraw, { once: true })
    void write.done.then(() => signal.removeEventListener('abort', withdraw))
    this.#start(() => this.#run())
    return write.done
  }

  /** Waits until the lane is idle. A follow-up that is due later is left out. */
  async close(): Promise<void> {
    while (this.#running) await this.#running
    clearTimeout(this.#followUpTimer)
  }

  #start(run: () => Promise<void>): void {
    this.#running ??= run().finally(() => {
      this.#running = undefined
      // What was asked for in the very moment of the end.
      if (this.#waiting.size > 0) this.#start(() => this.#run())
      else this.#followUpLater()
    })
  }

  #followUpLater(): void {
    clearTimeout(this.#followUpTimer)
    const after = this.#place.followUpAfter(this.#followUps)
    if (after === undefined) return
    const followUp = async () => {
      this.#followUps++
      await this.#attempt(true)
    }
    this.#followUpTimer = setTimeout(() => this.#start(followUp), after)
    this.#followUpTimer.unref()
  }

  async #run(): Promise<void> {
    // What is asked for in the same moment goes into the same batch.
    await Promise.resolve()
    while (this.#waiting.size > 0) {
      await this.#linger()
      if (this.#waiting.size === 0) return
      await this.#attempt(false)
    }
  }

  async #attempt(isFollowUp: boolean): Promise<void> {
    try {
      await this.#hold(isFollowUp)
    } catch (error) {
      const { log } = this.#context
      if (!isDatabaseAway(error))
        log.error({ lane: this.#id, error: stackOf(error) }, 'a lane stopped unexpectedly')
      this.#waiting.settleAll(outcomeOfError(error))
    }
  }

  /** Requests share calls when those run low: shortly after a batch the next one waits for others. */
  async #linger(): Promise<void> {
    const { limits, quota } = this.#context
    const idle = performance.now() - this.#lastEnd
    if (!quota.isLow || idle >= limits.linger || this.#waiting.size >= limits.batchRecords) return
    await sleep(limits.linger - idle)
  }

  async #hold(isFollowUp: boolean): Promise<void> {
    const { locks, limits } = this.#context
    // Withdrawn requests are settled at once, so that waiting for the lock need not be given up for them.
    const lock = await locks.acquire(this.#id, limits.laneWait, AbortSignal.timeout(limits.laneWait * 2))
    if (!lock) {
      const reason = `another worker writes this ${this.#place.noun}`
      this.#defer('LANE_BUSY', reason, BUSY_RETRY_MS * (1 + Math.random()))
      return
    }
    const started = performance.now()
    let isWanted = false
    try {
      let circuit = await this.#enter(lock)
      let hasWork =
        this.#waiting.size > 0 || (isFollowUp && this.#place.followUpAfter(this.#followUps) !== undefined)
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
    this.#place.entered(stored)
    const wait = waitFor(stored.circuit, Date.now())
    if (wait === 0) return stored.circuit
    const { code, message } = stored.lastError ?? {
      code: 'PLACE_UNAVAILABLE',
      message: 'the last calls failed',
    }
    this.#defer(code, message, wait)
    return undefined
  }

  async #batch(lock: LaneLock, circuit: Circuit): Promise<Circuit | undefined> {
    const { limits, log } = this.#context
    const taken = this.#waiting.take(limits.batchRecords)
    if (taken.size > 0) this.#followUps = 0
    const signals = batchSignals(taken, limits.leaveWithin)
    let batch: LaneBatch | undefined
    try {
      batch = await this.#place.open(lock, taken, signals)
      const failure = (await this.#probe(lock, circuit, signals)) ?? (await batch.run())
      const next = failure
        ? await this.#opened(lock, circuit, failure, batch)
        : await this.#closed(lock, circuit)
      await batch.recordProgress()
      return next
    } catch (error) {
      if (!isDatabaseAway(error))
        log.error({ lane: this.#id, error: stackOf(error) }, 'a batch ended unexpectedly')
      const outcome = outcomeOfError(error)
      if (batch) batch.settleAll(outcome)
      else settleTaken(taken, outcome)
      return circuit
    } finally {
      signals.dispose()
      batch?.end()
      this.#lastEnd = performance.now()
    }
  }

  /** After failures one small call goes first. */
  async #probe(lock: LaneLock, circuit: Circuit, signals: CallSignals): Promise<LaneFailure | undefined> {
    if (circuit.state === 'closed') return undefined
    await this.#context.lanes.saveCircuit(lock.sql, this.#id, { ...circuit, state: 'half_open' })
    return await this.#place.probe(signals)
  }

  async #opened(
    lock: LaneLock,
    circuit: Circuit,
    failure: LaneFailure,
    batch: LaneBatch,
  ): Promise<undefined> {
    const { lanes, log } = this.#context
    const { circuit: next, outcome, details } = trip(this.#id, circuit, failure)
    try {
      await lanes.saveCircuit(lock.sql, this.#id, next, { code: failure.code, message: failure.message })
      await batch.recordFailure(failure)
    } finally {
      batch.settleAll(outcome)
      this.#waiting.settleAll(outcome)
    }
    log.warn(details, `the ${this.#place.noun} cannot be written: ${failure.message}`)
    return undefined
  }

  async #closed(lock: LaneLock, circuit: Circuit): Promise<Circuit> {
    if (circuit.state === 'closed' && circuit.failures === 0) return circuit
    const { lanes, log } = this.#context
    await lanes.saveCircuit(lock.sql, this.#id, CLOSED)
    const details = { lane: this.#id, failures: circuit.failures }
    log.info(details, `the ${this.#place.noun} can be written again`)
    return CLOSED
  }

  #defer(code: Extract<Outcome, { status: 'deferred' }>['code'], reason: string, retryAfterMs: number): void {
    this.#waiting.settleAll({ status: 'deferred', code, reason, retryAfterMs })
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
