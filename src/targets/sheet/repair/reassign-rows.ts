import type { RecordDecision } from '../decide/decide-record.ts'
import { lastShown } from '../read/keyless.ts'
import type { TabView } from '../read/tab-view.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { WrittenRow } from '../write/expectation.ts'
import type { Findings } from './findings.ts'
import type { DamageLedger } from './ledger.ts'
import { doesFit, doesFitButForEdits, type KnownRow } from './row-fit.ts'
import { type Leftover, removal } from './suspicion.ts'
import type { ReadRecords, WrongRow } from './wrong-rows.ts'

/**
 * Gives such rows back. The cells that were not written tell whose they are.
 * @returns what takes our cells out again of a row that is nobody's
 */
export function reassignRows(
  found: Findings,
  view: TabView,
  wrong: readonly WrongRow[],
  missing: readonly string[],
  { stored }: ReadRecords,
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
      found.markOverwritten(key, isOwn || one.decision.isEntry ? new Set(one.columns) : all)
      // A record may stay where it is rather than nowhere; the mark of what is to be one is taken out again.
      if (home !== undefined) found.rowsToRekey.set(key, home)
      else if (!one.decision.isEntry || stored.has(key)) continue
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
