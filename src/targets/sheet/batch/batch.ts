import { setTimeout as sleep } from 'node:timers/promises'
import { isWritebackError } from '../../../errors.ts'
import { DATABASE_RETRY_MS } from '../../../lane/database-away.ts'
import type { LaneLock } from '../../../lane/lock.ts'
import { LEAVING, type Outcome } from '../../../lane/outcome.ts'
import type { CallSignals } from '../../../lane/signals.ts'
import { limitOf } from '../google/cell-limit.ts'
import { SheetsFailure } from '../google/failure.ts'
import { writeFence } from '../google/write-fence.ts'
import { RowsMoved } from '../read/tab-view.ts'
import type { SpreadsheetMemory } from '../tab/spreadsheet-memory.ts'
import { type Chunk, chunksOf } from '../write/chunks.ts'
import type { BatchContext } from './context.ts'
import { commitNoops, type TargetDecisions } from './decide-target.ts'
import { decideWork } from './decide-work.ts'
import { deferTarget } from './defer-target.ts'
import { endEdits, listLost, takeEdits } from './edits.ts'
import { gather } from './gather.ts'
import { Refusals } from './refusals.ts'
import { saveMovedColumns } from './save-tab.ts'
import { dropStrays } from './stray-values.ts'
import type { TargetWork } from './work.ts'
import { ChunkRefused, writeChunk } from './write-chunk.ts'

/** Failures of a call in a row after which the batch is handed back. */
const MAX_FAILURES = 3
const FIRST_PAUSE_MS = 250

/** Rounds that end because somebody moved rows meanwhile. */
const MAX_MOVES = 6

/** Rounds in all: singling out a bad record takes one for each halving. */
const MAX_ROUNDS = 60

/** Refused fences in one batch after which fences are taken to be at fault. */
const MAX_FENCE_REFUSALS = 4

/**
 * Brings records of one spreadsheet up to date while the lane is held: read database and sheet, decide, write, check,
 * store. What did not come out as planned is read and planned again, never just sent again.
 */
export class Batch {
  readonly #context: BatchContext
  readonly #spreadsheetId: string
  readonly #lane: SpreadsheetMemory
  readonly #lock: LaneLock
  readonly #work: readonly TargetWork[]
  readonly #refusals = new Refusals()
  #signals: CallSignals
  #fenceRefusals = 0
  #triedWithoutFence = false
  /** Whether a call of this round was refused. */
  #wasRefused = false

  constructor(
    context: BatchContext,
    spreadsheetId: string,
    lane: SpreadsheetMemory,
    lock: LaneLock,
    work: readonly TargetWork[],
    signals: CallSignals,
  ) {
    this.#context = context
    this.#spreadsheetId = spreadsheetId
    this.#lane = lane
    this.#lock = lock
    this.#work = work
    this.#signals = { abort: AbortSignal.any([signals.abort, lock.lost]), leaving: signals.leaving }
  }

  /**
   * Works until every record is settled.
   * @returns the failure that ended it, or undefined: what the lane's circuit has to know
   */
  async run(): Promise<SheetsFailure | undefined> {
    try {
      return await this.#rounds()
    } finally {
      this.#lane.fence.resume()
      this.#refusals.settle()
    }
  }

