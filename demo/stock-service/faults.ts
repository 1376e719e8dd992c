/**
 * What can go wrong with a call.
 * - `error-before`, `error-after`: 500, and the call was not, or was, carried out
 * - `reset-before`, `reset-after`: the connection breaks
 * - `hang-before`, `hang-after`: no answer comes
 * - `late`: the connection breaks now, and the call is carried out some time later
 * - `limit`: 429 with Retry-After
 * - `away`: 503
 * - `refused`: 422, which is about this article alone
 * - `race`: somebody takes one piece, just before the call is carried out
 * - `slow`: the answer takes its time
 */
export const FAULTS = [
  'error-before',
  'error-after',
  'reset-before',
  'reset-after',
  'hang-before',
  'hang-after',
  'late',
  'limit',
  'away',
  'refused',
  'race',
  'slow',
] as const
export type Fault = (typeof FAULTS)[number]

/** Faults that are ordered: the next so many calls of a kind, or a share of all. */
export interface FaultOrder {
  /** One of them, by turns or by lot. */
  readonly faults: readonly Fault[]
  /** GET, PUT, POST or DELETE. @defaultValue every call */
  readonly method?: string
  /** Calls of this article only. */
  readonly id?: string
  /** So many calls. @defaultValue 1, or any number with `share` */
  readonly times?: number
  /** Of so many calls, 0 to 1. @defaultValue 1 */
  readonly share?: number
  /** Makes `share` and the choice repeatable. @defaultValue 1 */
  readonly seed?: number
  /** Of `slow` and `late`. @defaultValue 300 */
  readonly ms?: number
}

interface Standing extends FaultOrder {
  left: number
  readonly random: () => number
}

/** The faults that wait for a call. */
export class Faults {
  #orders: Standing[] = []

  order(order: FaultOrder): void {
    const left = order.times ?? (order.share === undefined ? 1 : Number.POSITIVE_INFINITY)
    this.#orders.push({ ...order, left, random: randomOf(order.seed ?? 1) })
  }

  clear(): void {
    this.#orders = []
  }

  /** The fault of a call, if it gets one. */
  next(method: string, id: string | undefined): { readonly fault: Fault; readonly ms: number } | undefined {
    for (const order of this.#orders) {
      if (order.method !== undefined && order.method !== method) continue
      if (order.id !== undefined && order.id !== id) continue
      if (order.left <= 0 || order.random() >= (order.share ?? 1)) continue
      order.left--
      const fault = order.faults[Math.floor(order.random() * order.faults.length)]
      if (fault !== undefined) return { fault, ms: order.ms ?? 300 }
    }
    return undefined
  }
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
