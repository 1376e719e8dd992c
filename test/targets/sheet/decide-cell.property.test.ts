import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConflictStrategy, NUMBER_RULES, SIMPLE_STRATEGIES } from '../../../src/config/conflict.ts'
import { sameCell } from '../../../src/targets/sheet/cells/cell.ts'
import type { Codec } from '../../../src/targets/sheet/cells/codec.ts'
import { fieldCodec } from '../../../src/targets/sheet/cells/column-codec.ts'
import { zoneOf } from '../../../src/targets/sheet/cells/zone.ts'
import { decideCell } from '../../../src/targets/sheet/decide/decide-cell.ts'
import { dataModel } from './support/records.ts'

const zone = zoneOf('Etc/UTC')
const fields = dataModel.models.Trip?.fields ?? {}
const codecOf = (name: string): Codec => fieldCodec(fields[name] as (typeof fields)[string])

const simple = fc.constantFrom<ConflictStrategy>(
  ...SIMPLE_STRATEGIES,
  ...NUMBER_RULES.map((numbers) => ({ merge: { numbers } })),
)

describe('every strategy of a cell', () => {
  it('decides a cell once: deciding again with what it stored and wrote does nothing', () => {
    const text = fc.constantFrom<string | null>('x', 'y', 'z', 'a, b', 'b, c', null)
    const name = fc.constantFrom('name', 'tags', 'extras')
    fc.assert(
      fc.property(text, text, text, simple, name, (base, wanted, sheet, strategy, field) => {
        const codec = () => codecOf(field)
        const times = () => ({ database: null, place: null })
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
            times: () => ({ database: null, place: null }),
          }
          const { write, conflict } = decideCell({ ...rest, base, sheet: base, wanted })
          expect(conflict).toBeUndefined()
          expect(sameCell(write === undefined ? base : write, wanted)).toBe(true)
        },
      ),
    )
  })
})
