import { quoteTable } from '../../database/quote.ts'
import type { Sql } from '../../database/sql.ts'
import type { ConflictNote } from './decide-value.ts'

/** The table `sync_conflict` as targets write it that merge. Each method is one statement. */
export class ConflictStore {
  protected readonly conflict: string
  readonly #winner: string
  readonly #state: string
  readonly #place: string

  /**
   * @param schema Postgres schema of the `sync_` tables
   * @param place what the place is called in reasons
   */
  constructor(schema: string, place: string) {
    this.conflict = quoteTable(schema, 'sync_conflict')
    this.#winner = quoteTable(schema, 'sync_winner')
    this.#state = quoteTable(schema, 'sync_conflict_state')
    this.#place = place
  }

  /** Lists conflicts; one that is listed already is brought up to date. */
  async save(
    sql: Sql,
    target: string,
    conflicts: readonly { readonly id: string; readonly note: ConflictNote }[],
  ): Promise<void> {
    const rows = conflicts.map(({ id, note }) => ({
      record_key: id,
      column_name: note.header,
      base: note.base,
      database: note.database,
      sheet: note.sheet,
      winner: note.winner,
      reason: note.reason,
      open: note.open,
    }))
    await sql.query(
      `insert into ${this.conflict}
         (target, record_key, column_name, base, database, sheet, winner, reason, state, open, resolved_at, resolved_by)
       select $1, x.record_key, x.column_name, x.base, x.database, x.sheet, x.winner::${this.#winner}, x.reason,
         (case when x.open then 'open' else 'resolved' end)::${this.#state},
         case when x.open then true end, case when not x.open then now() end, case when not x.open then 'system' end
       from jsonb_to_recordset($2::jsonb) as x (record_key text, column_name text, base jsonb, database jsonb,
         sheet jsonb, winner text, reason text, open boolean)
       on conflict (target, open, record_key, column_name) do update
       set base = excluded.base, database = excluded.database, sheet = excluded.sheet, winner = excluded.winner,
         reason = excluded.reason`,
      [target, JSON.stringify(rows)],
    )
  }

  /** Ends conflicts of values in which place and database agree again. */
  async settle(
    sql: Sql,
    target: string,
    settled: readonly { readonly id: string; readonly header: string }[],
  ): Promise<void> {
    await sql.query(
      `update ${this.conflict} c
       set state = 'resolved', open = null, resolved_at = now(), resolved_by = 'system', winner = 'database',
         reason = c.reason || $4
       from unnest($2::text[], $3::text[]) as x (record_key, column_name)
       where c.target = $1 and c.open and c.record_key = x.record_key and c.column_name = x.column_name`,
      [
        target,
        settled.map(({ id }) => id),
        settled.map(({ header }) => header),
        `; ${this.#place} and database agree again`,
      ],
    )
  }
}
