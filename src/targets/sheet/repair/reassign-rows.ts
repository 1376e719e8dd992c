import { isEmpty } from '../cells/cell.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import { lastShown } from '../read/keyless.ts'
import type { TabView } from '../read/tab-view.ts'
import type { StoredRecord } from '../store/store.ts'
import type { KeyIndex } from '../tab/key-index.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { RowBefore, WrittenRow } from '../write/verify.ts'
import type { Findings } from './findings.ts'
import type { DamageLedger } from './ledger.ts'
import { asItStands, isKeyOverwritten, showsCells, showsWritten } from './overwritten-key.ts'
import { removal } from './removal.ts'
import { doesFit, doesFitButForEdits, type KnownRow } from './row-fit.ts'
import type { Leftover, Suspicion } from './suspicion.ts'

/** What the database says of records that were read. */
export interface ReadRecords {
  readonly ids: readonly string[]
  readonly stored: ReadonlyMap<string, StoredRecord>
  /** Ids of rows that are to become records: their keys are marks, and go with nothing. @defaultValue none */
  readonly entries?: ReadonlySet<string>
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

/**
 * Gives such rows back. The cells that were not written tell whose they are.
 * @returns what takes our cells out again of a row that is nobody's
 */
export function reassignRows(
  found: Findings,
  view: TabView,
  wrong: readonly WrongRow[],
  missing: readonly string[],
  { stored, entries = new Set() }: ReadRecords,
  { suspicion, leftovers }: DamageLedger,
): RecordDecision[] {
  const { mapping } = view
  const all = new Set(mapping.columns.keys())
  // What had gone over a key is missing as well, and nobody's.
  const bases = new Map<string, readonly KnownRow[]>()
  for (const id of missing) {
    const known = stored.get(id)
    if (!known) continue
    const shown = { cells: lastShown(mapping, known.base) }
    const before = suspicion?.seen?.get(id)
    bases.set(id, before ? [before, shown] : [shown])
  }
  const owners = ownersOf(mapping, view, wrong, bases)
  const rowOf = new Map<string, number>()
  for (const [{ row }, owner] of owners) if (owner !== undefined) rowOf.set(owner, row)
  const removals: RecordDecision[] = []
  for (const [{ one, key, row, own, isFormer, isGuess }, owner] of owners) {
    if (key !== null) {
      const home = own ?? rowOf.get(key)
      // Nothing came to its own row; what stands in another one is not what people made of the record's.
      const isOwn = home !== undefined || doesFit(view, row, one, one.before) !== false
      found.markOverwritten(key, isOwn ? new Set(one.columns) : all)
      // A record may stay where it is rather than nowhere; the mark of what is to be one is taken out again.
      if (home !== undefined) found.rowsToRekey.set(key, home)
      else if (!entries.has(key)) continue
    }
    if (owner !== undefined) {
      if (bases.has(owner)) found.rowsToRekey.set(owner, row)
      found.markOverwritten(owner, new Set(one.columns))
    } else if (one.key !== null && !isGuess) {
      // Another worker may have completed the row in the meantime.
      const isCompleted = key !== null && doesFit(view, row, one, one.before) === true
      const isOurs = isFormer || isCompleted || isLeftOver(leftovers, view, row, one)
      removals.push(removal(isOurs ? { ...one, columns: [...all] } : one, row, true))
    }
  }
  return removals
}

/** @returns undefined when the key stands in its record's row, or in none, or in several */
function wrongRow(
  mapping: Mapping,
  view: TabView,
  index: KeyIndex,
  one: WrittenRow,
  missing: readonly string[],
  { ids, stored }: ReadRecords,
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

/** The records whose rows they are; of each record one row. Undefined for one that is nobody's, or may be that of several. */
function ownersOf(
  mapping: Mapping,
  view: TabView,
  wrong: readonly WrongRow[],
  bases: ReadonlyMap<string, readonly KnownRow[]>,
): Map<WrongRow, string | undefined> {
  const owners = new Map<WrongRow, string | undefined>(wrong.map((one) => [one, undefined]))
  const rules: ((one: WrongRow, known: KnownRow) => boolean)[] = [
    ({ one, row, key }, known) =>
      key === null &&
      known.key !== undefined &&
      known.key === view.keys.at(row) &&
      doesFit(view, row, one, known, true) !== false,
    ({ one, row }, known) => doesFit(view, row, one, known, true) === true,
    ({ one, row }, known) => doesFitButForEdits(mapping, view, row, one, known),
    ({ one, row }, known) => doesFit(view, row, one, known) === undefined,
  ]
  // First those of which cells are left that tell.
  for (const isOwner of rules) {
    for (const one of wrong) {
      if (owners.get(one) !== undefined) continue
      const homeless = wrong.filter((other) => other.own === undefined && other.key !== one.key)
      const candidates = [
        ...homeless.flatMap(({ key: id, one: { before } }) =>
          id === null ? [] : [{ id, known: before as KnownRow }],
        ),
        ...[...bases].flatMap(([id, all]) => all.map((known) => ({ id, known }))),
      ]
      const taken = new Set(owners.values())
      const found = candidates.filter(({ id, known }) => !taken.has(id) && isOwner(one, known))
      const [owner, ...others] = new Set(found.map(({ id }) => id))
      if (others.length === 0) owners.set(one, owner)
    }
  }
  return owners
}

/** Whether the cells that a write left alone are those of a new row that was to be taken out again. */
function isLeftOver(leftovers: readonly Leftover[], view: TabView, row: number, one: WrittenRow): boolean {
  return leftovers.some((leftover) => {
    if ('row' in leftover) return false
    const cells = view.layout.columns.map((column) => leftover.cells[column] ?? null)
    return doesFit(view, row, one, { cells }) === true
  })
}
