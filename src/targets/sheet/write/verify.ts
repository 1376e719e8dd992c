import { type SheetCell, sameCell } from '../cells/cell.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import { type Expectation, hasUntellingKey, type WrittenRow } from './expectation.ts'

/** What the key column showed after a batch. */
export interface Verification {
  /** Decisions that came out as planned. */
  readonly verified: ReadonlySet<RecordDecision>
  /** Records whose cells were overwritten because they stood where another was expected: the columns, by id. */
  readonly damaged: ReadonlyMap<string, ReadonlySet<number>>
  /** What went over these. */
  readonly overwrote: readonly WrittenRow[]
  /** Rows without a key that were written because a record was expected there. */
  readonly landedInKeyless: readonly WrittenRow[]
  /** Rows that got a key, or lost it, and may not have been the right ones. */
  readonly unverifiable: readonly WrittenRow[]
  /** True when rows were removed, or keys emptied, that may not have been the right ones. */
  readonly removedWrong: boolean
  /** Rows of the appended records. */
  readonly appendedAt: ReadonlyMap<string, number>
}

/**
 * Compares the key column after a batch with what it should show.
 * @param keys keys by row, as the response shows them; rows that were not asked for may be missing
 * @param keyColumn column of the tab
 * @param rowAt a row as the response shows it, by column of the tab
 */
export function verify(
  expected: Expectation,
  keys: ReadonlyMap<number, string>,
  keyColumn: number,
  rowAt: (row: number) => readonly SheetCell[],
): Verification {
  const verified = new Set<RecordDecision>()
  const damaged = new Map<string, Set<number>>()
  const landedInKeyless: WrittenRow[] = []
  const overwrote: WrittenRow[] = []
  for (const written of expected.written) {
    const { row, key, columns, decision } = written
    const found = keys.get(row)
    if (found === (key ?? undefined)) verified.add(decision)
    else if (found === undefined) landedInKeyless.push(written)
    else {
      const known = damaged.get(found) ?? new Set()
      for (const column of columns) known.add(column)
      damaged.set(found, known)
      overwrote.push(written)
    }
  }
  const { neighbours, appended, appendedFrom, hasEnd, removed } = expected
  const hasOtherNeighbours = neighbours.some(({ row, key }) => keys.get(row) !== key)
  const rows = new Set(expected.written.map(({ row }) => row))
  const isNew = ([row, key]: [number, string]) => row >= appendedFrom && !appended.has(key) && !rows.has(row)
  const isLonger = hasEnd && [...keys].some(isNew)
  // Such a row shows what was written, wherever that went: its other cells tell that it was another one, and the others.
  const unverifiable = expected.written.filter(({ decision }) => hasUntellingKey(decision))
  const isOther = unverifiable.some((one) => !showsTheRest(one, keyColumn, rowAt(one.row)))
  const areMoved = hasOtherNeighbours || isLonger || isOther || landedInKeyless.length > 0 || damaged.size > 0
  if (areMoved) for (const { decision } of unverifiable) verified.delete(decision)
  const removedWrong = areMoved && unverifiable.length + removed.length > 0
  const appendedAt = new Map<string, number>()
  for (const [row, key] of keys) {
    const decision = row >= appendedFrom ? appended.get(key) : undefined
    if (!decision) continue
    appendedAt.set(key, row)
    verified.add(decision)
  }
  if (!removedWrong) for (const decision of removed) verified.add(decision)
  return {
    verified,
    damaged,
    overwrote,
    landedInKeyless,
    unverifiable: areMoved ? unverifiable : [],
    removedWrong,
    appendedAt,
  }
}

/** Whether the cells of a row that were not written are what they were. */
function showsTheRest(
  { before, columns }: WrittenRow,
  keyColumn: number,
  shown: readonly SheetCell[],
): boolean {
  const written = new Set([keyColumn, ...columns.map((index) => before.places[index])])
  const width = Math.max(before.all.length, shown.length)
  return Array.from({ length: width }, (_, column) => column).every(
    (column) => written.has(column) || sameCell(shown[column] ?? null, before.all[column] ?? null),
  )
}
