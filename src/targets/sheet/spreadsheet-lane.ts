import type { LaneFailure } from '../../lane/failure.ts'
import type { LaneBatch, LanePlace } from '../../lane/lane.ts'
import type { LaneLock } from '../../lane/lock.ts'
import type { Outcome } from '../../lane/outcome.ts'
import { unseenSince } from '../../lane/pending-write.ts'
import type { CallSignals } from '../../lane/signals.ts'
import type { LaneStore, StoredLane } from '../../lane/store.ts'
import type { Taken } from '../../lane/waiting.ts'
import { Batch } from './batch/batch.ts'
import type { BatchContext } from './batch/context.ts'
import { TargetWork } from './batch/work.ts'
import type { SheetTarget } from './config/target.ts'
import { SheetsFailure } from './google/failure.ts'
import { RepairBacklog } from './repair/backlog.ts'
import { falseConflicts } from './repair/false-conflicts.ts'
import { fenceOf, storedFence } from './store/fence.ts'
import type { Mapping } from './tab/mapping.ts'
import { TabMemory } from './tab/memory.ts'
import { SpreadsheetMemory } from './tab/spreadsheet-memory.ts'

/** What the lane of a spreadsheet needs from the process it runs in. */
export interface SpreadsheetContext extends BatchContext {
  readonly lanes: LaneStore
  readonly mappingOf: (target: SheetTarget) => Mapping
  /** Calls made to the API so far. */
  readonly calls: () => number
}

/** A repair that a batch left unfinished is tried again after this time, and then less and less often. */
const FIRST_FOLLOW_UP_MS = 500

/** One spreadsheet: what is remembered of it between batches, and what each batch works on. */
export class SpreadsheetLane implements LanePlace<SheetTarget> {
  readonly noun = 'spreadsheet'
  readonly #id: string
  readonly #context: SpreadsheetContext
  /** Undefined until the lane was first held. */
  #memory: SpreadsheetMemory | undefined
  readonly #backlog = new RepairBacklog()
  readonly #targets = new Map<string, SheetTarget>()

  constructor(id: string, context: SpreadsheetContext) {
    this.#id = id
    this.#context = context
  }

