import type { BatchContext } from '../batch/context.ts'
import { type Base, type BaseCell, isSettled } from '../cells/base.ts'
import { isEmpty, sameCell } from '../cells/cell.ts'
import { fixedColumns, type LostRecord } from '../read/keyless.ts'
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
 * @param rows all that stand in the tab
 * @param isAsked rows that may be theirs: without a key, or with one that nobody knows
 * @returns by the number of the row the records, and all of these records; where too many are missing, each row may be any
 * of some of them
 */
export async function lostByRow(
  { store, sql }: Pick<BatchContext, 'store' | 'sql'>,
  { columns, target }: Mapping,
  rows: readonly SeenRow[],
  isAsked: (row: SeenRow) => boolean,
): Promise<LostByRow> {
  const asked = rows.filter(isAsked)
  if (asked.length === 0) return { byRow: new Map(), ids: [] }
  const keys = new Set(rows.flatMap(({ id }) => id ?? []))
  const ids = await store.others(sql, target.name, [...keys], MOST_LOST + 1)
  const some = ids.slice(0, MOST_LOST)
  if (ids.length > MOST_LOST) return { byRow: new Map(asked.map(({ index }) => [index, some])), ids: some }
  const records = [...(await store.loadRecords(sql, target.name, some))]
  const writable = columns.filter(({ isWritable }) => isWritable)
  const alike = ({ shown }: SeenRow) =>
    records.flatMap(([id, { base }]) => (isLike(base, shown, writable) ? [id] : []))
  const found = asked.map((row) => [row.index, alike(row)] as const).filter(([, like]) => like.length > 0)
  return { byRow: new Map(found), ids: [...new Set(found.flatMap(([, like]) => like))] }
}

/** Whether a row shows at least half of what a record's showed in writable columns. */
function isLike(
  base: Base,
  shown: SeenRow['shown'],
  writable: readonly { readonly header: string }[],
): boolean {
  const told = writable.flatMap(({ header }) => {
    const known = base[header]
    const before = isSettled(known) ? known.kept : (known ?? null)
    const now = shown.get(header) ?? null
    return isEmpty(before) && isEmpty(now) ? [] : [sameCell(before, now)]
  })
  return told.length > 0 && told.filter((isSame) => isSame).length * 2 >= told.length
}
