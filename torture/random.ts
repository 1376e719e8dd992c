import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Numbers that depend on a seed alone. */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed | 0)
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return uniformInt(this.#generator, least, most)
  }

  /** True with the given probability, 0 to 1. */
  chance(probability: number): boolean {
    return uniformFloat64(this.#generator) < probability
  }

  /** One of a list that is not empty. */
  of<Item>(items: readonly Item[]): Item {
    return items[this.between(0, items.length - 1)] as Item
  }

  /** One of a list, more often what weighs more. */
  weighted<Item extends { readonly weight: number }>(items: readonly Item[]): Item {
    const total = items.reduce((sum, item) => sum + item.weight, 0)
    let at = uniformFloat64(this.#generator) * total
    for (const item of items) {
      at -= item.weight
      if (at < 0) return item
    }
    return items.at(-1) as Item
  }

  /** Some of a list, each at most once, in random order. */
  some<Item>(items: readonly Item[], least: number, most: number): Item[] {
    const left = [...items]
    const count = Math.min(this.between(least, most), left.length)
    return Array.from({ length: count }, () => left.splice(this.between(0, left.length - 1), 1)[0] as Item)
  }

  /** A seed for somebody else. */
  salt(): number {
    return this.between(0, 2 ** 31 - 1)
  }
}
