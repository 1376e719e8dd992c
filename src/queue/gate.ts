import type { GroupConcurrencyConfig } from 'pg-boss'

/** More jobs of a group than will ever be active: no limit. */
const OPEN = 1_000_000_000

/**
 * Says of which targets a worker fetches jobs. A target that is paused, whose place is away or whose lane has
 * enough to do is closed here: its jobs stay queued and are not touched, and those of the others go on.
 *
 * Jobs carry their target as the tier of their pg-boss group, and a tier's limit of concurrent jobs is read at
 * every fetch from the object given to `work()`. A limit of 0 for a closed target makes the fetch pass it by.
 */
export class Gate {
  readonly #groupConcurrency: GroupConcurrencyConfig
  readonly #tiers: Record<string, number> = {}
  readonly #holds = new Map<string, Set<string>>()
  readonly #onOpen: () => void

  /** @param onOpen called when a target opens again; there may be jobs to fetch */
  constructor(onOpen: () => void = () => {}) {
    this.#groupConcurrency = { default: OPEN, tiers: this.#tiers }
    this.#onOpen = onOpen
  }

  /**
   * Registers a worker that fetches through this gate.
   * @param work calls `boss.work` with the given `groupConcurrency`
   */
  register(work: (groupConcurrency: GroupConcurrencyConfig) => Promise<string>): Promise<string> {
    // pg-boss refuses a limit of 0 in the call that registers, before it fetches: closed targets are named after it.
    for (const target of this.#holds.keys()) delete this.#tiers[target]
    try {
      return work(this.#groupConcurrency)
    } finally {
      for (const target of this.#holds.keys()) this.#tiers[target] = 0
    }
  }

  /** Closes a target for one reason; it stays closed until every reason is gone. */
  close(target: string, reason: string): void {
    const reasons = this.#holds.get(target) ?? new Set()
    reasons.add(reason)
    this.#holds.set(target, reasons)
    this.#tiers[target] = 0
  }

  /** Takes one reason away. */
  open(target: string, reason: string): void {
    const reasons = this.#holds.get(target)
    if (!reasons?.delete(reason) || reasons.size > 0) return
    this.#holds.delete(target)
    delete this.#tiers[target]
    this.#onOpen()
  }

  /** The reasons for which a target is closed; empty when it is open. */
  reasons(target: string): readonly string[] {
    return [...(this.#holds.get(target) ?? [])]
  }
}
