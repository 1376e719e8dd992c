import { quoteTable } from '../../database/quote.ts'
import type { Sql } from '../../database/sql.ts'
import { REMOVED } from './fingerprint.ts'
import type { PlaceEntry, StoredDocument } from './place.ts'

/** A record that is about to be sent. */
export interface Intended {
  readonly id: string
  readonly keys: readonly string[]
}

/** A record that came through. */
export interface Written {
  readonly id: string
  readonly hash: string
  readonly keys: readonly string[]
  readonly base: Readonly<Record<string, unknown>>
}

interface Row {
  readonly id: string
  readonly ticket: string | null
  readonly hash: string | null
  readonly keys: readonly string[] | null
  readonly base: Readonly<Record<string, unknown>>
}

/** `sync_record` as targets use it that agree on whole documents. Each method is one statement. */
export class DocumentStore {
  readonly #record: string
  readonly #target: string

  /** @param schema Postgres schema of the `sync_` tables */
  constructor(schema: string) {
    this.#record = quoteTable(schema, 'sync_record')
    this.#target = quoteTable(schema, 'sync_target')
  }

  /** What is stored of records, by id. */
  async load(sql: Sql, target: string, ids: readonly string[]): Promise<Map<string, StoredDocument>> {
    const rows = await sql.query<Row>(
      `select record_key as id, ticket::text, hash, keys, base from ${this.#record}
       where target = $1 and record_key = any($2)`,
      [target, ids],
    )
    return new Map(
      rows.map(({ id, ticket, hash, keys, base }) => [
        id,
        { ticket: BigInt(ticket ?? 0), hash, keys: keys ?? [], base },
      ]),
    )
  }

  /**
   * Notes, before a call, that nobody knows what the place will show of these records: should the worker die, the next
   * one sends them whatever they show, and finds the keys of this call beside those of the one before. A record that a
   * later ticket has been noted for is left to it.
   * @returns the keys that are noted, by id, of the records that are still this ticket's
   */
  async intend(
    sql: Sql,
    target: string,
    records: readonly Intended[],
    ticket: bigint,
  ): Promise<Map<string, readonly string[]>> {
    const rows = await sql.query<{ id: string; keys: readonly string[] }>(
      `insert into ${this.#record} as r (target, record_key, base, ticket, keys)
       select $1, x.id, '{}', $3::bigint, x.keys
       from jsonb_to_recordset($2::jsonb) as x (id text, keys text[]) order by x.id
       on conflict (target, record_key) do update set ticket = excluded.ticket, hash = null,
         keys = case when excluded.keys <@ r.keys then r.keys else coalesce(r.keys, '{}') || excluded.keys end
       where coalesce(r.ticket, 0) < excluded.ticket
       returning record_key as id, keys`,
      [target, JSON.stringify(records.map(({ id, keys }) => ({ id, keys }))), ticket.toString()],
    )
    return new Map(rows.map(({ id, keys }) => [id, keys]))
  }

  /**
   * Notes that these records were read by this ticket and show what is stored, so that an earlier ticket, of a worker that
   * is slow, is not sent any more.
   * @returns ids of the records of which that is still so: of others somebody has noted another state meanwhile
   */
  async confirm(
    sql: Sql,
    target: string,
    records: readonly { readonly id: string; readonly hash: string }[],
    ticket: bigint,
  ): Promise<Set<string>> {
    if (records.length === 0) return new Set()
    const rows = await sql.query<{ id: string }>(
      `with ${this.#locked('$2::text[]')}
       update ${this.#record} set ticket = $3::bigint
       where target = $1 and record_key = any($2::text[]) and hash = $4::jsonb ->> record_key
         and coalesce(ticket, 0) < $3::bigint and (select count(*) from locked) > 0
       returning record_key as id`,
      [
        ...[target, records.map(({ id }) => id), ticket.toString()],
        JSON.stringify(Object.fromEntries(records.map(({ id, hash }) => [id, hash]))),
      ],
    )
    return new Set(rows.map(({ id }) => id))
  }

