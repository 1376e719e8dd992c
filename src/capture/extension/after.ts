import type { Operation } from '../../change/change.ts'
import type { Before } from './before.ts'
import type { ColumnValues } from './column-values.ts'
import type { Reach, Touch } from './reach.ts'
import { type Row, type RowFound, type RowQuery, rowKey } from './rows.ts'
import type { Tracked, TrackedTable } from './tracked.ts'
import type { TransactionReader } from './transaction-reader.ts'

/** A row that a write changed. Of a new row there is no `before`, of one that is gone no `after`. */
export interface ChangedRow {
  readonly before: Row | null
  readonly after: Row | null
  readonly operation: Operation
}

/** One query of a level, and what its answer is for. */
type Asked =
  /** Rows known from before: whether they are there still, and written. */
  | {
      readonly kind: 'known'
      readonly rows: readonly Row[]
      readonly query: RowQuery
      readonly touch: Touch | null
    }
  /** Rows that the write put under a relation, or changed there. */
  | { readonly kind: 'found'; readonly query: RowQuery; readonly touch: Touch; readonly far: boolean }

/**
 * Finds the rows that a write changed beyond those of its own model: the ones known from before that are gone
 * or written, and the ones that it wrote at the far end of a touched relation. Goes level by level, one
 * statement each.
 *
 * @param roots the link columns of the write's own records, as they are now
 * @param unsearched tables that are too large to be searched
 */
export async function readAfter(
  tracked: Tracked,
  reader: TransactionReader,
  reach: Reach,
  before: Before,
  roots: readonly ColumnValues[],
  unsearched: ReadonlySet<TrackedTable>,
): Promise<readonly ChangedRow[]> {
  const changes = new Map<string, ChangedRow>()
  let level = reach.touches.map((touch) => ({ touch, near: roots }))
  let first = true
  while (level.length > 0 || first) {
    const asked: Asked[] = first ? known(before.others, null) : []
    first = false
    for (const { touch, near } of level) {
      asked.push(...known(before.touched.get(touch) ?? [], touch), ...found(tracked, touch, near, unsearched))
    }
    const answers = await reader.rows(asked.map((one) => one.query))
    const now = new Map<Touch, ColumnValues[]>()
    asked.forEach((one, at) => {
      const rows = answers.filter((row) => row.query === at)
      if (one.kind === 'known') settleKnown(changes, one.rows, rows)
      else settleFound(changes, one.touch, rows)
      // What is linked to these is looked at next.
      if (one.touch === null || (one.kind === 'found' && !one.far)) return
      now.set(one.touch, [...(now.get(one.touch) ?? []), ...rows.map((row) => row.values)])
    })
    level = level.flatMap(({ touch }) =>
      touch.touches.map((further) => ({ touch: further, near: now.get(touch) ?? [] })),
    )
  }
  return [...changes.values()]
}

function known(rows: readonly Row[], touch: Touch | null): Asked[] {
  const tables = new Map<string, Row[]>()
  for (const row of rows) tables.set(row.table.sql, [...(tables.get(row.table.sql) ?? []), row])
  return [...tables.values()].map((ofTable) => {
    const { table } = ofTable[0] as Row
    const query: RowQuery = { table, by: { kind: 'same' }, from: ofTable.map((row) => row.values) }
    return { kind: 'known', rows: ofTable, query, touch }
  })
}

function found(
  tracked: Tracked,
  touch: Touch,
  near: readonly ColumnValues[],
  unsearched: ReadonlySet<TrackedTable>,
): Asked[] {
  const { link, table } = touch
  const common = { from: near, writtenOnly: true }
  const searched: RowQuery | null =
    touch.searched && !unsearched.has(table)
      ? { table, by: { kind: 'search' }, from: [], writtenOnly: true }
      : null
  if (link.kind !== 'join') {
    const query: RowQuery = searched ?? { table, by: { kind: 'linked', pairs: link.pairs }, ...common }
    return [{ kind: 'found', query, touch, far: true }]
  }
  const join = tracked.joinTable(link.table)
  const pairs = [{ near: link.nearKey, far: link.nearColumn }]
  const then = [{ near: link.farColumn, far: link.farKey }]
  return [
    { kind: 'found', query: { table: join, by: { kind: 'linked', pairs }, ...common }, touch, far: false },
    {
      kind: 'found',
      query: searched ?? { table, by: { kind: 'joined', join, pairs, then }, ...common },
      touch,
      far: true,
    },
  ]
}

function settleKnown(
  changes: Map<string, ChangedRow>,
  rows: readonly Row[],
  answers: readonly RowFound[],
): void {
  const byPosition = new Map(answers.map((row) => [row.position, row]))
  rows.forEach((row, position) => {
    const now = byPosition.get(position)
    if (now === undefined) changes.set(rowKey(row), { before: row, after: null, operation: 'delete' })
    else if (now.written) changes.set(rowKey(now), { before: row, after: now, operation: 'update' })
  })
}

function settleFound(changes: Map<string, ChangedRow>, touch: Touch, answers: readonly RowFound[]): void {
  // What a search finds may be new or not.
  const operation = touch.searched ? 'upsert' : touch.creates ? 'create' : 'update'
  for (const row of answers) {
    const key = rowKey(row)
    // What was known from before has its change already; the same row may be under several relations.
    if (!changes.has(key)) changes.set(key, { before: null, after: row, operation })
  }
}
