import type { Target } from '../model/target.ts'
import type { LaneRequest, Outcome } from './outcome.ts'
import type { PendingWrite } from './pending-write.ts'

/** Records that one batch takes, with the calls that wait for each. */
export type Taken<T extends Target> = Map<T, Map<string, PendingWrite[]>>

/** Records that wait for the lane's next batch, in the order in which they came. A record waits once. */
export class Waiting<T extends Target> {
  readonly #targets = new Map<string, { target: T; records: Map<string, PendingWrite[]> }>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add({ target, ids }: LaneRequest<T>, write: PendingWrite): void {
    let entry = this.#targets.get(target.name)
    if (!entry) {
      entry = { target, records: new Map() }
      this.#targets.set(target.name, entry)
    }
    for (const id of new Set(ids)) {
      const writes = entry.records.get(id)
      if (writes) writes.push(write)
      else {
        entry.records.set(id, [write])
        this.#size++
      }
    }
  }

  /** Takes up to `limit` records, of all targets in turn. */
  take(limit: number): Taken<T> {
    const taken: Taken<T> = new Map()
    const share = Math.max(1, Math.floor(limit / Math.max(1, this.#targets.size)))
    let left = limit
    for (const [name, { target, records }] of this.#targets) {
      const own = new Map<string, PendingWrite[]>()
      for (const [id, writes] of records) {
        if (own.size >= share || left <= 0) break
        own.set(id, writes)
        records.delete(id)
        left--
      }
      this.#size -= own.size
      if (own.size > 0) taken.set(target, own)
      if (records.size === 0) this.#targets.delete(name)
    }
    return taken
  }

  /** Settles everything that waits. */
  settleAll(outcome: Outcome): void {
    settleTaken(this.take(Number.POSITIVE_INFINITY), outcome)
  }

  /** Settles what waits for one call only. */
  withdraw(write: PendingWrite, outcome: Outcome): void {
    for (const [name, { records }] of this.#targets) {
      for (const [id, writes] of records) {
        if (!writes.includes(write)) continue
        const others = writes.filter((other) => other !== write)
        if (others.length > 0) records.set(id, others)
        else {
          records.delete(id)
          this.#size--
        }
        write.settle(name, id, outcome)
      }
      if (records.size === 0) this.#targets.delete(name)
    }
  }
}

/** Settles records that were taken. */
export function settleTaken<T extends Target>(taken: Taken<T>, outcome: Outcome): void {
  for (const [target, records] of taken) {
    for (const [id, writes] of records) for (const write of writes) write.settle(target.name, id, outcome)
  }
}