  async #rounds(): Promise<SheetsFailure | undefined> {
    let failures = 0
    let moves = 0
    for (let round = 0; round < MAX_ROUNDS && this.#rest.length > 0; round++) {
      if (this.#lock.lost.aborted) return this.#defer('LANE_LOST', 'the lane was lost', 1_000)
      const { abort, leaving } = this.#signals
      if (abort.aborted) {
        for (const work of this.#rest) work.settleAll(LEAVING)
        return undefined
      }
      if (leaving.aborted) {
        // Nobody else knows of damage: it is repaired before the worker leaves, as long as there is time.
        for (const work of this.#rest) work.keepRepairs(LEAVING)
        this.#signals = { abort, leaving: abort }
        continue
      }
      try {
        await this.#round()
        // As long as a call may arrive yet, that nothing was found in what was read says nothing.
        if (this.#lane.fence.hasPendingCall || this.#wasRefused) this.#retainSuspicions()
        for (const work of this.#work) {
          work.needsFullRead ||= work.damage.leftovers.length > 0 || work.awaitsSearch
          if (!this.#lane.fence.hasPendingCall)
            await takeEdits(this.#context, this.#lock.sql, this.#place, work)
          work.release()
        }
        failures = 0
      } catch (error) {
        for (const { memory } of this.#work) memory.doubtRows()
        this.#retainSuspicions()
        for (const work of this.#work) work.needsFullRead ||= !work.damage.isEmpty
        if (abort.aborted || leaving.aborted) continue
        if (error instanceof RowsMoved) {
          if (++moves > MAX_MOVES)
            return this.#defer('SHEET_UNAVAILABLE', 'rows are being moved all the time', 5_000)
          continue
        }
        if (isWritebackError(error, 'DATABASE_UNAVAILABLE')) {
          return this.#defer(error.code, error.message, DATABASE_RETRY_MS)
        }
        if (!(error instanceof SheetsFailure)) throw error
        const last = this.#isLast(error, ++failures)
        this.#context.log.debug(
          { kind: error.kind, status: error.status, failures, error: error.message },
          'a call failed',
        )
        if (last) return error
        if (error.kind !== 'quota') await this.#pause(failures)
      }
    }
    if (this.#rest.length > 0) this.#defer('SHEET_UNAVAILABLE', 'the batch did not come to an end', 5_000)
    return undefined
  }

  get #place() {
    return { id: this.#spreadsheetId, lane: this.#lane, signals: this.#signals }
  }

  get #rest(): TargetWork[] {
    return this.#work.filter((work) => !work.isDone)
  }

  #isLast(failure: SheetsFailure, failures: number): boolean {
    switch (failure.kind) {
      case 'forbidden':
      case 'gone':
        return true
      case 'quota':
        // Waiting for the quota is not a failure of the lane.
        return false
      case 'refused':
        // What was read did not fit the sheet: look at everything anew.
        this.#lane.forgetPlaces()
        return failures >= MAX_FAILURES
      default:
        return failures >= MAX_FAILURES
    }
  }

  async #pause(failures: number): Promise<void> {
    const ms = FIRST_PAUSE_MS * 2 ** (failures - 1) * (0.5 + Math.random())
    const { abort, leaving } = this.#signals
    await sleep(ms, undefined, { signal: AbortSignal.any([abort, leaving]) }).catch(() => {})
  }

  /** @returns undefined, for use as the end of {@link run} */
  #defer(
    code: Extract<Outcome, { status: 'deferred' }>['code'],
    reason: string,
    retryAfterMs: number,
  ): undefined {
    for (const work of this.#rest) work.settleAll({ status: 'deferred', code, reason, retryAfterMs })
  }

  async #round(): Promise<void> {
    const work = this.#rest
    this.#wasRefused = false
    const decided = await this.#decide(work)
    const { sql } = this.#lock
    if (await dropStrays(this.#context, sql, this.#place, decided)) return this.#retainSuspicions()
    for (const one of decided) if (!(await endEdits(this.#context, sql, one))) return this.#retainSuspicions()
    for (const one of decided) await listLost(this.#context, sql, one)
    for (const { target, overwritten, strays } of work) {
      await this.#context.store.forgetCells(sql, target.name, overwritten)
      await this.#context.store.agreeOn(sql, target.name, strays)
    }
    const isOpen = this.#lane.fence.hasPendingCall
    if (!isOpen) await this.#commitNoops(decided)
    const groupOf = ({ work: { todo } }: TargetDecisions, id: string) => todo.get(id)?.group ?? 0
    const groups = [...new Set(decided.flatMap((one) => one.writes.map(({ id }) => groupOf(one, id))))]
    for (const [at, group] of groups.entries()) {
      const tabs = new Map(
        decided.map((target) => [target, target.writes.filter(({ id }) => groupOf(target, id) === group)]),
      )
      for (const chunk of chunksOf(tabs, this.#context.limits.batchBytes)) {
        if (this.#signals.leaving.aborted || this.#lock.lost.aborted) return
        await this.#write(chunk)
      }
      // The rows that the other groups name have moved: they are read again.
      if (at < groups.length - 1 && [...tabs.values()].flat().some(({ action }) => action.kind === 'remove'))
        return
    }
    if (isOpen && (await this.#closeFence(decided))) await this.#commitNoops(decided)
  }

  #retainSuspicions(): void {
    for (const { damage } of this.#work) damage.retainSuspicion()
  }

  async #commitNoops(decided: readonly TargetDecisions[]): Promise<void> {
    for (const target of decided) {
      await commitNoops(this.#context.store, this.#lock.sql, target)
      await saveMovedColumns(this.#context, this.#lock, target)
    }
  }

  /**
   * What needs no write was decided by what the sheet shows, as was that nothing is damaged, and a call may arrive yet:
   * where no write has closed the fence, it is written alone.
   * @returns false when such a call has come, so that everything is to be read again
   */
  async #closeFence(decided: readonly TargetDecisions[]): Promise<boolean> {
    const { fence } = this.#lane
    if (
      !fence.hasPendingCall ||
      decided.every(({ noops, work }) => noops.length === 0 && !work.damage.wasSearched && !work.awaitsSearch)
    )
      return true
    try {
      this.#lane.applied(await writeFence(this.#context.api, this.#spreadsheetId, fence, this.#signals))
      return true
    } catch (error) {
      if (!(error instanceof SheetsFailure) || error.kind !== 'refused') throw error
      for (const { work } of decided) work.memory.doubtRows()
      this.#fenceRefused(error.message)
      return false
    }
  }

  /** Somebody wrote in between, or an earlier call of ours has arrived after all; not forever, though. */
  #fenceRefused(reason: string): void {
    if (++this.#fenceRefusals >= MAX_FENCE_REFUSALS) this.#switchFenceOff(reason)
  }

  async #decide(work: readonly TargetWork[]): Promise<TargetDecisions[]> {
    const gathered = await gather(this.#context, this.#spreadsheetId, this.#lane, work, this.#signals)
    return await decideWork(this.#context, this.#lock.sql, this.#lane.zone, gathered)
  }

  #switchFenceOff(reason: string): void {
    this.#lane.fence.switchOff()
    this.#context.log.warn({ lane: this.#spreadsheetId, reason }, 'writes go on without a fence')
  }

  async #write(chunk: Chunk<TargetDecisions>): Promise<void> {
    const { fence } = this.#lane
    try {
      await writeChunk(this.#context, this.#spreadsheetId, this.#lane, this.#lock, chunk, this.#signals)
      if (fence.isSuspended) {
        this.#triedWithoutFence = false
        if (fence.acceptedUnfenced()) this.#switchFenceOff('batches are refused with it and accepted without')
      }
      for (const { work } of chunk.keys()) this.#refusals.succeeded(work)
    } catch (error) {
      if (!(error instanceof ChunkRefused)) throw error
      this.#wasRefused = true
      for (const { work } of chunk.keys()) work.memory.doubtRows()
      this.#context.log.debug(
        { lane: this.#spreadsheetId, part: error.part, error: error.message },
        'a call was refused',
      )
      if (error.part === 'fence') {
        this.#fenceRefused(error.message)
        return
      }
      if (
        error.part === 'unknown' &&
        this.#refusals.isRepeated(chunk) &&
        fence.isOn &&
        !this.#triedWithoutFence
      ) {
        this.#triedWithoutFence = true
        fence.suspend()
        return
      }
      fence.resume()
      for (const { work, reason } of this.#refusals.refused(chunk, error)) {
        const limit = await limitOf(
          this.#context.api,
          this.#spreadsheetId,
          work.memory.title,
          error.message,
          this.#signals,
        )
        await deferTarget(this.#context, this.#lock.sql, work, limit ?? reason)
      }
    }
  }
}
