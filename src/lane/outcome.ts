import type { SheetTarget } from '../config/target.ts'
import type { ErrorCode } from '../errors.ts'
import type { RecordsRead } from '../source/records-read.ts'

/** Reads records as they are in the database now. */
export interface RecordReader {
  /**
   * @param ids encoded ids, see `encodeRecordId`
   * @throws WritebackError `TARGET_UNREADABLE` or `RECORDS_HIDDEN` when what is read says nothing about the records
   */
  read(target: SheetTarget, ids: readonly string[]): Promise<RecordsRead>
}

/** Records of one target to bring up to date in the sheet. */
export interface LaneRequest {
  readonly target: SheetTarget
  readonly ids: readonly string[]
  /**
   * Records whose deletion nobody has seen: if they are gone, that is news. With the time when each was asked for.
   * @defaultValue none: whoever asks knows what they do
   */
  readonly unseen?: ReadonlyMap<string, Date>
}

/** What became of a record. */
export type Outcome =
  /** `kept`: the row stays as it is because a person's edit, or removal of the row, stands. */
  | { readonly status: 'done'; readonly change: 'written' | 'unchanged' | 'removed' | 'kept' }
  /** The record can never be written as it is. */
  | { readonly status: 'dead'; readonly code: ErrorCode; readonly reason: string }
  /** Not the record's fault: try again later, at no cost. */
  | {
      readonly status: 'deferred'
      readonly code: ErrorCode
      readonly reason: string
      readonly retryAfterMs: number
    }
  /** Perhaps the record's fault: try again, a few times. */
  | { readonly status: 'failed'; readonly code: ErrorCode; readonly reason: string }

/** What becomes of records when the worker leaves before their turn. */
export const LEAVING: Outcome = {
  status: 'deferred',
  code: 'SHUTTING_DOWN',
  reason: 'the worker leaves',
  retryAfterMs: 0,
}
