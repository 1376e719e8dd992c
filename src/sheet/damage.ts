import { isEmpty, sameCell } from './cells/cell.ts'
import type { RecordDecision } from './decide-record.ts'
import type { TabView } from './tab-reader.ts'
import type { Expectation, Verification, WrittenRow } from './verify.ts'
import type { TargetWork } from './work.ts'

/**
 * What a write may have damaged, to be looked for in what is read next: somebody may have moved rows between what was
 * read and what was written.
 */
export interface Suspicion {
  /** Keys that stood in the tab before, without those of rows that were to be removed. */
  readonly keys: ReadonlySet<string>
  /** Rows that were written; a record that stands in one that was meant for another may have been written over. */
  readonly written: readonly WrittenRow[]
}

/** Takes note of the records that the check of a write found written over, or perhaps removed. */
export function noteDamage(
  work: TargetWork,
  { damaged, removedWrong, strays }: Verification,
  expected: Expectation,
  keysBefore: ReadonlySet<string>,
): void {
  for (const [id, columns] of damaged) work.spoil(id, columns)
  if (!removedWrong && strays.length === 0) return
  work.suspicion = { keys: removedWrong ? without(keysBefore, expected) : new Set(), written: strays }
}

/** A write of which nobody knows what became: everything it was to do may have hit other rows. */
export function suspect(work: TargetWork, expected: Expectation, keysBefore: ReadonlySet<string>): void {
  const keys = expected.removed.length > 0 ? without(keysBefore, expected) : new Set<string>()
  work.suspicion = { keys, written: [...(work.suspicion?.written ?? []), ...expected.written] }
}

/** Rows that have to be read whole to find damage. */
export function rowsToInspect({ suspicion }: TargetWork): number[] {
  return suspicion?.written.map(({ row }) => row) ?? []
}

/**
 * Looks for damage in what has been read. Records that were written over or removed are to be repaired.
 * @returns rows that hold nothing but cells of ours that were meant for another row: they are to be emptied
 */
export function findDamage(work: TargetWork, view: TabView): RecordDecision[] {
  const { suspicion } = work
  if (suspicion === undefined) return []
  work.suspicion = undefined
  const strays: RecordDecision[] = []
  for (const { row, key, columns, decision } of suspicion.written) {
    const found = view.keys[row]
    if (found === undefined) {
      if (key !== null && holdsOnly(view, row, decision)) strays.push(emptying(decision.id, row, columns))
    } else if (found !== key) work.spoil(found, new Set(columns))
  }
  if (suspicion.keys.size > 0) {
    const present = new Set(view.keys)
    for (const id of suspicion.keys) if (!present.has(id)) work.add(id, true).mustExist = true
  }
  return strays
}

/** True for a row that has the cells that were written and no other. */
function holdsOnly({ cells, layout }: TabView, row: number, { action }: RecordDecision): boolean {
  const expected = new Map(
    action.kind === 'update' ? [...action.cells].map(([index, value]) => [layout.columns[index], value]) : [],
  )
  const shown = cells.get(row) ?? []
  return (
    shown.some((cell) => !isEmpty(cell)) &&
    [...shown].every((cell, column) => sameCell(cell, expected.get(column)))
  )
}

function emptying(id: string, row: number, columns: readonly number[]): RecordDecision {
  return {
    id,
    action: { kind: 'unkey', row, columns },
    change: 'written',
    base: undefined,
    missing: false,
    conflicts: [],
    agreed: [],
    isCopy: true,
  }
}

function without(keys: ReadonlySet<string>, { removed }: Expectation): Set<string> {
  const intended = new Set(removed.filter(({ isCopy }) => !isCopy).map(({ id }) => id))
  return new Set([...keys].filter((key) => !intended.has(key)))
}
