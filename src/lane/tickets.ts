import type { Schemas } from '../config/schemas.ts'
import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'

/** SQL that makes the sequence of the tickets. Without a cache: a session that kept numbers would draw old ones later. */
export function ticketSequenceSql({ library }: Schemas): string {
  return `create sequence if not exists ${quoteTable(library, 'sync_ticket')} cache 1`
}

/** What the database had seen when a ticket was drawn. */
export interface DrawnTicket {
  readonly ticket: bigint
  /** The oldest transaction that was still writing: what is below it is over, and every later read sees it. */
  readonly xmin: bigint
  /** Above every transaction that was over: what committed before the draw is below it. */
  readonly xmax: bigint
}

/**
 * Numbers that make late writers harmless. One is drawn for a batch after its jobs were fetched and before its records
 * are read, and is sent as the version of what was read: a place that compares versions refuses an older one.
 *
 * Why that is right: the job of a committed change is fetched after the commit, the ticket is drawn after that, and the
 * read comes after the ticket. So the highest ticket that was ever sent for a record was followed by a read that saw its
 * last change, or another job of the record is queued. A refusal therefore means that a newer state stands there.
 * A clock would not do (it ties, and jumps), nor would the position of the change in the log: the read is later.
 */
export class Tickets {
  readonly #sequence: string

  /** @param schema Postgres schema of the `sync_` tables */
  constructor(schema: string) {
    this.#sequence = quoteTable(schema, 'sync_ticket')
  }

  /** @returns the next number, with the snapshot in which it was drawn */
  async draw(sql: Sql): Promise<DrawnTicket> {
    const [row] = await sql.query<Record<keyof DrawnTicket, string>>(
      `select nextval($1::regclass)::text as ticket, pg_snapshot_xmin(s)::text as xmin, pg_snapshot_xmax(s)::text as xmax
       from pg_current_snapshot() s`,
      [this.#sequence],
    )
    return { ticket: BigInt(row?.ticket ?? 0), xmin: BigInt(row?.xmin ?? 0), xmax: BigInt(row?.xmax ?? 0) }
  }

  /**
   * A place has seen a number that was never drawn here: the database was restored to an earlier point. The next number
   * is above it.
   * @returns whether the sequence was behind
   */
  async raiseAbove(sql: Sql, version: bigint): Promise<boolean> {
    const rows = await sql.query(
      `select setval($1::regclass, $2::bigint) from ${this.#sequence} where last_value < $2::bigint`,
      [this.#sequence, version.toString()],
    )
    return rows.length > 0
  }
}
