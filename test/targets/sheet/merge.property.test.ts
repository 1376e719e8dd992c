import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConflictStrategy, NUMBER_RULES, SIMPLE_STRATEGIES } from '../../../src/config/conflict.ts'
import { sameCell } from '../../../src/targets/sheet/cells/cell.ts'
import type { Codec } from '../../../src/targets/sheet/cells/codec.ts'
import { fieldCodec } from '../../../src/targets/sheet/cells/column-codec.ts'
import { zoneOf } from '../../../src/targets/sheet/cells/zone.ts'
import { decideCell } from '../../../src/targets/sheet/decide/decide-cell.ts'
import { decideConflict, mergeValues } from '../../../src/targets/sheet/decide/merge.ts'
import { dataModel } from './support/records.ts'

const zone = zoneOf('Etc/UTC')
const fields = dataModel.models.Trip?.fields ?? {}
const codecOf = (name: string): Codec => fieldCodec(fields[name] as (typeof fields)[string])

const scalar = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', 'b'))
const list = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e'))
const object = fc.dictionary(fc.constantFrom('p', 'q', 'r'), fc.oneof(scalar, list))
const value = fc.oneof(scalar, list, object)
const three = fc.record({ base: value, database: value, sheet: value })
const rule = fc.constantFrom(...NUMBER_RULES)
const simple = fc.constantFrom<ConflictStrategy>(
  ...SIMPLE_STRATEGIES,
  ...NUMBER_RULES.map((numbers) => ({ merge: { numbers } })),
)

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
      fc.property(three, rule, ({ base, database, sheet }, numbers) => {
        const once = mergeValues({ base, database, sheet }, numbers)
        expect(mergeValues({ base, database, sheet: once }, numbers)).toEqual(once)
        // Neither does it with the database's value for the base, which is what is stored after a merge.
        expect(mergeValues({ base: database, database, sheet: once }, numbers)).toEqual(once)
      }),
    )
  })

  it('takes the side that changed, and equal changes once', () => {
    fc.assert(
      fc.property(value, value, rule, (base, changed, numbers) => {
        expect(mergeValues({ base, database: changed, sheet: base }, numbers)).toEqual(changed)
        expect(mergeValues({ base, database: base, sheet: changed }, numbers)).toEqual(changed)
        expect(mergeValues({ base, database: changed, sheet: changed }, numbers)).toEqual(changed)
      }),
    )
  })

  it('invents nothing', () => {
    fc.assert(
      fc.property(three, rule, ({ base, database, sheet }, numbers) => {
        const known = [...atoms(database), ...atoms(sheet)]
        for (const atom of atoms(mergeValues({ base, database, sheet }, numbers))) {
          expect(known.some((one) => isDeepStrictEqual(one, atom))).toBe(true)
        }
      }),
    )
  })

  it('of lists keeps what either side added and drops what either removed', () => {
    fc.assert(
      fc.property(list, list, list, (base, database, sheet) => {
        const merged = new Set(mergeValues({ base, database, sheet }) as string[])
        for (const item of ['a', 'b', 'c', 'd', 'e']) {
          const [was, here, there] = [base.includes(item), database.includes(item), sheet.includes(item)]
          expect(merged.has(item)).toBe(was ? here && there : here || there)
        }
      }),
    )
  })
})

describe('every strategy', () => {
  it('takes the value of one side, or leaves the cell', () => {
    fc.assert(
      fc.property(
        three,
        fc.constantFrom<ConflictStrategy>('database-wins', 'sheet-wins', 'manual'),
        (values, strategy) => {
          expect(decideConflict(strategy, values).take).not.toBe('value')
        },
      ),
    )
  })

  it('decides a cell once: deciding again with what it stored and wrote does nothing', () => {
    const text = fc.constantFrom<string | null>('x', 'y', 'z', 'a, b', 'b, c', null)
    const name = fc.constantFrom('name', 'tags', 'extras')
    fc.assert(
      fc.property(text, text, text, simple, name, (base, wanted, sheet, strategy, field) => {
        const codec = () => codecOf(field)
        const times = () => ({ database: null, sheet: null })
        const rest = { header: 'H', strategy, codec, zone, times, wanted }
        const first = decideCell({ ...rest, sheet, base })
        const shown = first.write === undefined ? sheet : first.write
        const second = decideCell({ ...rest, sheet: shown, base: first.base })
        expect(second.write).toBeUndefined()
        // A cell that shows neither side's value is a merge of a list or an object.
        const isKnown = sameCell(shown, wanted) || sameCell(shown, sheet)
        expect(isKnown || field !== 'name').toBe(true)
      }),
    )
  })

  it('leaves a cell that nobody edited to the database', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('x', 'y', null),
        fc.constantFrom('x', 'y', 'z', null),
        simple,
        (base, wanted, strategy) => {
          const rest = {
            header: 'H',
            strategy,
            codec: () => codecOf('name'),
            zone,
            times: () => ({ database: null, sheet: null }),
          }
          const { write, conflict } = decideCell({ ...rest, base, sheet: base, wanted })
          expect(conflict).toBeUndefined()
          expect(sameCell(write === undefined ? base : write, wanted)).toBe(true)
        },
      ),
    )
  })
})
