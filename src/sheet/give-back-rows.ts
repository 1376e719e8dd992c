import { isEmpty, type SheetCell, sameCell } from './cells/cell.ts'
import { type Suspicion, suspectToo } from './damage.ts'
import type { RecordDecision } from './decide-record.ts'
import type { KeyIndex } from './key-index.ts'
import { lastShown } from './keyless.ts'
import { asItStands, hasLostItsKey, showsCells } from './lost-key.ts'
import { removal } from './removal.ts'
import type { StoredRecord } from './store.ts'
import type { TabView } from './tab-reader.ts'
import type { RowBefore, WrittenRow } from './verify.ts'
import type { TargetWork } from './work.ts'

/** What the database says of records that were read. */
export interface ReadRecords {
  readonly ids: readonly string[]
  readonly stored: ReadonlyMap<string, StoredRecord>
}

/** A row that shows the key of a record whose row it is not, or what went over its key. */
interface WrongRow {
  readonly one: WrittenRow
  /** Null where it is no key. */
  readonly key: string | null
  readonly row: number
  /** The record's own row, where it still shows what it showed when it had lost its key. */
  readonly own: number | undefined
}

/** A row whose key was written, because it had lost it. */
export function isRekeyed({ decision: { action } }: WrittenRow): boolean {
  return action.kind === 'update' && action.withKey
}

/**
 * Gives rows back that got the key of a record which had lost it, because somebody moved rows before that write: each
 * may be another record's, which is missing now, or that of one that got its key in the same write. The cells that were
 * not written tell whose it is.
 * @param written rows that were written; those that got no key are left alone
 * @param shifted rows that were written while somebody moved columns: what went over the key of another row is no key
 * @param missing records whose key stood in the tab before, and does not now
 * @returns what takes our cells out again of a row that is nobody's
 */
export function giveBackRows(
  work: TargetWork,
  view: TabView,
  index: KeyIndex,
  { written, shifted = [] }: Pick<Suspicion, 'written' | 'shifted'>,
  missing: readonly string[],
  { ids, stored }: ReadRecords,
): RecordDecision[] {
  const wrong = [
    ...written.filter(isRekeyed).flatMap((one) => wrongRow(work, view, index, one, stored) ?? []),
    ...shifted.flatMap((one) => keylessByShift(view, index, one) ?? []),
  ]
  if (wrong.length === 0) return []
  const all = new Set(work.mapping.columns.keys())
  const keys = wrong.flatMap(({ key }) => key ?? [])
  for (const key of keys) work.spoil(key, all)
  const concerned = [...keys, ...missing]
  if (!concerned.every((id) => ids.includes(id))) {
    // What is known of them is read with the next round; until then nobody gets another row.
    for (const id of concerned) work.postponed.add(id)
    const rekeyed = wrong.flatMap(({ key, one }) => (key === null ? [] : [one]))
    suspectToo(work, { keys: new Set(missing), written: rekeyed, shifted })
    return []
  }
  // What had gone over a key is missing as well, and nobody's.
  const bases = new Map(
    missing.flatMap((id) => {
      const known = stored.get(id)
      return known ? [[id, lastShown(work.mapping, known.base)]] : []
    }),
  )
  const owners = ownersOf(view, wrong, bases)
  const rowOf = new Map<string, number>()
  for (const [{ row }, owner] of owners) if (owner !== undefined) rowOf.set(owner, row)
  const removals: RecordDecision[] = []
  for (const [{ one, key, row, own }, owner] of owners) {
    if (key !== null) {
      const home = own ?? rowOf.get(key)
      // It may stay where it is rather than nowhere.
      if (home === undefined) continue
      work.unkeyed.set(key, home)
    }
    if (owner === undefined) removals.push(removal(one, row, true))
    else if (bases.has(owner)) {
      work.unkeyed.set(owner, row)
      work.spoil(owner, all)
    }
  }
  return removals
}

/** @returns undefined when the key stands in its record's row, or in none, or in several */
function wrongRow(
  { mapping }: TargetWork,
  view: TabView,
  index: KeyIndex,
  one: WrittenRow,
  stored: ReadRecords['stored'],
): WrongRow | undefined {
  const { key, before } = one
  const row = index.only(key)
  if (key === null || row === undefined) return undefined
  const own = rowBefore(view, index, before)
  if (own === undefined && doesFit(view, row, one, before.cells) !== false) return undefined
  // Another worker may have given the record a row of its own.
  const known = stored.get(key)
  const isAnother = known !== undefined && doesFit(view, row, one, lastShown(mapping, known.base)) === true
  return isAnother ? undefined : { one, key, row, own }
}

/** @returns the only row of another record, or of nobody's, over whose key went what was written in moved columns */
function keylessByShift(view: TabView, index: KeyIndex, one: WrittenRow): WrongRow | undefined {
  const { action } = one.decision
  const over = one.columns.find((column) => one.before.places[column] === view.layout.key)
  const value = over !== undefined && action.kind === 'update' ? action.cells.get(over) : undefined
  const [stands] = asItStands(view, one)
  if (stands?.decision.action.kind !== 'update' || value === undefined || isEmpty(value)) return undefined
  const wanted = [...stands.decision.action.cells].map(
    ([column, cell]) => [view.layout.columns[column] ?? -1, cell] as const,
  )
  const rows = index.showing([value])
  const [row, ...others] = rows.filter((at) => showsCells(view, at, wanted) && !hasLostItsKey(view, one, at))
  return row === undefined || others.length > 0 ? undefined : { one: stands, key: null, row, own: undefined }
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
  view: TabView,
  wrong: readonly WrongRow[],
  bases: ReadonlyMap<string, readonly SheetCell[]>,
): Map<WrongRow, string | undefined> {
  const owners = new Map<WrongRow, string | undefined>(wrong.map((one) => [one, undefined]))
  // First those of which cells are left that tell.
  for (const wanted of [true, undefined]) {
    for (const one of wrong) {
      if (owners.get(one) !== undefined) continue
      const homeless = wrong.filter((other) => other.own === undefined && other.key !== one.key)
      const candidates = [
        ...homeless.flatMap(({ key: id, one: { before } }) =>
          id === null ? [] : [{ id, cells: before.cells }],
        ),
        ...[...bases].map(([id, cells]) => ({ id, cells })),
      ]
      const taken = new Set(owners.values())
      const [owner, ...others] = candidates.filter(
        ({ id, cells }) => !taken.has(id) && doesFit(view, one.row, one.one, cells) === wanted,
      )
      if (others.length === 0) owners.set(one, owner?.id)
    }
  }
  return owners
}

/** Whether the cells that a write left alone are these; undefined where there are none to tell. */
function doesFit(
  view: TabView,
  row: number,
  { columns }: WrittenRow,
  cells: readonly SheetCell[],
): boolean | undefined {
  const here = view.cells.get(row) ?? []
  const left = view.layout.columns.flatMap((column, index) =>
    columns.includes(index) ? [] : [{ found: here[column] ?? null, wanted: cells[index] ?? null }],
  )
  if (left.every(({ found, wanted }) => isEmpty(found) && isEmpty(wanted))) return undefined
  return left.every(({ found, wanted }) => sameCell(found, wanted))
}
