import { quoteTable } from '../../../database/quote.ts'
import type { Sql } from '../../../database/sql.ts'
import type { SheetCell } from '../cells/cell.ts'
import type { ConflictNote } from '../decide/decide-cell.ts'

/** An open conflict, and what the sheet shows. */
export interface ListedConflict {
  readonly id: string
  readonly header: string
  readonly sheet: SheetCell
}

/** The table `sync_conflict` as the Sheets target writes it. Each method is one statement. */
export class ConflictStore {
  readonly #conflict: string
  readonly #winner: string
  readonly #state: string

  /** @param schema Postgres schema of the `sync_` tables */
  constructor(schema: string) {
    this.#conflict = quoteTable(schema, 'sync_conflict')
    this.#winner = quoteTable(schema, 'sync_winner')
    this.#state = quoteTable(schema, 'sync_conflict_state')
  }

  /** Open conflicts of a target that were listed during the last so many ms. */
  async within(sql: Sql, target: string, ms: number): Promise<ListedConflict[]> {
    return sql.query<ListedConflict>(
      `select record_key as id, column_name as header, sheet from ${this.#conflict}
       where target = $1 and open and created_at >= now() - $2 * interval '1 millisecond'`,
      [target, Math.ceil(ms)],
    )
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
      `insert into ${this.#conflict}
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

  /** Ends conflicts of cells in which sheet and database agree again. */
  async settle(
    sql: Sql,
    target: string,
    settled: readonly { readonly id: string; readonly header: string }[],
  ): Promise<void> {
    await sql.query(
      `update ${this.#conflict} c
       set state = 'resolved', open = null, resolved_at = now(), resolved_by = 'system', winner = 'database',
         reason = c.reason || '; sheet and database agree again'
       from unnest($2::text[], $3::text[]) as x (record_key, column_name)
       where c.target = $1 and c.open and c.record_key = x.record_key and c.column_name = x.column_name`,
      [target, settled.map(({ id }) => id), settled.map(({ header }) => header)],
    )
  }

  /**
   * Ends the conflicts about changed keys that were listed before, where no row shows such a key any more.
   * @param header of the key column
   * @param keys keys of no record, as the whole tab shows them; null where rows have none
   */
  async settleKeys(
    sql: Sql,
    target: string,
    header: string,
    keys: ReadonlySet<string | null>,
    before: string,
  ): Promise<void> {
    await sql.query(
      `update ${this.#conflict} c
       set state = 'resolved', open = null, resolved_at = now(), resolved_by = 'system', winner = 'database',
         reason = c.reason || '; no such row is there any more'
       where c.target = $1 and c.open and c.column_name = $2 and c.created_at < $5::timestamptz
         and not (case when c.sheet is null or c.sheet = 'null' then $4 else c.sheet #>> '{}' = any($3) end)`,
      [target, header, [...keys].filter((key) => key !== null), keys.has(null), before],
    )
  }
}
