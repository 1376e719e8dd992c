/**
 * A decision that a person, or a merge, made about one value: the place keeps a value that differs from the
 * database's, until either side changes again. As stored in `sync_record.base`, see `resolve-conflict.ts`.
 */
export interface Settled<Shown, Own = Shown> {
  /** What the place shall show. */
  readonly kept: Shown
  /** The database's value at the time of the decision. */
  readonly over: Own
  /** What the place showed at the time of the decision. */
  readonly seen: Shown
  /** What a later edit of the place, or change in the database, is compared with. */
  readonly from: Shown
}
