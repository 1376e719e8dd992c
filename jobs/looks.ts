/** One place that is looked at for edits. */
export interface Looked {
  readonly lane: string
  /** Longest time between two looks while people work in it, in milliseconds. */
  readonly everyMs: number
  /** True where something else tells of edits: looks are a net under it. */
  readonly isTold: boolean
}

/** Where something tells of edits, a look finds what it missed. */
const TOLD_EVERY_MS = 60_000

/** How long a place counts as worked in after an edit. */
const BUSY_FOR_MS = 5 * 60_000

/** After a look that failed. */
const FAILED_EVERY_MS = 30_000

/** What was never looked at is as late as if the last look had been so long ago. */
const LONG_AGO_MS = 60 * 60_000

/** More than any lateness: where people work goes first. */
const FIRST = 1_000_000

/** The part of the read quota that looks may use, in the long run: writes go first. */
const SHARE = 1 / 3

/** The part of these looks that stays for places in which nobody is known to work: somebody may begin to. */
const OTHERS_SHARE = 1 / 4

/**
 * Says which places are to be looked at now: those that people work in as often as they are meant to be, the others in
 * turn, as often as a third of the read quota allows. Pure, but for what it is told.
 */
export class Looks {
  readonly #places: readonly Looked[]
  readonly #perMs: number
  readonly #burst: number
  #allowance: number
  /** Looks that are kept for places in which nobody works. */
  #kept = 0
  #at: number
  readonly #last = new Map<string, number>()
  readonly #edited = new Map<string, number>()
  readonly #failed = new Set<string>()

  /**
   * @param readsPerMinute requests that the quota allows
   * @param now milliseconds
   */
  constructor(places: readonly Looked[], readsPerMinute: number, now: number) {
    this.#places = places
    this.#perMs = (readsPerMinute * SHARE) / 60_000
    this.#burst = Math.max(1, readsPerMinute / 12)
    this.#allowance = this.#burst
    this.#at = now
  }

  /** People edited the place at this time. */
  edited(lane: string, at: number): void {
    this.#edited.set(lane, Math.max(at, this.#edited.get(lane) ?? 0))
  }

  /** Places whose last look failed. */
  failing(lanes: Iterable<string>): void {
    this.#failed.clear()
    for (const lane of lanes) this.#failed.add(lane)
  }

  /** The places to look at now, the most urgent first. They count as looked at. */
  due(now: number): string[] {
    const more = (now - this.#at) * this.#perMs
    this.#allowance = Math.min(this.#burst, this.#allowance + more)
    this.#kept = Math.min(Math.max(1, this.#burst * OTHERS_SHARE), this.#kept + more * OTHERS_SHARE)
    this.#at = now
    const due = this.#places
      .map((place) => ({ place, late: this.#lateness(place, now) }))
      .filter(({ late }) => late >= 1)
      .sort((a, b) => b.late - a.late)
    const others = due.filter(({ late }) => late < FIRST).slice(0, Math.floor(this.#kept))
    const chosen: string[] = []
    for (const { place, late } of new Set([...others, ...due])) {
      if (this.#allowance < 1) break
      this.#allowance--
      if (late < FIRST) this.#kept = Math.max(0, this.#kept - 1)
      this.#last.set(place.lane, now)
      chosen.push(place.lane)
    }
    return chosen
  }

  /** How long ago the last look was, counted in the place's own interval. What people work in goes first. */
  #lateness({ lane, everyMs, isTold }: Looked, now: number): number {
    const since = now - (this.#last.get(lane) ?? now - LONG_AGO_MS)
    if (this.#failed.has(lane)) return since / Math.max(everyMs, FAILED_EVERY_MS)
    if (isTold) return since / Math.max(everyMs, TOLD_EVERY_MS)
    const isBusy = now - (this.#edited.get(lane) ?? Number.NEGATIVE_INFINITY) < BUSY_FOR_MS
    return isBusy && since >= everyMs ? FIRST + since / everyMs : since / everyMs
  }
}
