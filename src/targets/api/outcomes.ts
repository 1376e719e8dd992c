import { LaneFailure } from '../../lane/failure.ts'
import type { PlaceAnswer } from '../documents/place.ts'
import type { Item } from './item.ts'
import type { Problem } from './problem.ts'
import type { Remote } from './remote.ts'
import type { ApiTarget } from './target.ts'

/** Calls that were made at the same time, and how they ended. */
export interface Phase {
  /** Calls that were answered, whatever the answer was. */
  answered: number
  readonly lost: { readonly item: Item; readonly problem: Extract<Problem, { kind: 'unclear' }> }[]
}

/** How often a record is read again at once: changed between reading and writing, or its answer lost. */
const MOST_MISMATCHES = 5
const MOST_LOSSES = 3

/** What becomes of the records of a batch, and of the batch. */
export class BatchOutcomes {
  readonly answers = new Map<string, PlaceAnswer>()
  readonly #target: ApiTarget
  readonly #remote: Remote
  #failure: LaneFailure | undefined

  constructor(target: ApiTarget, remote: Remote) {
    this.#target = target
    this.#remote = remote
  }

  /** What ends the batch, and is no record's fault. */
  get failure(): LaneFailure | undefined {
    return this.#failure
  }

  answer({ write }: Item, answer: PlaceAnswer): void {
    this.answers.set(write.id, answer)
  }

  /** Takes the end of a call. @param problem undefined where it worked */
  note(item: Item, problem: Problem | undefined, phase: Phase): void {
    if (problem?.kind === 'unclear') phase.lost.push({ item, problem })
    else if (problem?.kind === 'lane') this.#failure ??= problem.failure
    else phase.answered++
    if (problem?.kind === 'mismatch') {
      if (++item.mismatches < MOST_MISMATCHES) return
      const reason = `somebody changed it again and again between reading and writing: ${problem.reason}`
      this.answer(item, { status: 'failed', reason })
    } else if (problem?.kind === 'broken') this.answer(item, { status: 'failed', reason: problem.reason })
    else if (problem?.kind === 'refused' || problem?.kind === 'missing')
      this.answer(item, { status: 'dead', reason: problem.reason })
  }

  /**
   * Says whose fault lost answers are. Where the system answered nothing else it is the system's, unless a probe works, or
   * no more than so many records broke it with a status.
   */
  async judge({ answered, lost }: Phase, mayBreak: number): Promise<void> {
    const [first] = lost
    if (!first || this.#failure) return
    const { status, reason } = first.problem
    if (answered === 0 && (status === null || lost.length > mayBreak)) {
      const isThere = this.#target.probe !== undefined && (await this.#remote.probe()).ok
      if (!isThere) {
        const code = status === null ? 'PLACE_UNAVAILABLE' : 'PLACE_OUTCOME_UNKNOWN'
        this.#failure = new LaneFailure('unclear', code, status, reason)
        return
      }
    }
    for (const { item, problem } of lost) {
      if (++item.losses < MOST_LOSSES) continue
      this.answer(item, { status: 'failed', code: 'PLACE_OUTCOME_UNKNOWN', reason: problem.reason })
    }
  }
}
