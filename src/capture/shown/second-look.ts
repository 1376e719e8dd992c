import type { DataModel } from '../../model/data-model.ts'
import type { RelatedRows } from './plan.ts'

/**
 * The name of a way from a mirrored model to a table whose rows it shows, unique within its target: `operator`, and
 * `tags (links)` for the join table on the way.
 */
export function causeName({ path, isJoinTable }: RelatedRows): string {
  return isJoinTable ? `${path} (links)` : path
}

/**
 * Whether a record can come to show a changed row by what another transaction has not committed yet, so that the
 * change itself cannot find the record. It cannot where the row itself names the record, and the database enforces it:
 * then both are there, or neither.
 */
export function needsSecondLook(dataModel: DataModel, { links, isJoinTable }: RelatedRows): boolean {
  const named = isJoinTable || links[0]?.kind === 'held'
  return !(links.length === 1 && named && dataModel.foreignKeys !== false)
}
