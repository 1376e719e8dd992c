import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Base } from '../../../src/targets/sheet/cells/base.ts'
import { type CellValue, isEmpty, type SheetCell, sameCell } from '../../../src/targets/sheet/cells/cell.ts'
import { zoneOf } from '../../../src/targets/sheet/cells/zone.ts'
import { decideRecord, type RecordDecision } from '../../../src/targets/sheet/decide/decide-record.ts'
import type { Layout } from '../../../src/targets/sheet/tab/layout.ts'
import { keyOf, mapTarget } from '../../../src/targets/sheet/tab/mapping.ts'
import { type Chunk, chunksOf } from '../../../src/targets/sheet/write/chunks.ts'
import { expectationOf } from '../../../src/targets/sheet/write/expectation.ts'
import { planRows } from '../../../src/targets/sheet/write/plan.ts'
import { verify } from '../../../src/targets/sheet/write/verify.ts'
import { NaiveSheet } from './support/naive-sheet.ts'
import { dataModel, tripTarget } from './support/records.ts'

const zone = zoneOf('Etc/UTC')
const mapping = mapTarget(
  tripTarget('s', { columns: ['name', 'code', 'seats'].map((field) => ({ header: field, field })) }),
  dataModel,
)

/** Ids small in number, so that records, rows and bases meet. */
const id = fc.integer({ min: 0, max: 12 }).map((number) => `r${number}`)
const cell: fc.Arbitrary<CellValue> = fc.oneof(
  fc.constant(null),
  fc.constantFrom('x', 'y', '=1', '007'),
  fc.integer({ min: 0, max: 3 }),
)
const cells = fc.tuple(cell, cell, cell)

/** Columns of ours in any order, people's columns between them. */
const layout: fc.Arbitrary<Layout> = fc
  .shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 4, maxLength: 4 })
  .map(([key = 0, ...columns]) => ({ headerRow: 0, key, columns, others: new Map() }))

/** A row: its key (or none), our cells, and a note of a person. */
const row = fc.record({ key: fc.option(id), cells, note: fc.option(fc.constantFrom('mine', 'theirs')) })

interface World {
  readonly layout: Layout
  readonly sheet: NaiveSheet
  readonly decisions: RecordDecision[]
  readonly wanted: ReadonlyMap<string, readonly CellValue[] | undefined>
}

const world = fc
  .record({
    layout,
    rows: fc.uniqueArray(row, { maxLength: 14, selector: ({ key }) => key ?? Symbol('none') }),
    records: fc.dictionary(id, fc.option(cells, { nil: undefined }), { maxKeys: 10 }),
    bases: fc.dictionary(id, cells, { maxKeys: 10 }),
  })
  .map(({ layout: at, rows, records, bases }): World => {
    const free = [0, 1, 2, 3, 4, 5, 6].find(
      (column) => column !== at.key && !at.columns.includes(column),
    ) as number
    const sheet = new NaiveSheet([['header'], ...rows.map((one) => makeRow(at, free, one))])
    const wanted = new Map(Object.entries(records))
    const decisions = [...wanted].map(([name, values]) => {
      const index = rows.findIndex(({ key }) => key === name) + 1
      const known = bases[name]
      const base: Base | undefined =
        known && Object.fromEntries(mapping.columns.map(({ header }, n) => [header, known[n] ?? null]))
      return decideRecord(mapping, zone, {
        id: name,
        record: values && {},
        wanted: values,
        base,
        row:
          index === 0
            ? undefined
            : {
                index,
                hasKey: true,
                cells: at.columns.map((column) => sheet.rows[index]?.[column] ?? null),
                edited: new Map(),
              },
      })
    })
    return { layout: at, sheet, decisions, wanted }
  })

function makeRow(
  at: Layout,
  free: number,
  one: { key: string | null; cells: readonly CellValue[]; note: string | null },
): SheetCell[] {
  const made: SheetCell[] = Array(7).fill(null)
  made[at.key] = one.key
  at.columns.forEach((column, index) => {
    made[column] = one.cells[index] ?? null
  })
  made[free] = one.note
  return made
}

const keysOf = (sheet: NaiveSheet, column: number) =>
  sheet.rows.map((cellsOfRow) => keyOf(cellsOfRow[column]) ?? undefined)

