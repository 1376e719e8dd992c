import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChunkedList } from '../model/chunked-list.ts'

type Step = ['push' | 'pop'] | ['insert' | 'remove' | 'set', number, number]

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step>(['push'], ['pop']),
  // Sizes on both sides of a chunk's.
  fc.tuple(
    fc.constantFrom('insert' as const, 'remove' as const, 'set' as const),
    fc.nat(10_000),
    fc.constantFrom(1, 3, 900, 1100, 3000),
  ),
)

test('behaves like an array', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const list = new ChunkedList<number>()
      const array: number[] = []
      let next = 0
      for (const [kind, position = 0, count = 1] of steps) {
        const at = array.length === 0 ? 0 : position % (array.length + 1)
        if (kind === 'push') {
          list.push(next)
          array.push(next++)
        } else if (kind === 'pop') expect(list.pop()).toBe(array.pop())
        else if (kind === 'insert') {
          const values = Array.from({ length: count }, () => next++)
          list.insert(at, values)
          array.splice(at, 0, ...values)
        } else if (kind === 'remove') expect(list.remove(at, count)).toEqual(array.splice(at, count))
        else if (at < array.length) {
          list.set(at, next)
          array[at] = next++
        }
        expect(list.length).toBe(array.length)
        if (array.length > 0) expect(list.get(at % array.length)).toBe(array[at % array.length])
      }
      const all: number[] = []
      list.forEach(0, Number.POSITIVE_INFINITY, (value, index) => {
        expect(index).toBe(all.length)
        all.push(value)
      })
      expect(all).toEqual(array)
      const some: number[] = []
      const [from, to] = [Math.floor(array.length / 3), Math.floor(array.length / 2)]
      list.forEach(from, to, (value) => some.push(value))
      expect(some).toEqual(array.slice(from, to))
      expect(list.get(array.length)).toBeUndefined()
    }),
    { numRuns: 150 },
  )
})
