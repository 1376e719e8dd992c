import type { SpreadsheetStore } from '../store/spreadsheets.ts'
import { Access } from './access.ts'
import { CallLog } from './call-log.ts'
import { type CallInfo, type CallMatch, Faults, matches } from './faults.ts'
import { Quota, type QuotaLimits } from './quota.ts'

/** The token of a person at the screen: exempt from faults, quotas and refusals, and not counted. */
export const HUMAN_TOKEN = 'human'

/** How an outage looks: `unavailable` answers 503, `unreachable` resets every connection. */
export type Outage = 'unavailable' | 'unreachable'

/** Called before a call is applied, with the text of its body; what it returns is awaited. */
export type Hook = (call: CallInfo, body: string) => void | Promise<void>

/** Everything about an emulator that can be changed while it runs. The HTTP control API calls the same methods. */
export class Control {
  readonly spreadsheets: SpreadsheetStore
  readonly faults = new Faults()
  readonly quota: Quota
  readonly calls = new CallLog()
  readonly access = new Access()
  /** Set during an outage. */
  outage: Outage | undefined
  readonly #latencies: { ms: number; match: CallMatch | undefined }[] = []
  readonly #hooks = new Set<Hook>()

  /** @param quota limits to begin with; none by default */
  constructor(spreadsheets: SpreadsheetStore, quota?: QuotaLimits) {
    this.spreadsheets = spreadsheets
    this.quota = new Quota(quota)
  }

  /** Sets how long the matching calls take at least, in ms. The last setting that matches a call counts. */
  latency(ms: number, match?: CallMatch): void {
    this.#latencies.push({ ms, match })
  }

  /** Removes all latencies. */
  noLatency(): void {
    this.#latencies.length = 0
  }

  /** The latency of a call in ms. */
  latencyOf(call: CallInfo): number {
    return this.#latencies.findLast(({ match }) => matches(match, call))?.ms ?? 0
  }

  /** All latencies in force, in the order of their setting. */
  latencies(): readonly { readonly ms: number; readonly match: CallMatch | undefined }[] {
    return this.#latencies
  }

  /**
   * Runs `hook` before each call is applied: to let a person act between a read and the write that follows.
   * @returns removes the hook
   */
  before(hook: Hook): () => void {
    this.#hooks.add(hook)
    return () => this.#hooks.delete(hook)
  }

  /** Runs the hooks; undefined when there are none, so that a call need not wait. */
  runHooks(call: CallInfo, body: string): Promise<void> | undefined {
    if (this.#hooks.size === 0) return undefined
    return (async () => {
      // One that is added meanwhile is for the calls that follow.
      for (const hook of [...this.#hooks]) await hook(call, body)
    })()
  }
}
