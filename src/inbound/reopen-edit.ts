import type { Schemas } from '../config/schemas.ts'
import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'

/** The cell of a record in a target. */
interface EditedCell {
  readonly target: string
  readonly id: string
  readonly column: string
}

/** Whether a conflict is about an edit that was left to a person: its decision is one about the record. */
export async function awaitsDecision(sql: Sql, schemas: Schemas, cell: EditedCell): Promise<boolean> {
  const rows = await sql.query(
    `select from ${quoteTable(schemas.library, 'sync_edit')}
     where target = $1 and record_key = $2 and column_name = $3 and open and code = 'EDIT_CONFLICT'`,
    [cell.target, cell.id, cell.column],
  )
  return rows.length > 0
}

/**
 * Takes an edit up again that was left to a person, who has decided for what stands in the place: it waits, with the
 * database's value of that time as what was agreed on. Send its job once this is committed.
 * @returns whether there was such an edit
 */
export async function reopenEdit(sql: Sql, schemas: Schemas, cell: EditedCell): Promise<boolean> {
  const rows = await sql.query(
    `with agreed as (
       update ${quoteTable(schemas.library, 'sync_record')} r
       set base = r.base || jsonb_build_object($3::text, r.base -> $3 -> 'over')
       where r.target = $1 and r.record_key = $2 and r.base -> $3 ? 'over' and exists (
         select from ${quoteTable(schemas.library, 'sync_edit')} e
         where e.target = $1 and e.record_key = $2 and e.column_name = $3 and e.open and e.code = 'EDIT_CONFLICT'
       )
       returning r.base -> $3 as base
     )
     update ${quoteTable(schemas.library, 'sync_edit')} e
     set state = 'pending', base = a.base, code = null, reason = null, before = null, decided_at = null
     from agreed a
     where e.target = $1 and e.record_key = $2 and e.column_name = $3 and e.open returning 1`,
    [cell.target, cell.id, cell.column],
  )
  return rows.length > 0
}
