import type { Schemas } from '../config/schemas.ts'
import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import type { Settled } from '../targets/merge/settled.ts'
import type { Edit } from './edit.ts'
import type { Refusal } from './refusal.ts'

/** An edit that waits. */
export type PendingEdit = Edit & { readonly seenAt: Date }

/** What became of an edit. */
export interface DecidedEdit {
  readonly id: string
  readonly state: 'applied' | 'refused' | 'lost'
  readonly code?: Refusal['code'] | undefined
  readonly reason?: string | undefined
  /** What the place would show of the record's value before, and of what was written. */
  readonly before?: unknown
  readonly after?: unknown
}

/** What is known of a record in a target. */
export interface KnownRecord {
  /** Values by header, see `sync_record.base`. */
  readonly base: Readonly<Record<string, unknown>>
  /** Headers of cells that a call was about to write whose end is not known. */
  readonly intended: ReadonlySet<string>
}

/** Tables of edits, and of what was agreed on. Each method is one statement. */
export class EditStore {
  readonly #edit: string
  readonly #state: string
  readonly #record: string

  constructor(schemas: Schemas) {
    this.#edit = quoteTable(schemas.library, 'sync_edit')
    this.#state = quoteTable(schemas.library, 'sync_edit_state')
    this.#record = quoteTable(schemas.library, 'sync_record')
  }

  /** Locks what is known of a record, until the end of the transaction. */
  async lockRecord(sql: Sql, target: string, id: string): Promise<KnownRecord | undefined> {
    const [row] = await sql.query<{ base: KnownRecord['base']; intended: object | null }>(
      `select base, intended from ${this.#record} where target = $1 and record_key = $2 for update`,
      [target, id],
    )
    return row && { base: row.base, intended: new Set(Object.keys(row.intended ?? {})) }
  }

  /** Locks the edits of a record that wait, in the order in which they were found. */
  async lockPending(sql: Sql, target: string, id: string): Promise<PendingEdit[]> {
    return await sql.query<PendingEdit>(
      `select id::text, target, record_key as "recordKey", kind::text, column_name as "column", base, shown, zone,
         state::text, editor, seen_at as "seenAt"
       from ${this.#edit} where target = $1 and record_key = $2 and open and state = 'pending' order by sync_edit.id for update`,
      [target, id],
    )
  }

  /** Forgets edits that are none any more. */
  async forget(sql: Sql, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    await sql.query(`delete from ${this.#edit} where id = any ($1::text[]::bigint[])`, [ids])
  }

  /** Writes down what became of edits. */
  async decide(sql: Sql, decided: readonly DecidedEdit[]): Promise<void> {
    if (decided.length === 0) return
    await sql.query(
      `update ${this.#edit} e
       set state = x.state::${this.#state}, open = case when x.state = 'refused' then true end, code = x.code,
         reason = x.reason, before = x.before, after = x.after, decided_at = now()
       from jsonb_to_recordset($1::jsonb) as x (id bigint, state text, code text, reason text, before jsonb, after jsonb)
       where e.id = x.id`,
      [JSON.stringify(decided)],
    )
  }

  /** What place and database agree on now, by header: the outbound batch goes by it. */
  async rebase(
    sql: Sql,
    target: string,
    id: string,
    bases: Readonly<Record<string, unknown | Settled<unknown>>>,
  ): Promise<void> {
    if (Object.keys(bases).length === 0) return
    await sql.query(
      `update ${this.#record} set base = base || $3::jsonb where target = $1 and record_key = $2`,
      [target, id, JSON.stringify(bases)],
    )
  }

  /** Writes down a record that was made of an entry, with what the entry shows. */
  async addRecord(sql: Sql, target: string, id: string, base: object): Promise<void> {
    await sql.query(
      `insert into ${this.#record} (target, record_key, base) values ($1, $2, $3::jsonb)
       on conflict (target, record_key) do update set base = excluded.base, missing_since = null`,
      [target, id, JSON.stringify(base)],
    )
  }

  /** The entry of a record is to come back: nobody's removal of it stands. */
  async wantBack(sql: Sql, target: string, id: string): Promise<void> {
    await sql.query(`update ${this.#record} set missing_since = null where target = $1 and record_key = $2`, [
      target,
      id,
    ])
  }

  /** Refuses all edits of a record that wait. @returns what they were */
  async refuseAll(
    sql: Sql,
    target: string,
    id: string,
    { code, reason }: Refusal,
  ): Promise<readonly Edit['kind'][]> {
    const refused = await sql.query<{ kind: Edit['kind'] }>(
      `update ${this.#edit} set state = 'refused', code = $3, reason = $4, decided_at = now()
       where target = $1 and record_key = $2 and open and state = 'pending' returning kind::text`,
      [target, id, code, reason],
    )
    return refused.map(({ kind }) => kind)
  }

  /** Ends all edits of a record that wait: its target lets nobody change anything any more. @returns how many */
  async withdrawAll(sql: Sql, target: string, id: string): Promise<number> {
    const ended = await sql.query(
      `update ${this.#edit} set state = 'withdrawn', open = null, decided_at = now()
       where target = $1 and record_key = $2 and open and state = 'pending' returning 1`,
      [target, id],
    )
    return ended.length
  }
}
