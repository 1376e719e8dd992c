/** What the harness asks of the writer process. */
export interface WriteRequest {
  readonly id: number
  /** Name of a write. */
  readonly name: string
  readonly salt: number
}

/**
 * What became of a write.
 * - `done`: it was committed, or rolled back as it was meant to be
 * - `rejected`: the database would not have it: a record that is not there, or that is there already
 * - `refused`: the extension cannot follow it and is told to refuse
 * - `conflicted`: it lost against other transactions until the application gave up
 * - `away`: the database could not be reached; nobody knows whether it was committed
 * - `failed`: anything else, which is a fault of what is tested
 */
export const WRITE_OUTCOMES = ['done', 'rejected', 'refused', 'conflicted', 'away', 'failed'] as const
export type WriteOutcome = (typeof WRITE_OUTCOMES)[number]

/** What the writer process answers. */
export interface WriteReply {
  readonly id: number
  readonly outcome: WriteOutcome
  /** Times that the application repeated it (P2034). */
  readonly repeats: number
  readonly error?: string
}
