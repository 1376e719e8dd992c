import type { ErrorCode } from '../errors.ts'
import type { Target } from '../model/target.ts'

/** Records of one target to bring up to date. */
export interface LaneRequest<T extends Target> {
  readonly target: T
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
