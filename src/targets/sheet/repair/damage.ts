import type { TargetWork } from '../batch/work.ts'
import type { SheetCell } from '../cells/cell.ts'
import type { Layout } from '../tab/layout.ts'
import {
  type Expectation,
  type RowBefore,
  takesKeys,
  type Verification,
  type WrittenRow,
} from '../write/verify.ts'

/**
 * What a write may have damaged, to be looked for in what is read next: somebody may have moved rows between what was
 * read and what was written.
 */
export interface Suspicion {
  /** Keys that stood in the tab before, without those of rows that were to be removed. */
  readonly keys: ReadonlySet<string>
  /** What the rows of these keys showed, as far as they had been read. */
  readonly seen?: ReadonlyMap<string, RowBefore> | undefined
  /** Rows that were written; a record that stands in one that was meant for another may have been written over. */
  readonly written: readonly WrittenRow[]
  readonly shifted?: readonly ShiftedRow[]
  /** Rows that showed another key when they had been written: it may be a new row that is to be taken out again. */
  readonly over?: readonly WrittenRow[]
}

/** A row that was written while somebody moved columns. */
export interface ShiftedRow extends WrittenRow {
  /** Columns (of the mapping) that were to be written, or stood where one of these was. */
  readonly hit: ReadonlySet<number>
}

/** What a new row holds. */
export interface NewRow {
  /** By column of the tab. */
  readonly cells: readonly SheetCell[]
  /** Column of the tab of each column of the mapping. */
  readonly places: readonly number[]
}

/** A row that was appended while somebody may have moved columns: its key may stand in another column. */
export interface AppendedRow extends NewRow {
  readonly id: string
  /** The first row that it can be in. */
  readonly from: number
  /** True when nobody knows whether it was appended, and into which columns. */
  readonly isUnclear: boolean
}

/** New rows of which nobody knows whether they came, and into which columns. */
export function unclearRows(leftovers: readonly Leftover[]): AppendedRow[] {
  return leftovers.filter((one): one is AppendedRow => !('row' in one) && one.isUnclear)
}

/** Something of ours in a place where it does not belong, to be taken out again. */
export type Leftover = WrittenRow | AppendedRow

/** A tab as it was before a call. */
export interface TabBefore {
  knownKeys(): ReadonlySet<string>
  seenRows(): ReadonlyMap<string, RowBefore>
}

/** Takes note of the records that the check of a write found written over, or perhaps removed. */
export function noteDamage(
  work: TargetWork,
  { damaged, over: overAny, removedWrong, blind, strays }: Verification,
  expected: Expectation,
  keysBefore: ReadonlySet<string>,
  before: TabBefore,
): void {
  for (const [id, columns] of damaged) work.spoil(id, columns)
  const isOpen = blind.length > 0 || work.leftovers.some((one) => !('row' in one))
  const over = isOpen ? overAny : []
  if (!removedWrong && strays.length === 0 && over.length === 0) return
  const keys = removedWrong ? without(keysBefore, expected) : new Set<string>()
  const seen = keys.size > 0 ? before.seenRows() : undefined
  suspectToo(work, { keys, seen, written: [...strays, ...blind], over })
  work.leftovers = [...work.leftovers, ...strays]
}

/** Where columns stood when a call was planned, and when it was applied, if that is known. */
export interface MovedColumns {
  readonly planned: Layout
  /** In the order of the mapping's. */
  readonly applied: readonly number[] | undefined
}

/**
 * Somebody moved columns between read and write: every cell that was written may be in a wrong column. What belongs to
 * the library is written again; rows that were appended cannot be told by their key and are removed.
 */
export function noteMovedColumns(
  work: TargetWork,
  expected: Expectation,
  moved: MovedColumns,
  before: TabBefore,
  rows: readonly NewRow[],
): void {
  const all = new Set(work.mapping.columns.keys())
  const shifted = expected.written.map((one) => ({ ...one, hit: columnsHit(one, moved, all) }))
  for (const { key, hit } of shifted) if (key !== null) work.spoil(key, hit)
  // A new row whose key went into the right column stays; its other cells may not be right.
  for (const id of expected.appended.keys()) work.spoil(id, all)
  // Nothing tells whether rows were moved as well.
  const keys = without(before.knownKeys(), expected)
  suspectToo(work, { keys, seen: before.seenRows(), written: [], shifted })
  work.leftovers = [...work.leftovers, ...appendedRows(expected, rows, false)]
}

/** What a person typed in other columns stays. */
function columnsHit(
  { columns, decision: { action } }: WrittenRow,
  { planned, applied }: MovedColumns,
  all: ReadonlySet<number>,
): ReadonlySet<number> {
  if (!applied) return all
  const written = new Set(columns.map((index) => planned.columns[index]))
  if (action.kind === 'update' && action.withKey) written.add(planned.key)
  return new Set([...columns, ...[...all].filter((index) => written.has(applied[index]))])
}

/** Adds to what is suspected already. */
export function suspectToo(
  work: TargetWork,
  { keys, seen, written, shifted = [], over = [] }: Suspicion,
): void {
  const known = work.suspicion
  work.suspicion = {
    keys: known ? new Set([...known.keys, ...keys]) : keys,
    seen: new Map([...(known?.seen ?? []), ...(seen ?? [])]),
    written: [...new Set([...(known?.written ?? []), ...written])],
    shifted: [...new Set([...(known?.shifted ?? []), ...shifted])],
    over: [...new Set([...(known?.over ?? []), ...over])],
  }
}

/** What was looked for may have come after all: it is looked for in the next read as well. */
export function lookAgain(work: TargetWork): void {
  if (!work.lookedFor) return
  const { suspicion, leftovers } = work.lookedFor
  work.lookedFor = undefined
  work.leftovers = [...new Set([...leftovers, ...work.leftovers])]
  if (!suspicion) return
  // What was seen later is newer.
  const seen = new Map([...(suspicion.seen ?? []), ...(work.suspicion?.seen ?? [])])
  suspectToo(work, { ...suspicion, seen })
}

/** A write of which nobody knows what became: everything it was to do may have hit other rows, or other columns. */
export function suspect(
  work: TargetWork,
  expected: Expectation,
  before: TabBefore,
  rows: readonly NewRow[],
): void {
  const takes = takesKeys(expected)
  const keys = takes ? without(before.knownKeys(), expected) : new Set<string>()
  suspectToo(work, { keys, seen: takes ? before.seenRows() : undefined, written: expected.written })
  work.leftovers = [...work.leftovers, ...appendedRows(expected, rows, true)]
}

function appendedRows(
  { appended, appendedFrom: from }: Expectation,
  rows: readonly NewRow[],
  isUnclear: boolean,
): AppendedRow[] {
  const nothing: NewRow = { cells: [], places: [] }
  return [...appended.keys()].map((id, at) => ({ id, from, ...(rows[at] ?? nothing), isUnclear }))
}

function without(keys: ReadonlySet<string>, { removed }: Expectation): Set<string> {
  const intended = new Set(removed.filter(({ isCopy }) => !isCopy).map(({ id }) => id))
  return new Set([...keys].filter((key) => !intended.has(key)))
}
