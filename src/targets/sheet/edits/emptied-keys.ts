import type { BatchContext } from '../batch/context.ts'
import { type BaseCell, isSettled } from '../cells/base.ts'
import { isEmpty } from '../cells/cell.ts'
import { fixedColumns, type LostRecord, lastShown, shareOf } from '../read/keyless.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { SeenRow } from './look-memory.ts'

/** So many records without a row are compared; where more are missing, somebody emptied the key column. */
const MOST_LOST = 1_000

/** So many records are told from all others by their cells; more are not typed into within one look. */
const MOST_TOLD = 20

/**
 * Of some records, those that no other record is like in the columns that people do not write: somebody who copied another
 * row has copied these cells too.
 */
export async function toldByFixed(
  { store, sql }: Pick<BatchContext, 'store' | 'sql'>,
  mapping: Mapping,
  records: readonly LostRecord[],
): Promise<ReadonlySet<string>> {
  const fixed = fixedColumns(mapping).map((at) => mapping.columns[at]?.header ?? '')
  const told = new Set<string>()
  for (const { id, base } of records.slice(0, MOST_TOLD)) {
    const cells: Record<string, BaseCell> = {}
    for (const header of fixed) {
      const cell = base[header]
      if (cell !== undefined && !isSettled(cell) && !isEmpty(cell)) cells[header] = cell
    }
    if (await store.alike.isAlone(sql, mapping.target.name, id, cells)) told.add(id)
  }
  return told
}

/** Records without a key in the tab, and the rows that may be theirs. */
export interface LostByRow {
  readonly byRow: ReadonlyMap<number, readonly string[]>
  readonly ids: readonly string[]
}

/**
 * Records whose key does not stand in a tab any more, by the rows that may be theirs: somebody may have emptied it,
 * or typed another one over it. It is not for a look to decide: a batch that writes the record sees the other columns as well.
 *
 * @param keys all that stand in the tab
 * @param rows those that may be theirs: without a key, or with one that nobody knows
 * @returns by the number of the row the records, and all of these records; where too many are missing, each row may be any
 * of some of them
 */
export async function lostByRow(
  { store, sql }: Pick<BatchContext, 'store' | 'sql'>,
  mapping: Mapping,
  keys: ReadonlySet<string>,
  rows: readonly SeenRow[],
): Promise<LostByRow> {
  if (rows.length === 0) return { byRow: new Map(), ids: [] }
  const { name } = mapping.target
  const ids = await store.others(sql, name, [...keys], MOST_LOST + 1)
  const some = ids.slice(0, MOST_LOST)
  if (ids.length > MOST_LOST) return { byRow: new Map(rows.map(({ index }) => [index, some])), ids: some }
  const writable = mapping.columns.flatMap(({ isWritable }, at) => (isWritable ? [at] : []))
  const records = [...(await store.loadRecords(sql, name, some))].map(([id, { base }]) => {
    const known = lastShown(mapping, base)
    return { id, wanted: writable.map((at) => known[at] ?? null) }
  })
  const alike = ({ shown }: SeenRow) => {
    const cells = writable.map((at) => shown.get(mapping.columns[at]?.header ?? '') ?? null)
    const isAlike = (wanted: typeof cells) =>
      ![...cells, ...wanted].every(isEmpty) && shareOf(wanted, cells) >= 0.5
    return records.flatMap(({ id, wanted }) => (isAlike(wanted) ? [id] : []))
  }
  const found = rows.map((row) => [row.index, alike(row)] as const).filter(([, like]) => like.length > 0)
  return { byRow: new Map(found), ids: [...new Set(found.flatMap(([, like]) => like))] }
}
