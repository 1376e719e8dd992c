import type { SheetTarget } from '../config/target.ts'
import type { ErrorCode } from '../errors.ts'

/** Reads records as they are in the database now. */
export interface RecordReader {
  /**
   * @param ids encoded ids, see `encodeRecordId`
   * @returns records by id; one that is missing has been deleted, or the target's filter leaves it out
   */
  read(target: SheetTarget, ids: readonly string[]): Promise<ReadonlyMap<string, object>>
}

/** Records of one target to bring up to date in the sheet. */
export interface LaneRequest {
  readonly target: SheetTarget
  readonly ids: readonly string[]
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