/** Applies decisions in calls of at most so many bytes. */
function write({ layout: at, sheet, decisions }: World, maxBytes: number): void {
  const tab = { mapping, sheetId: 1, layout: at }
  const loud = decisions.filter(({ action }) => action.kind !== 'none')
  for (const chunk of chunksOf(new Map([[tab, loud]]), maxBytes) as Chunk<typeof tab>[]) {
    for (const [one, part] of chunk) for (const { request } of planRows(one, part)) sheet.apply(request)
  }
}

describe('what is planned, applied to a naive sheet', () => {
  it('shows every record that was asked for, in the row that has its key, and no deleted one', () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 100, max: 3_000 }), (given, maxBytes) => {
        write(given, maxBytes)
        const keys = keysOf(given.sheet, given.layout.key)
        for (const [name, values] of given.wanted) {
          const rows = keys.flatMap((key, index) => (key === name && index > 0 ? [index] : []))
          expect(rows).toHaveLength(values ? 1 : 0)
          values?.forEach((value, index) => {
            const shown = given.sheet.rows[rows[0] as number]?.[given.layout.columns[index] as number]
            expect(sameCell(shown, value)).toBe(true)
          })
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('touches no cell of a person, no row of another record, and leaves their order', () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 100, max: 3_000 }), (given, maxBytes) => {
        const { layout: at, sheet, wanted } = given
        const own = new Set([at.key, ...at.columns])
        const others = () =>
          sheet.shown().filter((cellsOfRow) => !wanted.has(keyOf(cellsOfRow[at.key]) ?? ''))
        const notes = () =>
          sheet.shown().flatMap((cellsOfRow) => {
            const name = keyOf(cellsOfRow[at.key]) ?? ''
            const theirs = cellsOfRow.filter((one, column) => !own.has(column) && !isEmpty(one))
            return wanted.has(name) && wanted.get(name) && theirs.length > 0 ? [[name, theirs]] : []
          })
        const [othersBefore, notesBefore] = [others(), notes()]
        write(given, maxBytes)
        expect(others().filter((cellsOfRow) => cellsOfRow.length > 0)).toEqual(
          othersBefore.filter((one) => one.length > 0),
        )
        expect(notes()).toEqual(notesBefore)
      }),
      { numRuns: 1_000 },
    )
  })

  it('is found in order by the check, and only where nobody moved rows', () => {
    fc.assert(
      fc.property(world, fc.infiniteStream(fc.nat()), fc.boolean(), (given, random, moves) => {
        const { layout: at, sheet, decisions } = given
        const loud = decisions.filter(({ action }) => action.kind !== 'none')
        const keys = keysOf(sheet, at.key)
        const endRow = Math.max(1, keys.findLastIndex((key) => key !== undefined) + 1)
        const expected = expectationOf(loud, { at: (row) => keys[row], isWhole: true }, endRow, (row) => ({
          key: undefined,
          places: at.columns,
          cells: [],
          all: [...(sheet.rows[row] ?? [])],
        }))
        if (moves) {
          const body = sheet.rows.slice(1)
          for (let last = body.length - 1; last > 0; last--) {
            const other = (random.next().value as number) % (last + 1)
            ;[body[last], body[other]] = [body[other] as SheetCell[], body[last] as SheetCell[]]
          }
          sheet.rows = [sheet.rows[0] as SheetCell[], ...body]
        }
        write({ ...given, decisions: loud }, Number.POSITIVE_INFINITY)
        const after = new Map(
          keysOf(sheet, at.key).flatMap((key, index) => (key === undefined ? [] : [[index, key] as const])),
        )
        const { verified } = verify(expected, after, at.key, (row) => sheet.rows[row] ?? [])
        if (!moves) expect(verified.size).toBe(loud.length)
        for (const decision of verified) {
          if (decision.action.kind !== 'update' || decision.isCleanup) continue
          const place = [...after].find(([, key]) => key === decision.id)?.[0] as number
          for (const [index, value] of decision.action.cells) {
            expect(sameCell(sheet.rows[place]?.[at.columns[index] as number], value)).toBe(true)
          }
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
