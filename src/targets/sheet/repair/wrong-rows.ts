import type { OpenEdits } from '../../../inbound/inbox.ts'
import { isEmpty } from '../cells/cell.ts'
import { sameEntry } from '../cells/same-entry.ts'
import { entryIn } from '../read/entry.ts'
import { lastShown } from '../read/keyless.ts'
import type { TabView } from '../read/tab-view.ts'
import type { StoredRecord } from '../store/store.ts'
import type { KeyIndex } from '../tab/key-index.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { RowBefore, WrittenRow } from '../write/expectation.ts'
import { asItStands, isKeyOverwritten, showsCells, showsWritten } from './overwritten-key.ts'
import { doesFit } from './row-fit.ts'
import type { Suspicion } from './suspicion.ts'

/** What the database says of records that were read. */
export interface ReadRecords {
  readonly ids: readonly string[]
  readonly stored: ReadonlyMap<string, StoredRecord>
  readonly edits: OpenEdits
}

/** A row that shows the key of a record whose row it is not, or what went over its key. */
export interface WrongRow {
  readonly one: WrittenRow
  /** Null where it is no key, or none. */
  readonly key: string | null
  readonly row: number
  /** The record's own row, where it still shows what it showed when it had lost its key. */
  readonly own: number | undefined
  /** True where all of it is a record's that has another row, or gets its own again. */
  readonly isFormer: boolean
  /** True where it is left alone unless it is known whose it is. */
  readonly isGuess?: boolean
}

/** A row whose key was written, because it had lost it. */
export function isRekeyed({ decision: { action } }: WrittenRow): boolean {
  return action.kind === 'update' && action.withKey
}

/**
 * Rows that got the key of a record which had lost it, or lost their own, because somebody moved rows before that
 * write, and rows over whose key something went: each may be another record's, which is missing now, or that of one that
 * got its key in the same write.
 * @param written rows that were written; those that got no key are left alone
 * @param shifted rows that were written while somebody moved columns
 * @param overwrote rows that showed another key when they had been written
 * @param missing records whose key stood in the tab before, and does not now
 */
export function wrongRows(
  mapping: Mapping,
  view: TabView,
  index: KeyIndex,
  { written, shifted = [], overwrote = [] }: Omit<Suspicion, 'keys'>,
  missing: readonly string[],
  read: ReadRecords,
): WrongRow[] {
  const rekeyed = written
    .filter(isRekeyed)
    .flatMap((one) => wrongRow(mapping, view, index, one, missing, read) ?? [])
  const owned = new Set(rekeyed.map(({ own }) => own))
  const hit = [
    ...shifted.flatMap((one) => keylessByShift(view, index, one) ?? []),
    ...written
      .filter((one) => isEmptied(view, one))
      .map((one) => ({ one, key: null, row: one.row, own: undefined, isFormer: false })),
    ...[...overwrote, ...written]
      .filter((one) => isHitMeanwhile(view, one, rekeyed))
      .map((one) => ({ one, key: null, row: one.row, own: undefined, isFormer: false, isGuess: true })),
  ]
  return [...rekeyed, ...hit.filter(({ row }) => !owned.has(row))]
}

/** @returns undefined when the key stands in its record's row, or in none, or in several */
function wrongRow(
  mapping: Mapping,
  view: TabView,
  index: KeyIndex,
  one: WrittenRow,
  missing: readonly string[],
  { ids, stored, edits }: ReadRecords,
): WrongRow | undefined {
  const { key, before } = one
  const row = index.only(key)
  if (key === null || row === undefined) return undefined
  const own = rowBefore(view, index, before)
  if (own === undefined && doesFit(view, row, one, before, true) !== false) return undefined
  // Another worker may have given the record a row of its own, and this one is as likely that of a record which is
  // missing now; but where its row stands as it was, it belongs there, and nothing of it here.
  const isOf = (id: string) => {
    const known = stored.get(id)
    return known !== undefined && doesFit(view, row, one, { cells: lastShown(mapping, known.base) }) === true
  }
  // Another worker has taken the row with the mark for the one that is to become the record: then it is.
  if (one.decision.isEntry && (isOf(key) || sameEntry(entryIn(view, row), edits.get(key)?.get('')?.shown)))
    return undefined
  const mayBeMissing = (id: string) => !ids.includes(id) || isOf(id)
  const isFormer = isOf(key) && !(own !== undefined && missing.some(mayBeMissing))
  return isFormer && own === undefined ? undefined : { one, key, row, own, isFormer }
}

/** A row that lost its key when something was to be taken out of another one, and shows other cells still. */
function isEmptied(view: TabView, one: WrittenRow): boolean {
  const { action } = one.decision
  if (action.kind !== 'empty' || !action.withKey || view.keys.at(one.row) !== undefined) return false
  return showsWritten(view, one) && doesFit(view, one.row, one, { cells: [] }) !== undefined
}

/** A row like one that was to get its key back, over which went what was meant for a record that has its key. */
function isHitMeanwhile(view: TabView, one: WrittenRow, rekeyed: readonly WrongRow[]): boolean {
  if (isRekeyed(one) || one.decision.action.kind !== 'update') return false
  const there = view.keys.at(one.row)
  return rekeyed.some(({ own, one: { before } }) => {
    if (own !== undefined || before.key !== there) return false
    const fits = doesFit(view, one.row, one, before, true)
    return there === undefined ? fits === true : fits !== false
  })
}

/** @returns the only row of another record, or of nobody's, over whose key went what was written in moved columns */
function keylessByShift(view: TabView, index: KeyIndex, one: WrittenRow): WrongRow | undefined {
  const { action } = one.decision
  const over = one.columns.find((column) => one.before.places[column] === view.layout.key)
  const value = over !== undefined && action.kind === 'update' ? action.cells.get(over) : undefined
  const [stands] = asItStands(view, one)
  if (stands?.decision.action.kind !== 'update' || value === undefined) return undefined
  const wanted = [...stands.decision.action.cells].map(
    ([column, cell]) => [view.layout.columns[column] ?? -1, cell] as const,
  )
  if (isEmpty(value) && wanted.every(([, cell]) => isEmpty(cell))) return undefined
  const rows = isEmpty(value) ? index.keyless : index.showing([value])
  const hasRow = index.has(one.key ?? '')
  const isOwn = (at: number) => isKeyOverwritten(view, one, at)
  const [row, ...others] = rows.filter((at) => showsCells(view, at, wanted) && (hasRow || !isOwn(at)))
  if (row === undefined || others.length > 0) return undefined
  return { one: stands, key: null, row, own: undefined, isFormer: hasRow && isOwn(row) }
}

/** The only row that shows what a row showed before, in the key column as well. */
function rowBefore(view: TabView, index: KeyIndex, { key, cells }: RowBefore): number | undefined {
  if (key === undefined && cells.every(isEmpty)) return undefined
  const wanted = view.layout.columns.map((column, at) => [column, cells[at] ?? null] as const)
  const rows = key === undefined ? index.keyless : index.showing([key])
  const [row, ...others] = rows.filter((at) => showsCells(view, at, wanted))
  return others.length === 0 ? row : undefined
}
