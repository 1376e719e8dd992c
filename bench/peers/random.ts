import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Whole numbers that a seed repeats. */
export type Random = (from: number, to: number) => number

/** @returns a function that gives a number from `from` to `to`, both included */
export function randomOf(seed: number): Random {
  const generator = xoroshiro128plus(seed)
  return (from, to) => uniformInt(generator, from, to)
}
