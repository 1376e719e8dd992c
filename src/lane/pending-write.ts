import type { Target } from '../model/target.ts'
import type { LaneRequest, Outcome } from './outcome.ts'

/** What a lane answers: outcomes by target, then record. */
export type Outcomes = ReadonlyMap<string, ReadonlyMap<string, Outcome>>

/** One call of `write` that waits for its records. */
export class PendingWrite {
  readonly signal: AbortSignal
  readonly done: Promise<Outcomes>
  readonly #requests: readonly LaneRequest<Target>[]
  readonly #outcomes: Map<string, Map<string, Outcome>>
  readonly #resolve: (outcomes: Outcomes) => void
  #left: number

  constructor(requests: readonly LaneRequest<Target>[], signal: AbortSignal) {
    const { promise, resolve } = Promise.withResolvers<Outcomes>()
    this.signal = signal
    this.#requests = requests
    this.done = promise
    this.#resolve = resolve
    this.#outcomes = new Map(requests.map(({ target }) => [target.name, new Map()]))
    this.#left = 0
    for (const { ids } of requests) this.#left += new Set(ids).size
    if (this.#left === 0) resolve(this.#outcomes)
  }

  /** See `LaneRequest.unseen`; undefined for a record that is not listed there. */
  unseenSince(target: string, id: string): Date | undefined {
    return this.#requests.find((request) => request.target.name === target)?.unseen?.get(id)
  }

  settle(target: string, id: string, outcome: Outcome): void {
    this.#outcomes.get(target)?.set(id, outcome)
    this.#left--
    if (this.#left === 0) this.#resolve(this.#outcomes)
  }
}

/**
 * Records of one target whose deletion none of the calls that wait for them has seen, with the time when each was last
 * asked for.
 */
export function unseenSince(
  target: string,
  records: ReadonlyMap<string, readonly PendingWrite[]>,
): Map<string, Date> {
  const unseen = new Map<string, Date>()
  for (const [id, writes] of records) {
    const since = writes.map((write) => write.unseenSince(target, id))
    const latest = since.flatMap((at) => at ?? []).sort((a, b) => b.getTime() - a.getTime())[0]
    if (latest !== undefined && !since.includes(undefined)) unseen.set(id, latest)
  }
  return unseen
}