  /** Stores what came through, unless a later ticket has been noted meanwhile. */
  async save(sql: Sql, target: string, ticket: bigint, records: readonly Written[]): Promise<void> {
    if (records.length === 0) return
    // Looked up, not joined: before the table has statistics Postgres would compare each record with every row.
    const written = '($3::jsonb -> record_key)'
    await sql.query(
      `with ${this.#locked('$4::text[]')}
       update ${this.#record} set hash = ${written} ->> 'hash', base = ${written} -> 'base', intended = null,
         keys = array(select jsonb_array_elements_text(${written} -> 'keys')), written_at = now()
       where target = $1 and record_key = any($4::text[]) and ticket = $2::bigint
         and (select count(*) from locked) > 0`,
      [
        ...[
          target,
          ticket.toString(),
          JSON.stringify(Object.fromEntries(records.map((one) => [one.id, one]))),
        ],
        records.map(({ id }) => id),
      ],
    )
  }

  /** Rows in the order in which every statement here locks them: two workers that meet would else wait for each other. */
  #locked(ids: string): string {
    return `locked as materialized (
       select from ${this.#record} where target = $1 and record_key = any(${ids}) order by record_key for update
     )`
  }

  /** Goes through the records that are stored as written, for a place that cannot be listed. */
  async *entries(sql: Sql, target: string, pageSize: number): AsyncGenerator<PlaceEntry[]> {
    let after = ''
    for (;;) {
      const page = await sql.query<{ id: string }>(
        `select record_key as id from ${this.#record}
         where target = $1 and record_key > $2 and hash is not null and hash <> '${REMOVED}'
         order by record_key limit $3`,
        [target, after, pageSize],
      )
      if (page.length === 0) return
      yield page
      after = page.at(-1)?.id ?? after
    }
  }

  /** @returns the time by the database's clock, which also says when a record was written */
  async now(sql: Sql): Promise<string> {
    const [row] = await sql.query<{ now: string }>('select clock_timestamp()::text as now')
    return row?.now ?? ''
  }

  /**
   * Forgets what these records show: they are sent again, whatever they show.
   * @param asked when the place was asked: records that were written later are left alone
   */
  async doubt(sql: Sql, target: string, ids: readonly string[], asked: string): Promise<void> {
    if (ids.length === 0) return
    await sql.query(
      `update ${this.#record} set hash = null
       where target = $1 and record_key = any($2) and written_at <= $3::timestamptz`,
      [target, ids, asked],
    )
  }

  /**
   * Forgets what all records show that are stored as written and are not among these.
   * @param asked when the place was asked: records that were written later are left alone
   */
  async doubtOthers(sql: Sql, target: string, seen: readonly string[], asked: string): Promise<void> {
    await sql.query(
      `update ${this.#record} r set hash = null
       where r.target = $1 and r.hash <> '${REMOVED}' and r.written_at <= $3::timestamptz
         and not exists (select from unnest($2::text[]) as x (id) where x.id = r.record_key)`,
      [target, seen, asked],
    )
  }

  /** How many records of a target are known to have an entry. */
  async count(sql: Sql, target: string): Promise<number> {
    const [row] = await sql.query<{ count: number }>(
      `select count(*)::int as count from ${this.#record} where target = $1 and hash is distinct from '${REMOVED}'`,
      [target],
    )
    return row?.count ?? 0
  }

  /** Adds what a batch did to the target's counters. */
  async recordProgress(
    sql: Sql,
    target: string,
    progress: {
      readonly calls: number
      readonly written: number
      readonly removed: number
      readonly succeeded: boolean
    },
  ): Promise<void> {
    await sql.query(
      `update ${this.#target} set api_calls = api_calls + $2, rows_written = rows_written + $3,
         rows_removed = rows_removed + $4, updated_at = now(),
         last_success_at = case when $5 then now() else last_success_at end
       where name = $1`,
      [target, progress.calls, progress.written, progress.removed, progress.succeeded],
    )
  }
}
