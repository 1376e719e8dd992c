import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConflictStrategy, NUMBER_RULES } from '../../../src/config/conflict.ts'
import { decideConflict, mergeValues } from '../../../src/targets/merge/values.ts'

const scalar = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', 'b'))
const list = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e'))
const object = fc.dictionary(fc.constantFrom('p', 'q', 'r'), fc.oneof(scalar, list))
const value = fc.oneof(scalar, list, object)
const three = fc.record({ base: value, database: value, place: value })
const rule = fc.constantFrom(...NUMBER_RULES)
const words = { place: 'place', changed: 'changed', part: 'field' }

/** Every text, number and key in a value. */
function atoms(from: unknown): unknown[] {
  if (Array.isArray(from)) return from.flatMap(atoms)
  if (typeof from === 'object' && from !== null)
    return Object.entries(from).flatMap(([key, one]) => [key, ...atoms(one)])
  return [from]
}

describe('merging', () => {
  it('a result again changes nothing', () => {
    fc.assert(
      fc.property(three, rule, ({ base, database, place }, numbers) => {
        const once = mergeValues({ base, database, place }, numbers)
        expect(mergeValues({ base, database, place: once }, numbers)).toEqual(once)
        // Neither does it with the database's value for the base, which is what is stored after a merge.
        expect(mergeValues({ base: database, database, place: once }, numbers)).toEqual(once)
      }),
    )
  })

  it('takes the side that changed, and equal changes once', () => {
    fc.assert(
      fc.property(value, value, rule, (base, changed, numbers) => {
        expect(mergeValues({ base, database: changed, place: base }, numbers)).toEqual(changed)
        expect(mergeValues({ base, database: base, place: changed }, numbers)).toEqual(changed)
        expect(mergeValues({ base, database: changed, place: changed }, numbers)).toEqual(changed)
      }),
    )
  })

  it('invents nothing', () => {
    fc.assert(
      fc.property(three, rule, ({ base, database, place }, numbers) => {
        const known = [...atoms(database), ...atoms(place)]
        for (const atom of atoms(mergeValues({ base, database, place }, numbers))) {
          expect(known.some((one) => isDeepStrictEqual(one, atom))).toBe(true)
        }
      }),
    )
  })

  it('of lists keeps what either side added and drops what either removed', () => {
    fc.assert(
      fc.property(list, list, list, (base, database, place) => {
        const merged = new Set(mergeValues({ base, database, place }) as string[])
        for (const item of ['a', 'b', 'c', 'd', 'e']) {
          const [was, here, there] = [base.includes(item), database.includes(item), place.includes(item)]
          expect(merged.has(item)).toBe(was ? here && there : here || there)
        }
      }),
    )
  })
})

describe('every strategy', () => {
  it('takes the value of one side, or leaves the place alone', () => {
    fc.assert(
      fc.property(
        three,
        fc.constantFrom<ConflictStrategy>('database-wins', 'sheet-wins', 'place-wins', 'manual'),
        (values, strategy) => {
          expect(decideConflict(strategy, values, words).take).not.toBe('value')
        },
      ),
    )
  })
})
