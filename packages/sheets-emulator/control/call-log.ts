import type { CallInfo, CallKind } from './faults.ts'

/** A call that was handled, as the log keeps it. */
export interface LoggedCall extends CallInfo {
  /** HTTP status; 0 when the connection was reset instead of answered. */
  readonly status: number
  /** Bytes of the request body and of the answer's body, without headers. */
  readonly bytesIn: number
  readonly bytesOut: number
  /** From the request's headers to the end of the answer. */
  readonly ms: number
  /** Kinds of the requests of a spreadsheets.batchUpdate, in order, each once. */
  readonly requestKinds?: readonly string[] | undefined
}

/** Sums over calls. */
export interface CallTotals {
  readonly calls: number
  readonly errors: number
  readonly bytesIn: number
  readonly bytesOut: number
}

/** Sums of all calls since the start or the last reset. */
export interface CallCounts {
  readonly read: CallTotals
  readonly write: CallTotals
  /** Calls to the Drive API. */
  readonly drive: CallTotals
  readonly methods: Readonly<Record<string, CallTotals>>
}

const ZERO: CallTotals = { calls: 0, errors: 0, bytesIn: 0, bytesOut: 0 }
const KEPT = 10_000

/** Counts calls and keeps the latest. Calls of people (see Human) are not counted. */
export class CallLog {
  #methods = new Map<string, { kind: CallKind; totals: CallTotals }>()
  #recent: LoggedCall[] = []

  add(call: LoggedCall): void {
    const { totals } = this.#methods.get(call.method) ?? { totals: ZERO }
    this.#methods.set(call.method, { kind: call.kind, totals: plus(totals, call) })
    this.#recent.push(call)
    if (this.#recent.length > 2 * KEPT) this.#recent = this.#recent.slice(-KEPT)
  }

  /** The latest calls, oldest first; at most 10,000. */
  recent(): readonly LoggedCall[] {
    return this.#recent.slice(-KEPT)
  }

  counts(): CallCounts {
    const sum = (kind: CallKind): CallTotals =>
      [...this.#methods.values()]
        .filter((each) => each.kind === kind)
        .reduce((all, { totals }) => add(all, totals), ZERO)
    const methods = Object.fromEntries([...this.#methods].map(([method, { totals }]) => [method, totals]))
    return { read: sum('read'), write: sum('write'), drive: sum('drive'), methods }
  }

  reset(): void {
    this.#methods = new Map()
    this.#recent = []
  }
}

function plus(totals: CallTotals, { status, bytesIn, bytesOut }: LoggedCall): CallTotals {
  return add(totals, { calls: 1, errors: status >= 200 && status < 300 ? 0 : 1, bytesIn, bytesOut })
}

function add(a: CallTotals, b: CallTotals): CallTotals {
  return {
    calls: a.calls + b.calls,
    errors: a.errors + b.errors,
    bytesIn: a.bytesIn + b.bytesIn,
    bytesOut: a.bytesOut + b.bytesOut,
  }
}
