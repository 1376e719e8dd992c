import { describe, expect, it } from 'vitest'
import { singleOut } from '../../src/source/single-out.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at)

/** A table in which some items make every query fail that names them. */
function table(bad: ReadonlySet<number>, canOthers = true) {
  const seen = { queries: 0, probes: 0 }
  const run = (items: readonly number[]) =>
    singleOut(
      items,
      async (some) => {
        seen.queries++
        const found = some.find((item) => bad.has(item))
        if (found !== undefined) throw new Error(`bad ${found}`)
        return some
      },
      (error) => error instanceof RangeError,
      async () => {
        seen.probes++
        return canOthers
      },
    )
  return { seen, run }
}

describe('items that make a query fail', () => {
  it.each([
    [1, [0]],
    [2, [0, 1]],
    [3, [1]],
    [1000, [0]],
    [1000, [999]],
    [1000, [17, 18, 500]],
    [1000, numbers(40)],
    [100, numbers(100)],
  ])('of %i are singled out, and the others are read', async (count, bad) => {
    const { seen, run } = table(new Set(bad))
    const { results, failed } = await run(numbers(count))
    expect([...failed.keys()].toSorted((a, b) => a - b)).toEqual(bad)
    expect([...failed].every(([item, error]) => (error as Error).message === `bad ${item}`)).toBe(true)
    expect(results.flat().toSorted((a, b) => a - b)).toEqual(
      numbers(count).filter((item) => !bad.includes(item)),
    )
    // Two a halving for each of them, or every part of a table that is bad as a whole.
    expect(seen.queries).toBeLessThanOrEqual(
      Math.min(2 * count, 1 + 2 * bad.length * Math.ceil(Math.log2(count))),
    )
  })

  it('cost nothing where all is well: one query', async () => {
    const { seen, run } = table(new Set())
    expect((await run(numbers(1000))).failed.size).toBe(0)
    expect(seen).toEqual({ queries: 1, probes: 0 })
  })

  it.each([1, 2, 3, 5000])(
    'are none of %i where nothing else can be read: few queries tell',
    async (count) => {
      const { seen, run } = table(new Set(numbers(count)), false)
      await expect(run(numbers(count))).rejects.toThrow(/^bad/)
      expect(seen.queries).toBeLessThanOrEqual(8)
      expect(seen.probes).toBe(1)
    },
  )

  it('are not looked for where the error says that it is nobody in particular', async () => {
    let queries = 0
    const query = async () => {
      queries++
      throw new RangeError('no such column')
    }
    const isOfAll = (error: unknown) => error instanceof RangeError
    await expect(singleOut(numbers(1000), query, isOfAll, async () => true)).rejects.toThrow('no such column')
    expect(queries).toBe(1)
  })

  it('are told from others by what was read besides, without a further question', async () => {
    const { seen, run } = table(new Set([3]), false)
    expect([...(await run(numbers(16))).failed.keys()]).toEqual([3])
    expect(seen.probes).toBe(0)
  })
})
