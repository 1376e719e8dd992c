import type { LaneFailure } from '../../lane/failure.ts'
import type { LaneBatch, LanePlace } from '../../lane/lane.ts'
import type { LaneLock } from '../../lane/lock.ts'
import type { Outcome } from '../../lane/outcome.ts'
import { unseenSince } from '../../lane/pending-write.ts'
import type { Taken } from '../../lane/waiting.ts'
import type { Target } from '../../model/target.ts'
import type { DocumentContext } from './context.ts'
import type { DocumentPlace, WriteSignals } from './place.ts'
import { probePlace } from './probe.ts'
import { writeDocuments } from './write.ts'

/** The lane of a place that one worker at a time writes. */
export class DocumentLane<T extends Target> implements LanePlace<T> {
  readonly noun = 'place'
  readonly #placeOf: (target: T) => DocumentPlace<T>
  readonly #context: DocumentContext
  #targets: readonly T[] = []

  constructor(placeOf: (target: T) => DocumentPlace<T>, context: DocumentContext) {
    this.#placeOf = placeOf
    this.#context = context
  }

  entered(): void {
    // Nothing is remembered between batches.
  }

  followUpAfter(): undefined {
    return undefined
  }

  async probe(signals: WriteSignals): Promise<LaneFailure | undefined> {
    const [target] = this.#targets
    return target && (await probePlace(this.#placeOf(target), target, signals))
  }

  async open(lock: LaneLock, taken: Taken<T>, { abort, leaving }: WriteSignals): Promise<LaneBatch> {
    this.#targets = [...taken.keys()]
    const context: DocumentContext = { ...this.#context, sql: lock.sql }
    const signals = {
      abort: AbortSignal.any([abort, lock.lost]),
      leaving: AbortSignal.any([leaving, lock.lost]),
    }
    const open = new Map([...taken].map(([target, records]) => [target, new Map(records)]))
    const settle = (target: T, id: string, outcome: Outcome) => {
      const writes = open.get(target)?.get(id) ?? []
      open.get(target)?.delete(id)
      for (const write of writes) write.settle(target.name, id, outcome)
    }
    return {
      run: async () => {
        for (const [target, records] of taken) {
          const unseen = unseenSince(target.name, records)
          const job = { target, ids: [...records.keys()], unseen }
          const { outcomes, failure } = await writeDocuments(context, this.#placeOf(target), job, signals)
          for (const [id, outcome] of outcomes) settle(target, id, outcome)
          if (failure) return failure
        }
        return undefined
      },
      recordFailure: ({ code, message }) =>
        context.states.recordError(
          lock.sql,
          this.#targets.map(({ name }) => name),
          code,
          message,
        ),
      // Each target's is stored as it is written.
      recordProgress: async () => {},
      settleAll(outcome) {
        for (const [target, records] of open)
          for (const id of [...records.keys()]) settle(target, id, outcome)
      },
      end() {},
    }
  }
}
