import type { SheetTarget } from '../config/target.ts'
import type { LaneRequest, Outcome } from './outcome.ts'
import type { Ticket } from './pending-write.ts'

/** Records that one batch takes, with the calls that wait for each. */
export type Taken = Map<SheetTarget, Map<string, Ticket[]>>

/** Records that wait for the lane's next batch, in the order in which they came. A record waits once. */
export class Waiting {
  readonly #targets = new Map<string, { target: SheetTarget; records: Map<string, Ticket[]> }>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add({ target, ids }: LaneRequest, ticket: Ticket): void {
    let entry = this.#targets.get(target.name)
    if (!entry) {
      entry = { target, records: new Map() }
      this.#targets.set(target.name, entry)
    }
    for (const id of new Set(ids)) {
      const tickets = entry.records.get(id)
      if (tickets) tickets.push(ticket)
      else {
        entry.records.set(id, [ticket])
        this.#size++
      }
    }
  }

  /** Takes up to `limit` records, of all targets in turn. */
  take(limit: number): Taken {
    const taken: Taken = new Map()
    const share = Math.max(1, Math.floor(limit / Math.max(1, this.#targets.size)))
    let left = limit
    for (const [name, { target, records }] of this.#targets) {
      const own = new Map<string, Ticket[]>()
      for (const [id, tickets] of records) {
        if (own.size >= share || left <= 0) break
        own.set(id, tickets)
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
    for (const [target, records] of this.take(Number.POSITIVE_INFINITY)) {
      for (const [id, tickets] of records)
        for (const ticket of tickets) ticket.settle(target.name, id, outcome)
    }
  }

  /** Settles what waits for one call only. */
  withdraw(ticket: Ticket, outcome: Outcome): void {
    for (const [name, { records }] of this.#targets) {
      for (const [id, tickets] of records) {
        if (!tickets.includes(ticket)) continue
        const others = tickets.filter((other) => other !== ticket)
        if (others.length > 0) records.set(id, others)
        else {
          records.delete(id)
          this.#size--
        }
        ticket.settle(name, id, outcome)
      }
      if (records.size === 0) this.#targets.delete(name)
    }
  }
}
