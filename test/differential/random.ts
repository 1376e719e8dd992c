import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Random choices that a seed repeats. */
export class Random {
  readonly #generator

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
  }

  /** A whole number from `from` to `to`, both included. */
  integer(from: number, to: number): number {
    return uniformInt(this.#generator, from, to)
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.integer(0, 9_999) < probability * 10_000
  }

  /** One of the items; undefined of none. */
  pick<T>(items: readonly T[]): T | undefined {
    return items[this.integer(0, Math.max(0, items.length - 1))]
  }

  /** One of the items, in proportion to their weights. */
  weighted<T>(items: readonly (readonly [weight: number, item: T])[]): T {
    const total = items.reduce((sum, [weight]) => sum + weight, 0)
    let left = this.integer(1, total)
    for (const [weight, item] of items) {
      left -= weight
      if (left <= 0) return item
    }
    throw new RangeError('nothing to choose from')
  }

  /** Some of the items, at most `most`, in their order. */
  some<T>(items: readonly T[], most: number): T[] {
    const wanted = this.integer(1, Math.max(1, most))
    return items
      .filter(() => this.chance(Math.min(1, (wanted * 1.5) / Math.max(1, items.length))))
      .slice(0, wanted)
  }

  /** The items in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items]
    return items.map(() => left.splice(this.integer(0, left.length - 1), 1)[0] as T)
  }

  /** Text of the given length in letters and digits. */
  text(length: number): string {
    const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
    return Array.from({ length }, () => letters[this.integer(0, letters.length - 1)]).join('')
  }
}
