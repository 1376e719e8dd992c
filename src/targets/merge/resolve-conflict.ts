import type { Schemas } from '../../config/schemas.ts'
import { quoteTable } from '../../database/quote.ts'
import type { Sql } from '../../database/sql.ts'
import { WritebackError } from '../../errors.ts'

/** What to do about a conflict: the place's value stays (`sheet`), the database's is written, or another one is. */
export type Take = 'sheet' | 'database' | { readonly value: string | number | boolean | null }

/** The record whose job is to be published, so that the decision is carried out. */
export interface ResolvedConflict {
  readonly target: string
  readonly recordId: string
  /** Header of the column, or name of the field. */
  readonly column: string
}

/**
 * Decides an open conflict. The place follows with the record's next batch: publish a job for what is returned, in the
 * same transaction. The decision holds until the database's value changes or somebody changes the place's again.
 *
 * How it takes effect: the record's base (`sync_record.base`) is set as if both sides had agreed. For the database, on
 * what the place shows, so that it counts as not edited; else on the value that was chosen, over the database's. A
 * document that has not changed is looked at all the same.
 *
 * @param id id of the conflict
 * @param take whose value to take
 * @param by who decided
 * @throws WritebackError `OPERATION_INVALID` when there is no such open conflict
 */
export async function resolveConflict(
  sql: Sql,
  schemas: Schemas,
  id: string,
  take: Take,
  by: string,
): Promise<ResolvedConflict> {
  const table = (name: string) => quoteTable(schemas.library, name)
  const choice = typeof take === 'object' ? 'value' : take
  const [row] = await sql.query<{ target: string; record_key: string; column_name: string }>(
    `with chosen as (
       update ${table('sync_conflict')} c
       set state = 'resolved', open = null, resolved_at = now(), resolved_by = $3,
         winner = (case $2 when 'value' then 'merged' else $2 end)::${table('sync_winner')},
         resolution = coalesce(case $2 when 'value' then $4::jsonb when 'sheet' then c.sheet else c.database end, 'null')
       where c.id::text = $1 and c.open
       returning c.target, c.record_key, c.column_name, c.database, c.sheet, c.resolution
     ), shown as (
       -- What a merge put there, else what somebody typed.
       select c.*, coalesce(case when r.base -> c.column_name ? 'kept' then r.base -> c.column_name -> 'seen' end,
         c.sheet, 'null') as cell
       from chosen c join ${table('sync_record')} r on r.target = c.target and r.record_key = c.record_key
     ), based as (
       update ${table('sync_record')} r
       set hash = null, base = r.base || jsonb_build_object(s.column_name, case $2
         when 'database' then s.cell
         else jsonb_build_object('kept', s.resolution, 'over', coalesce(s.database, 'null'), 'seen', s.cell,
           'from', s.resolution)
         end)
       from shown s
       where r.target = s.target and r.record_key = s.record_key
     )
     select target, record_key, column_name from chosen`,
    [id, choice, by, typeof take === 'object' ? JSON.stringify(take.value) : null],
  )
  if (row) return { target: row.target, recordId: row.record_key, column: row.column_name }
  throw new WritebackError('OPERATION_INVALID', {
    problem: 'nothing to resolve',
    expected: 'the id of an open conflict',
    got: id,
    remedy: 'List the open ones with "writeback conflicts"',
  })
}
