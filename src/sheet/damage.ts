import { type CellValue, isEmpty, type SheetCell, sameCell } from './cells/cell.ts'
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
  /** Rows that were appended while somebody moved columns, by column of the sheet, and the first row they can be in. */
  /** Rows that were written while somebody moved columns. */
  readonly shifted?: readonly WrittenRow[]
  readonly appended?: { readonly from: number; readonly rows: readonly (readonly SheetCell[])[] }
}

/** Rows below the expected ones among which misplaced rows are looked for. */
const ROWS_BEYOND = 20

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

/**
 * Somebody moved columns between read and write: every cell that was written may be in a wrong column. What belongs to
 * the library is written again; rows that were appended cannot be told by their key and are removed.
 */
export function noteMovedColumns(
  work: TargetWork,
  expected: Expectation,
  rows: readonly (readonly SheetCell[])[],
): void {
  const all = new Set(work.mapping.columns.keys())
  for (const { key } of expected.written) if (key !== null) work.spoil(key, all)
  const shifted = expected.written.filter(({ key }) => key !== null)
  work.suspicion = { keys: new Set(), written: [], shifted, appended: { from: expected.appendedFrom, rows } }
}

/** A write of which nobody knows what became: everything it was to do may have hit other rows. */
export function suspect(work: TargetWork, expected: Expectation, keysBefore: ReadonlySet<string>): void {
  const keys = expected.removed.length > 0 ? without(keysBefore, expected) : new Set<string>()
  work.suspicion = { keys, written: [...(work.suspicion?.written ?? []), ...expected.written] }
}

/** Rows that have to be read whole to find damage. */
export function rowsToInspect({ suspicion, strays }: TargetWork): number[] {
  const { from, rows } = suspicion?.appended ?? { from: 0, rows: [] }
  const appended =
    rows.length === 0 ? [] : Array.from({ length: rows.length + ROWS_BEYOND }, (_, at) => from + at)
  const written = [...(suspicion?.written ?? []), ...(suspicion?.shifted ?? []), ...strays]
  return [...written.map(({ row }) => row), ...appended]
}

/**
 * Looks for damage in what has been read. Records that were written over or removed are to be repaired.
 * @returns rows with cells of ours that were meant for another row: those cells are to be emptied
 */
export function findDamage(work: TargetWork, view: TabView): RecordDecision[] {
  const { suspicion } = work
  const suspected = suspicion?.written ?? []
  work.suspicion = undefined
  work.strays = [...work.strays, ...suspected].filter((written) => isStray(view, written))
  const strays: RecordDecision[] = work.strays.map((stray) => ({
    ...emptying(stray.decision.id, stray.row, stray.columns),
    stray,
  }))
  if (suspicion === undefined) return strays
  for (const { row, key, columns } of suspected) {
    const found = view.keys.at(row)
    if (found !== undefined && found !== key) work.spoil(found, new Set(columns))
  }
  for (const { row, key } of suspicion.shifted ?? []) {
    // The key itself may have been written over.
    if (key !== null && !view.rows.has(key)) work.unkeyed.set(key, row)
  }
  if (suspicion.appended) strays.push(...misplaced(work, view, suspicion.appended))
  if (suspicion.keys.size > 0) {
    const present = view.keys.keys()
    for (const id of suspicion.keys) if (!present.has(id)) work.add(id, true).mustExist = true
  }
  return strays
}

/** Rows that hold exactly what was to be appended, but not where their key belongs. */
function misplaced(
  { todo }: TargetWork,
  { cells, keys }: TabView,
  { from, rows }: NonNullable<Suspicion['appended']>,
): RecordDecision[] {
  const known = new Set(rows.map(textOf))
  return Array.from({ length: rows.length + ROWS_BEYOND }, (_, at) => from + at)
    .filter((row) => !todo.has(keys.at(row) ?? '') && known.has(textOf(cells.get(row) ?? [])))
    .map((row) => ({ ...emptying(`row ${row}`, row, []), action: { kind: 'remove', row } }))
}

function textOf(cells: readonly SheetCell[]): string {
  const all = [...cells].map((cell) => (isEmpty(cell) ? null : cell))
  return JSON.stringify(all.slice(0, all.findLastIndex((cell) => cell !== null) + 1))
}

/**
 * True for a row without a key that shows what was written for a record. Where the record has its row elsewhere, the
 * other cells of this one are somebody's; where it has none, any other cell means that this may be its row, which has
 * lost its key.
 */
function isStray({ keys, cells, layout }: TabView, { row, key, decision: { action } }: WrittenRow): boolean {
  if (key === null || keys.at(row) !== undefined) return false
  const written = new Map(
    action.kind === 'update' ? [...action.cells].map(([index, value]) => [layout.columns[index], value]) : [],
  )
  const shown = cells.get(row) ?? []
  const isOurs = ([column, value]: [number | undefined, CellValue]) => sameCell(shown[column ?? -1], value)
  if (shown.every(isEmpty) || ![...written].every(isOurs)) return false
  return keys.includes(key) || [...shown].every((cell, column) => isEmpty(cell) || written.has(column))
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
