import { quoteTable } from '../../../database/quote.ts'
import type { Sql } from '../../../database/sql.ts'

/** What is known of an account's list of changes. */
export interface DrivePlace {
  /** Where in the list the next look begins; undefined before the first. */
  readonly pageToken?: string | undefined
}

/**
 * The place in the list of changes, in a row of `sync_lane`: it outlives workers, and all of them share it.
 */
export class DrivePlaces {
  readonly #sql: Sql
  readonly #table: string
  readonly #lane: string
  readonly #holder: string

  /**
   * @param schema Postgres schema of the `sync_` tables
   * @param account the service account's address
   * @param holder name of this worker
   */
  constructor(sql: Sql, schema: string, account: string, holder: string) {
    this.#sql = sql
    this.#table = quoteTable(schema, 'sync_lane')
    this.#lane = `drive:${account}`
    this.#holder = holder
  }

  /** @returns undefined when a worker has asked within `everyMs` */
  async claim(everyMs: number): Promise<DrivePlace | undefined> {
    const [row] = await this.#sql.query<{ place: DrivePlace }>(
      `insert into ${this.#table} as lane (id, holder, held_since) values ($1, $2, now())
       on conflict (id) do update set holder = excluded.holder, held_since = now(), updated_at = now()
       where lane.held_since is null or lane.held_since <= now() - $3 * interval '1 millisecond'
       returning place`,
      [this.#lane, this.#holder, everyMs],
    )
    return row?.place
  }

  /** Stores a place, unless another worker has moved on from the same one meanwhile. */
  async move(from: DrivePlace, to: DrivePlace): Promise<void> {
    await this.#sql.query(
      `update ${this.#table} set place = $3::jsonb, updated_at = now() where id = $1 and place = $2::jsonb`,
      [this.#lane, JSON.stringify(from), JSON.stringify(to)],
    )
  }
}
