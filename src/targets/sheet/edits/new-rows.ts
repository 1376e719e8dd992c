import type { OpenEdit, OpenEdits } from '../../../inbound/inbox.ts'
import { newRecordId } from '../../../inbound/new-record-id.ts'
import type { BatchContext } from '../batch/context.ts'
import { isEmpty, type SheetCell, sameCell } from '../cells/cell.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { SeenRow } from './look-memory.ts'

/** Rows that a look marks for adoption: pasting hundreds of them is nothing unusual, thousands is. */
const MOST_AT_ONCE = 500

/**
 * Rows without a key that are to become records: every value that the model asks for is there. Each is put into the inbox
 * with the id that its record will have, before anything else happens, so that whoever dies when, one row makes one record.
 * The batch that writes this id marks the row with it, and the record is made only then.
 *
 * @returns the ids
 */
export async function adoptable(
  { inbox, sql }: BatchContext,
  mapping: Mapping,
  rows: readonly SeenRow[],
  zone: string,
): Promise<string[]> {
  const { target } = mapping
  if (target.edits?.newRows !== 'create') return []
  const complete = rows.filter(({ key, shown }) => key === null && isComplete(mapping, shown))
  const waiting = await inbox.waiting(sql, target.name)
  if (complete.length === 0 && waiting.size === 0) return []
  const found = pair(complete, waiting)
  const ids: string[] = []
  const entries: { id: string; row: number; shown: Record<string, SheetCell> }[] = []
  for (const { id, row } of found.kept) {
    ids.push(id)
    entries.push({ id, row: row.index, shown: filled(row.shown) })
  }
  for (const row of found.fresh.slice(0, MOST_AT_ONCE)) {
    const id = await newRecordId(sql, mapping.model)
    ids.push(id)
    entries.push({ id, row: row.index, shown: filled(row.shown) })
  }
  await inbox.expect(sql, target.name, entries, zone)
  // The batch that marked its row may have died before it said so.
  const marked = new Set(rows.flatMap(({ id }) => id ?? []))
  const gone = found.gone.filter((id) => !marked.has(id))
  await inbox.forget(sql, target.name, gone)
  return ids
}

/** Rows and the ids that were given to them before: by their place, then by what they show. */
function pair(rows: readonly SeenRow[], waiting: OpenEdits) {
  const free = new Set(rows)
  const kept: { id: string; row: SeenRow }[] = []
  const left = new Map([...waiting].flatMap(([id, edits]) => [[id, edits.get('') as OpenEdit] as const]))
  for (const byPlace of [true, false]) {
    for (const [id, edit] of left) {
      const row = [...free].find(
        (one) => (!byPlace || one.index === placeOf(edit)) && isSame(one.shown, edit.shown),
      )
      if (!row) continue
      free.delete(row)
      left.delete(id)
      kept.push({ id, row })
    }
  }
  return { kept, fresh: [...free], gone: [...left.keys()] }
}

/** The rows in which new entries were seen. */
export function entryRows(edits: OpenEdits): number[] {
  return [...edits.values()].flatMap((one) => {
    const entry = one.get('')
    return entry?.kind === 'create' ? (placeOf(entry) ?? []) : []
  })
}

/** The row in which an entry was seen. */
export function placeOf({ base }: OpenEdit): number | undefined {
  const row = (base as { row?: unknown } | null)?.row
  return typeof row === 'number' ? row : undefined
}

/** Whether a row shows what was to become a record. */
function isSame(shown: SeenRow['shown'], entry: unknown): boolean {
  const before = (entry ?? {}) as Readonly<Record<string, SheetCell>>
  return [...shown].every(([header, cell]) => sameCell(cell, before[header] ?? null))
}

function isComplete({ columns, model, target }: Mapping, shown: SeenRow['shown']): boolean {
  const fields = new Map(target.columns.map(({ header, field }) => [header, field]))
  const isFilled = (header: string) => !isEmpty(shown.get(header))
  const writable = columns.filter(({ isWritable }) => isWritable)
  const asked = writable.filter(({ header }) => {
    const field = model.fields[fields.get(header) ?? '']
    // Nobody ticks a box to say no.
    const isBoolean = field?.kind === 'scalar' && field.type === 'Boolean'
    return field?.isRequired === true && !field.isList && !isBoolean
  })
  return writable.some(({ header }) => isFilled(header)) && asked.every(({ header }) => isFilled(header))
}

function filled(shown: SeenRow['shown']): Record<string, SheetCell> {
  return Object.fromEntries([...shown].filter(([, cell]) => !isEmpty(cell)))
}
