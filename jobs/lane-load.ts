import type { Environment } from '../src/config/environment.ts'
import type { SheetTarget } from '../src/config/target.ts'
import type { Gate } from '../src/queue/gate.ts'

/** Batches of a lane that may wait behind the one that is being written: enough to fill the next call. */
const BATCHES_AHEAD = 2

/**
 * Keeps one spreadsheet from taking every slot of a worker: while it has enough jobs in hand, no more of its
 * jobs are fetched, and the other spreadsheets' go on.
 */
export class LaneLoad {
  readonly #gate: Gate
  readonly #targets: ReadonlyMap<string, readonly string[]>
  readonly #capacity: number
  readonly #inHand = new Map<string, number>()

  constructor(gate: Gate, targets: readonly SheetTarget[], environment: Environment) {
    this.#gate = gate
    this.#targets = new Map(
      [...Map.groupBy(targets, (target) => target.spreadsheetId)].map(([lane, all]) => [
        lane,
        all.map((target) => target.name),
      ]),
    )
    const batches = Math.max(1, Math.min(BATCHES_AHEAD, environment.concurrency - 1))
    this.#capacity = batches * environment.batchSize
  }

  /** Runs `work`, during which `count` jobs of the lane are in hand. */
  async during<Result>(lane: string, count: number, work: () => Promise<Result>): Promise<Result> {
    this.#change(lane, count)
    try {
      return await work()
    } finally {
      this.#change(lane, -count)
    }
  }

  #change(lane: string, by: number): void {
    const before = this.#inHand.get(lane) ?? 0
    const now = before + by
    this.#inHand.set(lane, now)
    const wasFull = before >= this.#capacity
    const isFull = now >= this.#capacity
    if (wasFull === isFull) return
    for (const target of this.#targets.get(lane) ?? []) {
      if (isFull) this.#gate.close(target, 'busy')
      else this.#gate.open(target, 'busy')
    }
  }
}
