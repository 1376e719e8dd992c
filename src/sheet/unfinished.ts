import { type Leftover, type Suspicion, unclearRows } from './damage.ts'
import type { TargetWork } from './work.ts'

/** Rows of each kind that are remembered of a target. */
const MAX_ROWS = 500

/** What a batch left behind in one tab. */
interface Left {
  readonly leftovers: readonly Leftover[]
  readonly suspicion: Suspicion | undefined
}

/**
 * What batches of a lane could not take out again, or look for, by target: the next one does. Nobody else knows of it.
 */
export class Unfinished {
  readonly #left = new Map<string, Left>()

  get isEmpty(): boolean {
    return this.#left.size === 0
  }

  /** @param target its name */
  has(target: string): boolean {
    return this.#left.has(target)
  }

  /** Takes note of what a batch leaves behind, in place of what was there before it. */
  note({ target, leftovers, suspicion }: TargetWork): void {
    if (leftovers.length === 0 && !suspicion) this.#left.delete(target.name)
    else {
      this.#left.set(target.name, {
        leftovers: leftovers.slice(0, MAX_ROWS),
        suspicion: suspicion && withoutRemoved(suspicion),
      })
    }
  }

  /** Makes what is left a part of a batch: the records whose rows were written are looked at. */
  resume(work: TargetWork): void {
    const { leftovers = [], suspicion } = this.#left.get(work.target.name) ?? {}
    work.leftovers = leftovers
    work.suspicion = suspicion
    for (const { id } of unclearRows(leftovers)) work.repair(id)
    for (const { key } of suspicion?.written ?? []) if (key !== null) work.repair(key)
    for (const { key, hit } of suspicion?.shifted ?? []) if (key !== null) work.spoil(key, hit)
  }
}

/** Rows that may have been removed are left to the comparison: all keys of a tab are too much to remember. */
function withoutRemoved({ written, shifted = [], over = [] }: Suspicion): Suspicion {
  return {
    keys: new Set(),
    written: written.slice(0, MAX_ROWS),
    shifted: shifted.slice(0, MAX_ROWS),
    over: over.slice(0, MAX_ROWS),
  }
}
