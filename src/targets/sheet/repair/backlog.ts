import type { RecordsInHand } from './ledger.ts'
import { type Leftover, type Suspicion, unclearRows } from './suspicion.ts'

/** Rows of each kind that are remembered of a target. */
const MAX_ROWS = 500

/** What a batch left behind in one tab. */
interface Left {
  /** When the first of these batches began, in ms as of `performance.now()`. */
  readonly since: number
  readonly leftovers: readonly Leftover[]
  readonly suspicion: Suspicion | undefined
}

/**
 * What batches of a lane could not take out again, or look for, by target: the next one does. Nobody else knows of it.
 */
export class RepairBacklog {
  readonly #left = new Map<string, Left>()

  get isEmpty(): boolean {
    return this.#left.size === 0
  }

  /** @param target its name */
  has(target: string): boolean {
    return this.#left.has(target)
  }

  /**
   * Takes note of what a batch leaves behind, in place of what was there before it.
   * @param began when the batch began, in ms as of `performance.now()`
   */
  save({ mapping: { target }, damage: { leftovers, suspicion } }: RecordsInHand, began: number): void {
    if (leftovers.length === 0 && !suspicion) this.#left.delete(target.name)
    else {
      this.#left.set(target.name, {
        since: this.#left.get(target.name)?.since ?? began,
        leftovers: leftovers.slice(0, MAX_ROWS),
        suspicion: suspicion && withoutRemoved(suspicion),
      })
    }
  }

  /**
   * Makes what is left a part of a batch: the records whose rows were written are looked at.
   * @returns when the first of the batches that left it began; undefined when there is none
   */
  restore(records: RecordsInHand): number | undefined {
    const { since, leftovers = [], suspicion } = this.#left.get(records.mapping.target.name) ?? {}
    if (since !== undefined) records.damage.resume(suspicion, leftovers)
    for (const { id } of unclearRows(leftovers)) records.repair(id)
    for (const { key } of suspicion?.written ?? []) if (key !== null) records.repair(key)
    for (const { key, hit } of suspicion?.shifted ?? []) if (key !== null) records.markOverwritten(key, hit)
    return since
  }
}

/** Rows that may have been removed are left to the comparison: all keys of a tab are too much to remember. */
function withoutRemoved({ written, shifted = [], overwrote = [] }: Suspicion): Suspicion {
  return {
    keys: new Set(),
    written: written.slice(0, MAX_ROWS),
    shifted: shifted.slice(0, MAX_ROWS),
    overwrote: overwrote.slice(0, MAX_ROWS),
  }
}
