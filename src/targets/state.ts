import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import type { ErrorCode, WritebackError } from '../errors.ts'

/** Whether a target is written, and since when that is so. */
export interface TargetState {
  readonly state: 'active' | 'paused' | 'stopped'
  readonly since: Date
}

/** Who the library is where it changes a state by itself. */
const SYSTEM = 'system'

/** What `sync_target` says of whether a target can go on. */
export class TargetStates {
  readonly #table: string
  readonly #state: string

  /** @param schema Postgres schema of the `sync_` tables */
  constructor(schema: string) {
    this.#table = quoteTable(schema, 'sync_target')
    this.#state = quoteTable(schema, 'sync_target_state')
  }

  /** @returns undefined for a target that is not registered */
  async read(sql: Sql, target: string): Promise<TargetState | undefined> {
    const [row] = await sql.query<TargetState>(
      `select state::text, state_changed_at as since from ${this.#table} where name = $1`,
      [target],
    )
    return row
  }

  /**
   * Stops a target until somebody resumes it: its jobs wait. One that is stopped already keeps its reason.
   * @returns whether it went on until now
   */
  async stop(sql: Sql, target: string, { code, message }: WritebackError): Promise<boolean> {
    const rows = await sql.query(
      `update ${this.#table} set state = 'stopped'::${this.#state}, reason = $2, changed_by = $3,
         state_changed_at = now(), updated_at = now()
       where name = $1 and state <> 'stopped' returning name`,
      [target, `${code} ${message}`, SYSTEM],
    )
    return rows.length > 0
  }

  /** Writes down what a target fails with. */
  async recordError(sql: Sql, targets: readonly string[], code: string, message: string): Promise<void> {
    await sql.query(
      `update ${this.#table} set last_error_at = now(), last_error_code = $2, last_error = $3, updated_at = now()
       where name = any($1)`,
      [targets, code, message],
    )
  }

  /** Takes errors back that are over, though no record has come through since. */
  async clearError(sql: Sql, target: string, codes: readonly ErrorCode[]): Promise<void> {
    await sql.query(
      `update ${this.#table} set last_error_at = null, last_error_code = null, last_error = null, updated_at = now()
       where name = $1 and last_error_code = any($2)`,
      [target, codes],
    )
  }
}
