import type { Environment } from '../src/config/environment.ts'
import type { Target } from '../src/model/target.ts'
import type { Gate } from '../src/queue/gate.ts'

/** Batches of a lane that may wait behind the one that is being written: enough to fill the next call. */
export const BATCHES_AHEAD = 2

/**
 * Decides when more jobs of a lane are fetched. While it has enough in hand it takes none, so that it does not
 * occupy every slot of the worker. And while a small batch is being written it takes none either: the jobs that come in
 * meanwhile stay together in the queue and share the next call, instead of occupying a slot each.
 */
export class LaneLoad {
  readonly #gate: Gate
  readonly #targets: ReadonlyMap<string, readonly string[]>
  readonly #capacity: number
  readonly #full: number
  readonly #inHand = new Map<string, number>()

  constructor(gate: Gate, targets: readonly Target[], environment: Environment) {
    this.#gate = gate
    this.#targets = new Map(
      [...Map.groupBy(targets, (target) => target.lane)].map(([lane, all]) => [
        lane,
        all.map((target) => target.name),
      ]),
    )
    const batches = Math.max(1, Math.min(BATCHES_AHEAD, environment.concurrency - 1))
    this.#capacity = batches * environment.batchSize
    // A fetch is cut short by duplicates and other lanes: half a batch means that there is a backlog.
    this.#full = environment.batchSize / 2
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
    const was = this.#isBusy(before)
    const is = this.#isBusy(now)
    if (was === is) return
    for (const target of this.#targets.get(lane) ?? []) {
      if (is) this.#gate.close(target, 'busy')
      else this.#gate.open(target, 'busy')
    }
  }

  #isBusy(inHand: number): boolean {
    return (inHand > 0 && inHand < this.#full) || inHand >= this.#capacity
  }
}
