import type { Schemas } from '../config/schemas.ts'
import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
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

/** What is locked while the edits of a record are applied. */
export interface LockedRecord {
  /** Whether the record is there. */
  readonly exists: boolean
  readonly known: KnownRecord | undefined
  /** In the order in which they were found. */
  readonly edits: readonly PendingEdit[]
}

/** What is written down when edits are decided. */
export interface Settlement {
  readonly decided?: readonly DecidedEdit[]
  /** Ids of edits that are none any more. */
  readonly forgotten?: readonly string[]
  /** What both agree on now, by header: the outbound batch goes by it. */
  readonly bases?: Readonly<Record<string, unknown>>
}

interface StoredRecord {
  readonly base: KnownRecord['base']
  readonly intended: object | null
}

type PendingRow = Edit & { readonly seenAt: string }

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

  /**
   * Locks a record, what is known of it and its edits that wait, until the end of the transaction; one statement, as each
   * is a way to the database that every edit takes.
   * @param record the record's row, see `lockRowSql`
   */
  async lock(
    sql: Sql,
    target: string,
    id: string,
    record: { readonly text: string; readonly values: readonly unknown[] },
  ): Promise<LockedRecord> {
    const at = record.values.length
    const [row] = await sql.query<{
      exists: boolean
      known: StoredRecord | null
      edits: PendingRow[] | null
    }>(
      `with record as (${record.text}), known as (
         select base, intended from ${this.#record} where target = $${at + 1} and record_key = $${at + 2} for update
       ), waiting as (
         select id, target, record_key, kind, column_name, base, shown, zone, state, editor, seen_at
         from ${this.#edit} where target = $${at + 1} and record_key = $${at + 2} and open and state = 'pending' for update
       )
       select (select count(*) > 0 from record) as exists,
         (select jsonb_build_object('base', base, 'intended', intended) from known) as known,
         (select jsonb_agg(jsonb_build_object('id', id::text, 'target', target, 'recordKey', record_key, 'kind', kind,
            'column', column_name, 'base', base, 'shown', shown, 'zone', zone, 'state', state, 'editor', editor,
            'seenAt', seen_at) order by id) from waiting) as edits`,
      [...record.values, target, id],
    )
    const known = row?.known ?? undefined
    return {
      exists: row?.exists ?? false,
      known: known && { base: known.base, intended: new Set(Object.keys(known.intended ?? {})) },
      edits: (row?.edits ?? []).map((edit) => ({ ...edit, seenAt: new Date(edit.seenAt) })),
    }
  }

  /** Writes down what became of edits, and what place and database agree on now, in one statement. */
  async settle(
    sql: Sql,
    target: string,
    id: string,
    { decided, forgotten, bases }: Settlement,
  ): Promise<void> {
    await sql.query(
      `with based as (
         update ${this.#record} set base = base || $3::jsonb
         where target = $1 and record_key = $2 and $3::jsonb <> '{}'::jsonb
       ), forgotten as (
         delete from ${this.#edit} where id = any ($4::text[]::bigint[])
       )
       update ${this.#edit} e
       set state = x.state::${this.#state}, open = case when x.state = 'refused' then true end, code = x.code,
         reason = x.reason, before = x.before, after = x.after, decided_at = now()
       from jsonb_to_recordset($5::jsonb) as x (id bigint, state text, code text, reason text, before jsonb, after jsonb)
       where e.id = x.id`,
      [target, id, JSON.stringify(bases ?? {}), forgotten ?? [], JSON.stringify(decided ?? [])],
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

  /**
   * Refuses all edits of a record that wait. The place keeps what was typed, as with any other that is refused, over what
   * both had agreed on: what the record is by now is not known here.
   * @returns how many
   */
  async refuseAll(sql: Sql, target: string, id: string, { code, reason }: Refusal): Promise<number> {
    const refused = await sql.query(
      `with refused as (
         update ${this.#edit} set state = 'refused', code = $3, reason = $4, decided_at = now()
         where target = $1 and record_key = $2 and open and state = 'pending'
         returning kind, column_name, base, shown
       ), known as (
         select e.column_name, e.shown, case
             when r.intended ? e.column_name or not r.base ? e.column_name then e.base
             when jsonb_typeof(r.base -> e.column_name) = 'object' and r.base -> e.column_name ? 'kept'
               then r.base -> e.column_name -> 'from'
             else r.base -> e.column_name end as agreed
         from refused e join ${this.#record} r on r.target = $1 and r.record_key = $2 where e.kind = 'change'
       ), kept as (
         select jsonb_object_agg(column_name, jsonb_build_object(
             'kept', shown, 'over', coalesce(agreed, 'null'), 'seen', shown, 'from', coalesce(agreed, 'null'))) as cells
         from known
       ), stored as (
         update ${this.#record} r set base = r.base || kept.cells from kept
         where r.target = $1 and r.record_key = $2 and kept.cells is not null
       )
       select from refused`,
      [target, id, code, reason],
    )
    return refused.length
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
