import type { ChangeContext } from '../../change/change.ts'
import type { Target } from '../../model/target.ts'
import {
  type ChangedRecord,
  type FoundRecords,
  type PublishStatement,
  publishStatement,
} from '../../queue/publish.ts'
import { linkRowsSql, linkValueColumns, mirroredQuery } from '../shown/mirrored-query.ts'
import type { RelatedRows, RowOperation } from '../shown/plan.ts'
import { causeName, needsSecondLook } from '../shown/second-look.ts'
import type { ChangedRow } from './after.ts'
import type { Row } from './rows.ts'
import type { Tracked, TrackedTable } from './tracked.ts'

/** Whether a change of a row can be seen through a relation; told of some changes by the written columns. */
export type SeenThrough = (change: ChangedRow, cause: RelatedRows) => boolean

/**
 * The statement that publishes changed rows: the mirrored records among them, and the mirrored records that
 * show one of them through a relation, which the statement finds by going back along it.
 *
 * One statement after the write is enough. A record showed a row before the write, or shows it now, along links
 * of which each stands in a row: either none of those rows changed, and the way back can be gone now, or the
 * changed one that is nearest to the record leads to it with its values from before.
 */
export function publishChanges(
  tracked: Tracked,
  targets: readonly Target[],
  changes: readonly ChangedRow[],
  seenThrough: SeenThrough,
  context: ChangeContext | undefined,
): PublishStatement | null {
  const records = changes.flatMap(ownRecords)
  const found = byTable(changes).flatMap(([table, ofTable]) =>
    table.related.flatMap((cause): FoundRecords[] => {
      const seen = ofTable.filter((change) => happens(change, cause) && seenThrough(change, cause))
      const values = linkValues(seen, linkValueColumns(cause))
      if (values.length === 0) return []
      const query = (parameter: (value: unknown) => string) =>
        mirroredQuery(
          tracked.dataModel,
          tracked.schemas,
          cause,
          linkRowsSql(table.sql, linkValueColumns(cause), parameter(JSON.stringify(values))),
        )
      const look = needsSecondLook(tracked.dataModel, cause)
      return [
        {
          target: cause.target.name,
          query,
          ...(look && { secondLook: { path: causeName(cause), rows: values } }),
        },
      ]
    }),
  )
  return publishStatement(tracked.schemas, targets, records, context, undefined, found)
}

/** The record itself, and the record it was before when its id changed. */
function ownRecords({ before, after, operation }: ChangedRow): ChangedRecord[] {
  const model = (after ?? before)?.table.model?.name ?? ''
  const records: ChangedRecord[] = []
  if (before && before.id !== null && before.id !== after?.id) {
    records.push({ model, id: before.id, operation: 'delete' })
  }
  if (after && after.id !== null) records.push({ model, id: after.id, operation })
  return records
}

/** Without a row from before it is not known whether the row is new: it may be either. */
function happens({ before, after, operation }: ChangedRow, cause: RelatedRows): boolean {
  const possible: readonly RowOperation[] =
    after === null ? ['DELETE'] : before || operation === 'update' ? ['UPDATE'] : ['INSERT', 'UPDATE']
  return possible.some((one) => cause.operations.includes(one))
}

/** The values that lead to the next row, before and after, each once. */
function linkValues(changes: readonly ChangedRow[], columns: readonly string[]): object[] {
  const distinct = new Map<string, object>()
  const add = (row: Row | null) => {
    if (row === null) return
    const values = Object.fromEntries(columns.map((column) => [column, row.values[column] ?? null]))
    if (Object.values(values).every((value) => value !== null)) distinct.set(JSON.stringify(values), values)
  }
  for (const { before, after } of changes) {
    add(before)
    add(after)
  }
  return [...distinct.values()]
}

function byTable(changes: readonly ChangedRow[]): [TrackedTable, ChangedRow[]][] {
  const tables = new Map<TrackedTable, ChangedRow[]>()
  for (const change of changes) {
    const table = (change.after ?? change.before)?.table
    if (table) tables.set(table, [...(tables.get(table) ?? []), change])
  }
  return [...tables]
}
