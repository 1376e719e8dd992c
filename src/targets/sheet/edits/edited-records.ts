import type { SeenEdit } from '../../../inbound/edits-seen.ts'
import type { OpenEdit } from '../../../inbound/inbox.ts'
import type { BatchContext } from '../batch/context.ts'
import { isSettled } from '../cells/base.ts'
import { type SheetCell, sameCell } from '../cells/cell.ts'
import type { StoredRecord } from '../store/store.ts'
import type { Mapping } from '../tab/mapping.ts'
import { type LookMemory, type SeenRow, textOf } from './look-memory.ts'

/** A cell that shows something else than what place and database agreed on. */
export interface EditedCell {
  readonly column: string
  readonly base: SheetCell
  readonly shown: SheetCell
}

/** A record whose row looks edited. */
export interface EditedRecord {
  readonly id: string
  /** None where it is the row itself that is to be looked at. */
  readonly cells: readonly EditedCell[]
}

/** Records that one question names. */
const RECORDS_PER_QUESTION = 5_000

/** Records of which a look asks what they show: more are a matter of the comparison that follows a new column. */
const MOST_UNKNOWN = 500

/**
 * Records whose row shows something else in a writable column than place and database agreed on, and of which the inbox
 * does not know already. A key that stands in two rows is one of them: a person copied the row. So is, once, a record of
 * which nobody knows what a cell showed last, as after a worker that died while it repaired: what people type there is an
 * edit only once that is known.
 */
export async function editedRecords(
  context: BatchContext,
  mapping: Mapping,
  rows: readonly SeenRow[],
  memory: LookMemory,
): Promise<EditedRecord[]> {
  const { name } = mapping.target
  const edited = new Map<string, EditedRecord>()
  const inOrder = new Map<string, string>()
  const doubtful = new Map<string, SeenRow>()
  const repeated = new Set<string>()
  const unknown: EditedRecord[] = []
  for (const row of rows) {
    if (row.id === null) continue
    const text = textOf(row.shown)
    if (inOrder.has(row.id) || doubtful.has(row.id)) repeated.add(row.id)
    else if (memory.isKnown(name, row.id, text)) inOrder.set(row.id, text)
    else doubtful.set(row.id, row)
  }
  const ids = [...new Set([...doubtful.keys(), ...repeated])]
  for (let at = 0; at < ids.length; at += RECORDS_PER_QUESTION) {
    const some = ids.slice(at, at + RECORDS_PER_QUESTION)
    const [stored, open] = await Promise.all([
      context.store.loadRecords(context.sql, name, some),
      context.inbox.open(context.sql, name, some),
    ])
    for (const id of some) {
      const known = stored.get(id)
      // People may have a key of their own in as many rows as they like.
      if (repeated.has(id) && (known || open.has(id))) edited.set(id, { id, cells: [] })
      const row = doubtful.get(id)
      if (row === undefined || edited.has(id)) continue
      const cells = known ? editedCells(row, known, open.get(id)) : []
      if (cells.length > 0 || (!known && isNewEntry(row, open.get(id)?.get(''))))
        edited.set(id, { id, cells })
      // What waits is looked at again, until it is decided.
      else if (!open.has(id)) {
        inOrder.set(id, textOf(row.shown))
        if (known && lacksBase(row, known)) unknown.push({ id, cells: [] })
      }
    }
  }
  for (const id of edited.keys()) inOrder.delete(id)
  memory.take(name, inOrder)
  return [...edited.values(), ...unknown.slice(0, MOST_UNKNOWN)]
}

function lacksBase({ shown }: SeenRow, { base }: StoredRecord): boolean {
  return [...shown.keys()].some((column) => base[column] === undefined)
}

function editedCells(
  { shown }: SeenRow,
  { base }: StoredRecord,
  open: ReadonlyMap<string, OpenEdit> | undefined,
): EditedCell[] {
  return [...shown].flatMap(([column, cell]) => {
    const known = base[column]
    // Never written: nobody knows what it showed.
    if (known === undefined) return []
    const agreed = isSettled(known) ? known.from : known
    const edit = open?.get(column)
    if (edit?.state === 'pending' && sameCell(cell, edit.shown as SheetCell)) return []
    // One that was taken back in the sheet is over.
    const isOver = edit !== undefined && edit.state !== 'refused'
    const expected = isSettled(known) ? known.kept : known
    return isOver || !sameCell(cell, expected) ? [{ column, base: agreed, shown: cell }] : []
  })
}

/** What is known of edits before a batch has confirmed them. @param zone the spreadsheet's time zone */
export function attributable(records: readonly EditedRecord[], zone: string): SeenEdit[] {
  return records.flatMap(({ id, cells }) =>
    cells.map((cell) => ({ id, kind: 'change', ...cell, zone }) as const),
  )
}

/** A row that is to become a record, and was refused: it may be right now. */
function isNewEntry({ shown }: SeenRow, edit: OpenEdit | undefined): boolean {
  if (edit?.kind !== 'create' || edit.state === 'pending') return false
  if (edit.state === 'waiting') return true
  const before = (edit.shown ?? {}) as Readonly<Record<string, SheetCell>>
  return [...shown].some(([header, cell]) => !sameCell(cell, before[header] ?? null))
}
