import type { OpenEdit } from '../../../inbound/inbox.ts'
import { type CellValue, isFormula, type SheetCell, sameCell } from '../cells/cell.ts'
import { type Entry, sameEntry } from '../cells/same-entry.ts'
import { entryIn } from '../read/entry.ts'
import type { TabView } from '../read/tab-view.ts'
import type { Mapping } from '../tab/mapping.ts'
import { cleanup } from './copies.ts'
import { nothing, type RecordDecision, refusalText } from './decide-record.ts'
import { marksToWrite, rowMarks } from './marks.ts'

/** A row that a person added, and that is to become a record. */
export interface EntryCase {
  /** The id that the record will have. */
  readonly id: string
  readonly entry: OpenEdit
  /** The row in which it was last seen. */
  readonly place: number | undefined
  /** Its row, where the mark is in another one, or is gone: a call of ours had hit other rows. */
  readonly ownRow?: number | undefined
  /** Whether a row that is marked as its own is another record's, or people's, and loses the mark now. */
  readonly isOthers?: ((row: number) => boolean) | undefined
  /** Columns (of the mapping) that a call of ours wrote by mistake. */
  readonly overwritten: ReadonlySet<number>
}

/**
 * Decides about a row that is to become a record: it is marked with the record's id, and from then on it is known by it,
 * whatever people do to it. The record is made once the mark stands.
 */
export function decideEntry(
  mapping: Mapping,
  view: TabView | undefined,
  { id, entry, place, ownRow, isOthers = () => false, overwritten }: EntryCase,
): RecordDecision {
  const leave: RecordDecision = { ...nothing(id, 'kept'), isEntry: true }
  if (view === undefined) return leave
  if (ownRow !== undefined)
    return { ...leave, ...mark(mapping, view, ownRow, typedInto(mapping, entry, overwritten)) }
  const rows = view.rows.get(id) ?? []
  const [marked] = markedRows(view, { id, entry, isOthers })
  if (marked === undefined && rows.length > 0) return leave
  if (marked !== undefined && overwritten.size > 0) {
    const cells = typedInto(mapping, entry, overwritten)
    return { ...leave, action: { kind: 'update', row: marked, cells, withKey: false } }
  }
  if (entry.state === 'pending') return leave
  if (marked !== undefined) {
    const shown = entryIn(view, marked)
    if (entry.state === 'waiting') return { ...leave, entry: shown }
    // Once it has become a record, nobody knows any more that a background without a note is a mark's.
    if (!sameEntry(shown, entry.shown)) return { ...withMark(view, leave, marked, null), entry: shown }
    return withReason(mapping, view, leave, marked, entry.reason)
  }
  // The person took the row away again.
  if (entry.state === 'refused') return { ...leave, agreed: [''] }
  if (place === undefined || !isFree(view, place) || isOthers(place)) return leave
  return sameEntry(entryIn(view, place), entry.shown) ? { ...leave, ...mark(mapping, view, place) } : leave
}

/** Copies that a person made of a row that was refused: they lose its mark, and are new rows of their own. */
export function decideEntryCopies(
  view: TabView | undefined,
  { id, entry, isOthers }: Pick<EntryCase, 'id' | 'entry' | 'isOthers'>,
): RecordDecision[] {
  if (view === undefined || entry.state !== 'refused') return []
  const [, ...copies] = markedRows(view, { id, entry, isOthers })
  return copies.map((row) => cleanup(id, { kind: 'empty', row, columns: [], withKey: true }))
}

/** The rows with its mark that are no other's; the first is its own: the one that shows what was noted, or the upper one. */
function markedRows(
  view: TabView,
  { id, entry, isOthers = () => false }: Pick<EntryCase, 'id' | 'entry' | 'isOthers'>,
): number[] {
  const rows = (view.rows.get(id) ?? []).filter((row) => !isOthers(row))
  const own = rows.find((row) => sameEntry(entryIn(view, row), entry.shown)) ?? rows[0]
  return own === undefined ? [] : [own, ...rows.filter((row) => row !== own)]
}

/**
 * Writes the id that the record will have into the row's key cell.
 * @param cells what is put back with it, by column (of the mapping)
 */
function mark(
  mapping: Mapping,
  view: TabView,
  row: number,
  cells: ReadonlyMap<number, CellValue> = new Map(),
): Pick<RecordDecision, 'action' | 'entry'> {
  const shown: Record<string, SheetCell> = { ...entryIn(view, row) }
  for (const [index, cell] of cells) {
    const header = mapping.columns[index]?.header ?? ''
    if (cell === null) delete shown[header]
    else shown[header] = cell
  }
  return { action: { kind: 'update', row, cells, withKey: true }, entry: shown }
}

/** What the person had typed into cells that a call of ours went over, by column (of the mapping). */
function typedInto(
  { columns }: Mapping,
  { shown }: OpenEdit,
  overwritten: ReadonlySet<number>,
): ReadonlyMap<number, CellValue> {
  const typed = (shown ?? {}) as Entry
  return new Map(
    [...overwritten].map((index) => {
      const cell = typed[columns[index]?.header ?? ''] ?? null
      return [index, isFormula(cell) ? null : cell] as const
    }),
  )
}

/** Writes beside the row why it did not become a record. */
function withReason(
  mapping: Mapping,
  view: TabView,
  leave: RecordDecision,
  row: number,
  reason: string | null,
): RecordDecision {
  const { refusalColumn } = mapping
  if (mapping.marksRefusals) return withMark(view, leave, row, reason)
  const column = view.layout.columns[refusalColumn]
  const text: CellValue = reason === null ? null : refusalText([reason])
  if (column === undefined) return leave
  if (sameCell(view.cells.get(row)?.[column] ?? null, text)) return leave
  return {
    ...leave,
    action: { kind: 'update', row, cells: new Map([[refusalColumn, text]]), withKey: false },
  }
}

/**
 * Marks the key cell of an entry that is refused as a whole, or takes its mark off.
 * @param reason null for none
 */
function withMark(view: TabView, leave: RecordDecision, row: number, reason: string | null): RecordDecision {
  const { key } = view.layout
  const reasons = new Map(reason === null ? [] : [[key, reason] as const])
  const marks = marksToWrite(rowMarks(view, row), reasons, new Set([key]))
  if (marks.size === 0) return leave
  return { ...leave, action: { kind: 'update', row, cells: new Map(), marks, withKey: false } }
}

/** Nobody has given the row a key since. */
function isFree(view: TabView, row: number): boolean {
  return row > view.layout.headerRow && view.keys.at(row) === undefined && view.cells.has(row)
}
