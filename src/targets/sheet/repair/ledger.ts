import type { Mapping } from '../tab/mapping.ts'
import type { Leftover, Suspicion } from './suspicion.ts'

/** What was looked for in the last read, and the leftovers that it was looked for with. */
interface Searched {
  readonly suspicion: Suspicion | undefined
  readonly leftovers: readonly Leftover[]
}

/** What a search for damage found out about the ledger itself. */
export interface LedgerChange {
  /** True when nothing could be decided yet: all of it is looked for in the next read. */
  readonly isDeferred: boolean
  /** What is still to be taken out, or looked for. */
  readonly leftovers: readonly Leftover[]
  /** Leftovers that are taken out now, with their row. */
  readonly attempts: ReadonlyMap<Leftover, number>
}

/** What may be damaged in one tab: calls whose effect nobody knows, and cells of ours where they do not belong. */
export class DamageLedger {
  #suspicion: Suspicion | undefined
  #leftovers: readonly Leftover[] = []
  #searched: Searched | undefined
  /** Leftovers that a write was to take out, and from which row: it may have done so in part. */
  readonly #attempted = new WeakMap<Leftover, number>()
  #isResumed = false

  /** What has to be looked for in the next read. */
  get suspicion(): Suspicion | undefined {
    return this.#suspicion
  }

  /** What may stand where it does not belong, by earlier batches as well, until it is taken out. */
  get leftovers(): readonly Leftover[] {
    return this.#leftovers
  }

  /** True when some of this is of an earlier batch: other workers may have gone on in between. */
  get isResumed(): boolean {
    return this.#isResumed
  }

  /** True when the last read was searched for damage. */
  get wasSearched(): boolean {
    return this.#searched !== undefined
  }

  /** True when there is nothing to look for, or to take out. */
  get isEmpty(): boolean {
    return this.#suspicion === undefined && this.#leftovers.length === 0
  }

  /** The row from which a write was to take a leftover out. */
  attemptedRow(leftover: Leftover): number | undefined {
    return this.#attempted.get(leftover)
  }

  /** Takes over what an earlier batch left unfinished. */
  resume(suspicion: Suspicion | undefined, leftovers: readonly Leftover[]): void {
    this.#isResumed = true
    this.#suspicion = suspicion
    this.#leftovers = leftovers
  }

  /** Adds to what is suspected already. */
  suspect({ keys, seen, written, shifted = [], overwrote = [] }: Suspicion): void {
    const known = this.#suspicion
    this.#suspicion = {
      keys: known ? new Set([...known.keys, ...keys]) : keys,
      seen: new Map([...(known?.seen ?? []), ...(seen ?? [])]),
      written: [...new Set([...(known?.written ?? []), ...written])],
      shifted: [...new Set([...(known?.shifted ?? []), ...shifted])],
      overwrote: [...new Set([...(known?.overwrote ?? []), ...overwrote])],
    }
  }

  addLeftovers(leftovers: readonly Leftover[]): void {
    this.#leftovers = [...this.#leftovers, ...leftovers]
  }

  /** The last read was searched. */
  apply({ isDeferred, leftovers, attempts }: LedgerChange): void {
    this.#searched = undefined
    if (isDeferred || this.isEmpty) return
    this.#searched = { suspicion: this.#suspicion, leftovers: this.#leftovers }
    this.#suspicion = undefined
    this.#leftovers = leftovers
    this.noteAttempts(attempts)
  }

  /** These leftovers are taken out of these rows. */
  noteAttempts(attempts: ReadonlyMap<Leftover, number>): void {
    for (const [leftover, row] of attempts) this.#attempted.set(leftover, row)
  }

  /** What was looked for may have come after all: it is looked for in the next read as well. */
  retainSuspicion(): void {
    if (!this.#searched) return
    const { suspicion, leftovers } = this.#searched
    this.#searched = undefined
    this.#leftovers = [...new Set([...leftovers, ...this.#leftovers])]
    if (!suspicion) return
    // What was seen later is newer.
    const seen = new Map([...(suspicion.seen ?? []), ...(this.#suspicion?.seen ?? [])])
    this.suspect({ ...suspicion, seen })
  }

  /** What was damaged in a tab that is gone does not matter any more. */
  forget(): void {
    this.#suspicion = undefined
    this.#searched = undefined
    this.#leftovers = []
  }
}

/** The records of a batch in one tab, as far as their repair asks for them. */
export interface RecordsInHand {
  readonly mapping: Mapping
  readonly damage: DamageLedger
  /** True for a record that is still to be brought up to date. */
  isPending(id: string): boolean
  /** A record that nobody asked for is to be put right as well. */
  repair(id: string): void
  /** Cells of a record's row (columns of the mapping) show what a call of ours wrote: nobody's edit. */
  markOverwritten(id: string, columns: ReadonlySet<number>): void
}