  entered({ isTakenOver, place }: StoredLane): void {
    if (isTakenOver || !this.#memory) this.#memory = new SpreadsheetMemory(fenceOf(place))
  }

  /**
   * Repairs that a batch left unfinished are followed up soon. A copy of a row that was dealt with narrowly shows when
   * the key column is read whole.
   */
  followUpAfter(count: number): number | undefined {
    if (this.#backlog.isEmpty && this.#memory?.isTouched !== true) return undefined
    const { narrowFor } = this.#context.limits
    return this.#backlog.isEmpty ? narrowFor : Math.min(FIRST_FOLLOW_UP_MS * 2 ** count, narrowFor)
  }

  async probe(signals: CallSignals): Promise<LaneFailure | undefined> {
    try {
      await this.#context.api.properties(this.#id, signals)
      return undefined
    } catch (error) {
      if (error instanceof SheetsFailure) return error
      throw error
    }
  }

  async open(lock: LaneLock, taken: Taken<SheetTarget>, signals: CallSignals): Promise<LaneBatch> {
    const { calls, lanes, states, store, onIncomplete } = this.#context
    const callsBefore = calls()
    const began = performance.now()
    const memory = this.#memory ?? new SpreadsheetMemory()
    await this.#beginFence(memory, lock)
    const { last, isOn } = memory.fence
    const work = await this.#workOf(taken, memory, lock)
    return {
      run: () => new Batch(this.#context, this.#id, memory, lock, work, signals).run(),
      recordFailure: ({ code, message }) =>
        states.recordError(
          lock.sql,
          work.map(({ target }) => target.name),
          code,
          message,
        ),
      recordProgress: async () => {
        const { fence } = memory
        if (fence.last !== last || fence.isOn !== isOn)
          await lanes.savePlace(lock.sql, this.#id, storedFence(fence))
        for (const [index, one] of work.entries()) {
          // A call that wrote several targets is counted once.
          const apiCalls = index === 0 ? calls() - callsBefore : 0
          await store.recordProgress(lock.sql, one.target.name, one.progress(apiCalls))
        }
      },
      settleAll: (outcome) => {
        for (const one of work) one.settleAll(outcome)
      },
      end: () => {
        for (const one of work) {
          this.#backlog.save(one, began)
          // Damage that is left is found by comparing the tab with its records.
          if (one.leftDamaged || one.damage.suspicion)
            onIncomplete(one.target.name, 'somebody moved rows during a write that could not be repaired')
          if (one.leftDamaged || one.damage.suspicion) one.memory.lostCalls.ask()
          one.report()
        }
      },
    }
  }

  /** The number that the first call carries is stored before the call: should the worker die, the next one goes on from it. */
  async #beginFence(memory: SpreadsheetMemory, lock: LaneLock): Promise<void> {
    if (!memory.fence.begin()) return
    await this.#context.lanes.savePlace(lock.sql, this.#id, storedFence(memory.fence))
  }

  async #workOf(taken: Taken<SheetTarget>, lane: SpreadsheetMemory, lock: LaneLock): Promise<TargetWork[]> {
    const work: TargetWork[] = []
    for (const [target, records] of taken) {
      this.#targets.set(target.name, target)
      const settle = (id: string, outcome: Outcome) => {
        for (const write of records.get(id) ?? []) write.settle(target.name, id, outcome)
      }
      const memory = await this.#memoryOf(target, lane, lock)
      const one = new TargetWork(this.#context.mappingOf(target), memory, records.keys(), settle)
      for (const [id, since] of unseenSince(target.name, records)) one.unseen.set(id, since)
      await this.#resume(one, lock)
      work.push(one)
    }
    return [...work, ...(await this.#followUps(taken, lane, lock))]
  }

  /**
   * Targets of which nothing is asked for, and that have unfinished repairs: these do not wait, as whatever people do
   * meanwhile hides the damage.
   */
  async #followUps(
    taken: Taken<SheetTarget>,
    lane: SpreadsheetMemory,
    lock: LaneLock,
  ): Promise<TargetWork[]> {
    const work: TargetWork[] = []
    for (const target of this.#targets.values()) {
      if (taken.has(target)) continue
      const isTouched = taken.size === 0 && lane.tabs.get(target.name)?.positions.isTouched
      if (!this.#backlog.has(target.name) && !isTouched) continue
      const memory = await this.#memoryOf(target, lane, lock)
      const one = new TargetWork(this.#context.mappingOf(target), memory, [], () => {})
      await this.#resume(one, lock)
      one.needsFullRead = true
      work.push(one)
    }
    return work
  }

  async #resume(work: TargetWork, lock: LaneLock): Promise<void> {
    const since = this.#backlog.restore(work)
    if (since === undefined || !work.damage.suspicion) return
    const { store } = this.#context
    const listed = await store.conflicts.within(lock.sql, work.target.name, performance.now() - since)
    for (const [id, columns] of falseConflicts(work, listed)) work.markOverwritten(id, columns)
  }

  async #memoryOf(target: SheetTarget, lane: SpreadsheetMemory, lock: LaneLock): Promise<TabMemory> {
    const { store } = this.#context
    let memory = lane.tabs.get(target.name)
    if (memory === undefined) {
      const { sheetId, tab, layout } = await store.openTarget(lock.sql, target)
      memory = new TabMemory(tab, sheetId ?? undefined, layout ?? undefined)
      lane.tabs.set(target.name, memory)
    }
    if (!memory.lostCalls.isKnown) memory.lostCalls.take(await store.openIntents(lock.sql, target.name))
    return memory
  }
}
