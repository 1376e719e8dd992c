import type { Logger } from 'pino'
import type { Sql } from '../database/sql.ts'
import { type Circuit, CLOSED, waitFor } from './circuit.ts'
import type { LaneFailure } from './failure.ts'
import type { Outcome } from './outcome.ts'
import type { LaneStore } from './store.ts'
import { trip } from './trip.ts'

/** What a shared lane works with. */
export interface SharedLaneContext {
  readonly sql: Sql
  readonly lanes: LaneStore
  readonly log: Logger
  /** Name of this worker. */
  readonly holder: string
}

/** How long the others wait while one worker tries a place that was away, in milliseconds. */
const PROBE_MS = 30_000
const BUSY_RETRY_MS = 1_000

/**
 * A place that any number of workers write at once, as it refuses older versions by itself. They share what they know of
 * its failures: while it is away nobody calls it, and one of them finds out when it is back.
 */
export class SharedLane {
  readonly #id: string
  readonly #noun: string
  readonly #context: SharedLaneContext
  #isOpened = false

  /**
   * @param id names the lane in `sync_lane`
   * @param noun what the place is called in logs, for example "index"
   */
  constructor(id: string, noun: string, context: SharedLaneContext) {
    this.#id = id
    this.#noun = noun
    this.#context = context
  }

  /**
   * Does some work in the lane, unless its place is away.
   * @param probe one small call that shows whether the place answers again; it goes first after failures
   * @param work returns what made it fail, if the place did
   * @returns what becomes of records that have no outcome: undefined where all have one
   */
  async during(
    probe: () => Promise<LaneFailure | undefined>,
    work: () => Promise<LaneFailure | undefined>,
  ): Promise<Extract<Outcome, { status: 'deferred' }> | undefined> {
    const { sql, lanes, holder } = this.#context
    if (!this.#isOpened) {
      await lanes.open(sql, this.#id, holder)
      this.#isOpened = true
    }
    const { circuit = CLOSED, lastError } = (await lanes.circuitOf(sql, this.#id)) ?? {}
    const wait = waitFor(circuit, Date.now())
    const isOpen = circuit.state !== 'closed'
    if (wait > 0 || (isOpen && !(await lanes.takeProbe(sql, this.#id, PROBE_MS)))) {
      const { code = 'PLACE_UNAVAILABLE', message = 'the last calls failed' } = lastError ?? {}
      return { status: 'deferred', code, reason: message, retryAfterMs: Math.max(wait, BUSY_RETRY_MS) }
    }
    const failure = (isOpen ? await probe() : undefined) ?? (await work())
    if (failure) return await this.#failed(circuit, failure)
    if (isOpen) {
      await lanes.saveCircuit(sql, this.#id, CLOSED)
      this.#context.log.info(
        { lane: this.#id, failures: circuit.failures },
        `the ${this.#noun} can be written again`,
      )
    }
    return undefined
  }

  async #failed(circuit: Circuit, failure: LaneFailure): Promise<Extract<Outcome, { status: 'deferred' }>> {
    const { sql, lanes, log } = this.#context
    const { circuit: next, outcome, details } = trip(this.#id, circuit, failure)
    const { code, message } = failure
    await lanes.saveCircuit(sql, this.#id, next, { code, message })
    log.warn(details, `the ${this.#noun} cannot be written: ${message}`)
    return outcome
  }
}
