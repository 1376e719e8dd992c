import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SheetCell } from '../../../src/targets/sheet/cells/cell.ts'
import { type CandidateRow, type LostRecord, matchLost } from '../../../src/targets/sheet/read/keyless.ts'
import { keyForm } from '../../../src/targets/sheet/tab/key-form.ts'
import { mapTarget } from '../../../src/targets/sheet/tab/mapping.ts'
import { dataModel, tripTarget } from './support/records.ts'

const HEADERS = ['name', 'code', 'seats'] as const
const mapping = mapTarget(
  tripTarget('s', { columns: HEADERS.map((field) => ({ header: field, field })) }),
  dataModel,
)

describe('what is left of a key', () => {
  it.each([
    ['00123', '123'],
    ['1e5', '100000'],
    ['1E5', '100000'],
    ['+5', '5'],
    ['-0', '0'],
    ['.5', '0.5'],
    ['1.50', '1.5'],
    ['1,000', '1000'],
    ['12345678901234567890', '12345678901234600000'],
    ['2026-01-02', '46024'],
    [' Abc\u00a0', 'abc'],
    ['TRUE', 'true'],
  ])('of %s is %s', (key, left) => expect(keyForm(key)).toBe(left))

  it.each(['', '.', '-', 'e5', '1e', '0x10', '1,00', '1-2', '12a', '1e999', 'Infinity', '2026-13-45'])(
    'of %j is the text, which is no number',
    (key) => expect(keyForm(key)).toBe(key.toLowerCase()),
  )

  it('stays as it is when it is taken again', () => {
    const key = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.integer().map((number) => `00${number}`),
    )
    fc.assert(fc.property(key, (text) => keyForm(keyForm(text)) === keyForm(text)))
  })
})

describe('the rows of lost records', () => {
  const cell: fc.Arbitrary<SheetCell> = fc.constantFrom(null, 'x', 'y', 0, 1)
  const cells = fc.tuple(cell, cell, cell)
  const key = fc.constantFrom('1', '01', '001', 'a', 'A', 'b', 'turned', 'mine')
  const lost = fc.uniqueArray(fc.record({ id: key, cells }), { maxLength: 5, selector: ({ id }) => id })
  const rows = fc.array(fc.record({ key: fc.option(key), cells }), { maxLength: 7 })

  const recordOf = (one: { id: string; cells: readonly SheetCell[] }): LostRecord => ({
    id: one.id,
    base: Object.fromEntries(HEADERS.map((header, at) => [header, one.cells[at] ?? null])),
  })

  it('are one each, whatever the order, and each shows the key or all that the record showed', () => {
    fc.assert(
      fc.property(lost, rows, (records, tab) => {
        const ids = new Set(records.map(({ id }) => id))
        // A row with the key of a record that is looked for is its row: then it is not looked for.
        const candidates: CandidateRow[] = tab
          .filter((one) => one.key === null || !ids.has(one.key))
          .map((one, row) => ({ ...one, row }))
        const found = matchLost(mapping, records.map(recordOf), candidates)
        const rowsFound = [...found.rows.values()]
        expect(new Set(rowsFound).size).toBe(rowsFound.length)
        for (const [id, row] of found.rows) {
          const wanted = records.find((one) => one.id === id)?.cells
          const there = candidates[row]
          const same = wanted?.filter((value, at) => value === there?.cells[at]).length ?? 0
          const isAlike = there?.key != null && keyForm(there.key) === keyForm(id)
          expect(isAlike ? same > 0 : same === 3).toBe(true)
        }
        const turned = matchLost(mapping, records.map(recordOf).reverse(), [...candidates].reverse())
        expect(new Map([...turned.rows].sort())).toEqual(new Map([...found.rows].sort()))
        for (const id of found.doubts.keys()) expect(found.rows.has(id)).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })
})
