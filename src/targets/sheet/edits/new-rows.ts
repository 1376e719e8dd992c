import type { OpenEdit, OpenEdits } from '../../../inbound/inbox.ts'
import { newRecordIds } from '../../../inbound/new-record-id.ts'
import type { BatchContext } from '../batch/context.ts'
import { isEmpty } from '../cells/cell.ts'
import { type Entry, sameEntry } from '../cells/same-entry.ts'
import { isBlankRow, type Mapping } from '../tab/mapping.ts'
import { lostByRow } from './emptied-keys.ts'
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
  context: BatchContext,
  mapping: Mapping,
  rows: readonly SeenRow[],
  zone: string,
): Promise<string[]> {
  const { inbox, sql } = context
  const { target } = mapping
  if (target.edits?.newRows !== 'create') return []
  const complete = rows.flatMap(({ key, index, shown }) =>
    key === null && isComplete(mapping, shown) ? [{ row: index, shown: filled(shown) }] : [],
  )
  const unmade = await inbox.unmade(sql, target.name)
  if (complete.length === 0 && unmade.size === 0) return []
  const marked = new Set(rows.flatMap(({ id }) => id ?? []))
  const waiting = new Map([...unmade].filter(([, edits]) => edits.get('')?.state === 'waiting'))
  // People took the row of one that was refused away again, or its mark: a batch ends it.
  const refused = [...unmade.keys()].filter((id) => !waiting.has(id) && !marked.has(id))
  const { kept, fresh: unknown, gone } = pair(complete, waiting)
  // What may be a record's whose key somebody emptied waits until a batch has seen to that.
  const places = new Set(unknown.map(({ row }) => row))
  const lost = await lostByRow(
    context,
    mapping,
    marked,
    rows.filter(({ index }) => places.has(index)),
  )
  const fresh = unknown.filter(({ row }) => !lost.byRow.has(row))
  const some = fresh.slice(0, MOST_AT_ONCE)
  const ids = await newRecordIds(sql, mapping.model, some.length)
  const added = some.map((entry, at) => ({ ...entry, id: ids[at] as string }))
  await inbox.follow(sql, target.name, kept, zone)
  await inbox.expect(sql, target.name, added, zone)
  // The batch that marked its row may have died before it said so.
  await inbox.forget(
    sql,
    target.name,
    gone.filter((id) => !marked.has(id)),
  )
  return [...[...kept, ...added].map(({ id }) => id), ...refused, ...lost.ids]
}

/** A row that is to become a record. */
interface NewRow {
  readonly row: number
  readonly shown: Entry
}

/** Rows and the ids that were given to them before: by their place, then by what they show. */
function pair(rows: readonly NewRow[], waiting: OpenEdits) {
  const free = new Map(rows.map((one) => [one.row, one]))
  const kept: (NewRow & { readonly id: string })[] = []
  const take = (id: string, found: NewRow) => {
    free.delete(found.row)
    kept.push({ ...found, id })
  }
  const moved: (readonly [id: string, edit: OpenEdit])[] = []
  for (const [id, edits] of waiting) {
    const edit = edits.get('') as OpenEdit
    const found = free.get(placeOf(edit) ?? -1)
    if (found && sameEntry(found.shown, edit.shown)) take(id, found)
    else moved.push([id, edit])
  }
  const gone: string[] = []
  for (const [id, edit] of moved) {
    const found = [...free.values()].find(({ shown }) => sameEntry(shown, edit.shown))
    if (found) take(id, found)
    else gone.push(id)
  }
  return { kept, fresh: [...free.values()], gone }
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

function isComplete(mapping: Mapping, shown: SeenRow['shown']): boolean {
  const { columns, model, target } = mapping
  const fields = new Map(target.columns.map(({ header, field }) => [header, field]))
  const isFilled = (header: string) => !isEmpty(shown.get(header))
  const writable = columns.filter(({ isWritable }) => isWritable)
  const asked = writable.filter(({ header }) => {
    const field = model.fields[fields.get(header) ?? '']
    // Nobody ticks a box to say no.
    const isBoolean = field?.kind === 'scalar' && field.type === 'Boolean'
    return field?.isRequired === true && !field.isList && !isBoolean && !field.hasDefault
  })
  const cells = columns.map(({ header, isWritable }) => (isWritable ? shown.get(header) : null))
  return !isBlankRow(mapping, cells) && asked.every(({ header }) => isFilled(header))
}

function filled(shown: SeenRow['shown']): Entry {
  return Object.fromEntries([...shown].filter(([, cell]) => !isEmpty(cell)))
}
