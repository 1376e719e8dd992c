import { quoteTable } from '../../database/quote.ts'
import type { Sql } from '../../database/sql.ts'
import type { Intent } from './intent.ts'
import type { Base } from './merge-record.ts'

/** What is stored of a record that is being written. */
export interface Known {
  readonly base: Base
  /** The write whose answer is not stored. */
  readonly intent: Intent | null
}

/**
 * `sync_record` as targets use it that merge. Every statement asks for the ticket of the batch: a worker that was thought
 * dead, and wakes up after another one took its records, stores nothing and so begins no write either.
 */
export class MergeStore {
  readonly #record: string

  /** @param schema Postgres schema of the `sync_` tables */
  constructor(schema: string) {
    this.#record = quoteTable(schema, 'sync_record')
  }

  /** What is known of the records that are this ticket's. After the ticket was noted nobody else changes it. */
  async load(sql: Sql, target: string, ticket: bigint, ids: readonly string[]): Promise<Map<string, Known>> {
    const rows = await sql.query<{ id: string; base: Base; intent: Intent | null }>(
      `select record_key as id, base, intended as intent from ${this.#record}
       where target = $1 and ticket = $2::bigint and record_key = any($3)`,
      [target, ticket.toString(), ids],
    )
    return new Map(rows.map(({ id, base, intent }) => [id, { base, intent }]))
  }

  /**
   * Stores what is known, in one statement: of writes before they are sent, and after their answers.
   * @returns ids of the records that are still this ticket's
   */
  async save(
    sql: Sql,
    target: string,
    ticket: bigint,
    known: ReadonlyMap<string, Known>,
  ): Promise<Set<string>> {
    if (known.size === 0) return new Set()
    const rows = [...known].map(([id, { base, intent }]) => ({ id, base, intent }))
    const saved = await sql.query<{ id: string }>(
      `update ${this.#record} r set base = x.base, intended = nullif(x.intent, 'null'::jsonb)
       from jsonb_to_recordset($3::jsonb) as x (id text, base jsonb, intent jsonb)
       where r.target = $1 and r.record_key = x.id and r.ticket = $2::bigint
       returning r.record_key as id`,
      [target, ticket.toString(), JSON.stringify(rows)],
    )
    return new Set(saved.map(({ id }) => id))
  }
}
