import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shrink } from '../../torture/shrink.ts'

const all = Array.from({ length: 60 }, (_, at) => at)

test('a list is made as short as the failure allows', async () => {
  const subset = fc.uniqueArray(fc.nat(59), { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(subset, async (needed) => {
      const fails = async (items: readonly number[]) => needed.every((one) => items.includes(one))
      const found = await shrink(all, fails, 10_000)
      expect([...found].sort()).toEqual([...needed].sort())
    }),
  )
})

test('no more runs are spent than allowed, and what is returned was seen to fail', async () => {
  let asked = 0
  const found = await shrink(
    all,
    async (items) => {
      asked++
      return items.includes(7)
    },
    3,
  )
  expect(asked).toBe(3)
  expect(found).toContain(7)
  expect(found.length).toBeLessThan(all.length)
})
