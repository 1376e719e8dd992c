import type { Schemas } from '../config/schemas.ts'
import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import type { Edit } from './edit.ts'

/** An edit as it is found in a place. */
export interface SeenEdit {
  /** The record's id; of an entry that is to become a record, the id that it will have. */
  readonly id: string
  readonly kind: Edit['kind']
  /** Header of the column; empty for an entry that was added or removed. */
  readonly column: string
  /** What place and database had agreed on; of a decision about the cell, what it is compared with (`from`). */
  readonly base: unknown
  /** What the place shows; of a new entry its values by header. */
  readonly shown: unknown
  /** What the place needs to read it, for a spreadsheet its time zone, and what it had taken for a date. */
  readonly zone: string
  /** Who made it, where the place tells. */
  readonly editor?: string | undefined
  /** True for one that was refused, and stands there since: it is as old as it was. @defaultValue false */
  readonly isAgain?: boolean
}

/**
 * Puts edits into the inbox, in one statement. One that waits already is brought up to date. One that was refused stays
 * so while it is the same; another value in its place withdraws it and waits anew.
 *
 * @returns ids of the records that have something new: send their jobs (`sendInbound`) once this is committed
 */
export async function seeEdits(
  sql: Sql,
  schemas: Schemas,
  target: string,
  edits: readonly SeenEdit[],
): Promise<string[]> {
  if (edits.length === 0) return []
  const table = quoteTable(schemas.library, 'sync_edit')
  const rows = edits.map(({ id, kind, column, base, shown, zone, editor, isAgain: again }) => ({
    ...{ record_key: id, kind, column_name: column, base, shown, zone, editor, again },
  }))
  const found = await sql.query<{ record_key: string }>(
    `with given as (
       select distinct on (record_key, column_name) *
       from jsonb_to_recordset($2::jsonb) as x (record_key text, kind text, column_name text, base jsonb, shown jsonb,
         zone text, editor text, again boolean)
       order by record_key, column_name
     ), stale as (
       update ${table} e set state = 'withdrawn', open = null, decided_at = now()
       from given g
       where e.target = $1 and e.open and e.record_key = g.record_key and e.column_name = g.column_name
         and e.state = 'refused' and (e.kind::text, e.base, e.shown) is distinct from (g.kind, g.base, g.shown)
       returning 1
     )
     insert into ${table} as e (target, record_key, kind, column_name, base, shown, zone, editor, seen_at)
     select $1, g.record_key, g.kind::${quoteTable(schemas.library, 'sync_edit_kind')}, g.column_name, g.base, g.shown,
       coalesce(g.zone, ''), g.editor, coalesce((
         select p.seen_at from ${table} p
         where g.again and p.target = $1 and p.open is null and p.record_key = g.record_key
           and p.column_name = g.column_name and p.state = 'withdrawn' and p.shown is not distinct from g.shown
         order by p.decided_at desc limit 1
       ), now())
     -- Counted, so that the stale ones are out of the way first.
     from given g, (select count(*) from stale) as counted
     order by g.record_key, g.column_name
     on conflict (target, open, record_key, column_name) do update
     set kind = excluded.kind, base = excluded.base, shown = excluded.shown, zone = excluded.zone,
       editor = coalesce(excluded.editor, case when e.shown is not distinct from excluded.shown then e.editor end), state = 'pending', code = null, reason = null, before = null, after = null,
       decided_at = null, seen_at = excluded.seen_at
     where e.state = 'waiting' or (e.kind, e.base, e.shown) is distinct from (excluded.kind, excluded.base, excluded.shown)
     returning record_key`,
    [target, JSON.stringify(rows)],
  )
  return [...new Set(found.map(({ record_key }) => record_key))]
}

/**
 * Ends edits that wait, or were refused, whose value is no edit any more: the place shows the database's value again, or
 * what both had agreed on.
 * @returns how many
 */
export async function withdrawEdits(
  sql: Sql,
  schemas: Schemas,
  target: string,
  cells: readonly { readonly id: string; readonly column: string }[],
): Promise<number> {
  if (cells.length === 0) return 0
  const ended = await sql.query(
    `update ${quoteTable(schemas.library, 'sync_edit')} e
     set state = 'withdrawn', open = null, decided_at = now()
     from unnest($2::text[], $3::text[]) as x (record_key, column_name)
     where e.target = $1 and e.open and e.record_key = x.record_key and e.column_name = x.column_name
     returning 1`,
    [target, cells.map(({ id }) => id), cells.map(({ column }) => column)],
  )
  return ended.length
}
