import type { Layout } from '../tab/layout.ts'
import {
  type Expectation,
  type NewRow,
  type RowBefore,
  takesKeys,
  type WrittenRow,
} from '../write/expectation.ts'
import type { Verification } from '../write/verify.ts'
import type { RecordsInHand } from './ledger.ts'
import type { AppendedRow } from './suspicion.ts'

/** A tab as it was before a call. */
export interface TabBefore {
  knownKeys(): ReadonlySet<string>
  seenRows(): ReadonlyMap<string, RowBefore>
}

/** Takes note of the records that the check of a write found written over, or perhaps removed. */
export function noteDamage(
  records: RecordsInHand,
  { damaged, overwrote: overwroteAny, removedWrong, unverifiable, landedInKeyless }: Verification,
  expected: Expectation,
  keysBefore: ReadonlySet<string>,
  before: TabBefore,
): void {
  for (const [id, columns] of damaged) records.markOverwritten(id, columns)
  const isOpen = unverifiable.length > 0 || records.damage.leftovers.some((one) => !('row' in one))
  const overwrote = isOpen ? overwroteAny : []
  if (!removedWrong && landedInKeyless.length === 0 && overwrote.length === 0) return
  const keys = removedWrong ? without(keysBefore, expected) : new Set<string>()
  const seen = keys.size > 0 ? before.seenRows() : undefined
  records.damage.suspect({ keys, seen, written: [...landedInKeyless, ...unverifiable], overwrote })
  records.damage.addLeftovers(landedInKeyless)
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
  records: RecordsInHand,
  expected: Expectation,
  moved: MovedColumns,
  before: TabBefore,
  rows: readonly NewRow[],
): void {
  const all = new Set(records.mapping.columns.keys())
  const shifted = expected.written.map((one) => ({ ...one, hit: columnsHit(one, moved, all) }))
  for (const { key, hit } of shifted) if (key !== null) records.markOverwritten(key, hit)
  // A new row whose key went into the right column stays; its other cells may not be right.
  for (const id of expected.appended.keys()) records.markOverwritten(id, all)
  // Nothing tells whether rows were moved as well.
  const keys = without(before.knownKeys(), expected)
  records.damage.suspect({ keys, seen: before.seenRows(), written: [], shifted })
  records.damage.addLeftovers(appendedRows(expected, rows, false))
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

/** A write of which nobody knows what became: everything it was to do may have hit other rows, or other columns. */
export function suspect(
  records: RecordsInHand,
  expected: Expectation,
  before: TabBefore,
  rows: readonly NewRow[],
): void {
  const takes = takesKeys(expected)
  const keys = takes ? without(before.knownKeys(), expected) : new Set<string>()
  records.damage.suspect({ keys, seen: takes ? before.seenRows() : undefined, written: expected.written })
  records.damage.addLeftovers(appendedRows(expected, rows, true))
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
  const intended = new Set(removed.filter(({ isCleanup }) => !isCleanup).map(({ id }) => id))
  return new Set([...keys].filter((key) => !intended.has(key)))
}
