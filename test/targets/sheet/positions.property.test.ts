import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyColumn } from '../../../src/targets/sheet/tab/key-column.ts'
import { Positions } from '../../../src/targets/sheet/tab/positions.ts'

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const row = fc.nat(30)

type Step =
  | { readonly kind: 'set'; readonly row: number; readonly key: string }
  | { readonly kind: 'remove'; readonly rows: readonly number[] }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), row, key }),
  fc.record({ kind: fc.constant('remove' as const), rows: fc.uniqueArray(row, { maxLength: 4 }) }),
)

function columnOf(keys: readonly (string | undefined)[]): KeyColumn {
  const column = new KeyColumn(true)
  keys.forEach((one, at) => {
    if (one !== undefined) column.set(at, one)
  })
  return column
}

describe('positions', () => {
  it('are those of a plain list, whatever is set and removed', () => {
    const begin = fc.array(fc.option(key, { nil: undefined }), { maxLength: 20 })
    fc.assert(
      fc.property(begin, fc.array(step, { maxLength: 40 }), (keys, steps) => {
        let model = [...columnOf(keys).entries()].reduce<(string | undefined)[]>((all, [at, one]) => {
          all[at] = one
          return all
        }, [])
        const positions = Positions.of(columnOf(keys))
        for (const one of steps) {
          if (one.kind === 'set') {
            model[one.row] = one.key
            positions.set(one.row, one.key)
          } else {
            model = [...model].filter((_, at) => !one.rows.includes(at))
            positions.remove(one.rows)
          }
          expect(positions.length).toBe(model.length)
          for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) {
            const expected = [...model.keys()].filter((at) => model[at] === id)
            expect([...positions.rowsOf(id)].sort((a, b) => a - b)).toEqual(expected)
          }
        }
      }),
    )
  })

  it('know a hundred thousand similar ids apart', () => {
    const ids = Array.from({ length: 100_000 }, (_, at) => `cm${String(at).padStart(22, '0')}`)
    const positions = Positions.of(columnOf(['ID', ...ids]))
    expect(ids.every((id, at) => positions.rowsOf(id).join() === String(at + 1))).toBe(true)
    expect(positions.rowsOf('cm')).toEqual([])
  })

  it('tell which touched records stand in several rows now', () => {
    const before = Positions.of(columnOf(['ID', 'a', 'b', 'c']))
    before.touch(1)
    before.touch(2)
    before.forget()
    const column = columnOf(['ID', 'b', 'c', 'a', 'c', 'b', 'b'])
    expect(Positions.of(column).copied(column, before)).toEqual(['b'])
  })
})
