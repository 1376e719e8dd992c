import type { Schemas } from '../config/schemas.ts'
import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { sendInbound } from '../queue/inbound.ts'
import { SAME_VALUE } from './database-refusal.ts'

/*
 * What was refused and stands there still may be right by now, though nobody has changed it, or its record: such edits are
 * taken up again. They are as old as they were.
 */

/** Why an edit was refused that may be right later: something else than its own value was against it. */
const PASSING = ['EDIT_REFUSED', 'EDIT_FAILED']

/**
 * Takes up all edits of a target again that something else than their own value was against. For the comparison: whatever
 * that was may have changed unseen.
 * @returns how many records have some
 */
export async function retryRefused(sql: Sql, schemas: Schemas, target: string): Promise<number> {
  return await retry(sql, schemas, target, 'e.code = any ($2)', [PASSING])
}

/**
 * Takes up edits again that were refused a value which edits of another record have just made free: "another record has the
 * same Reference", and the person has put that one right.
 * @param id the other record
 * @returns how many records have some
 */
export async function retryFreed(sql: Sql, schemas: Schemas, target: string, id: string): Promise<number> {
  // Materialized: else the edits that were just decided are looked through for each that was refused.
  const freed = `with freed as materialized (
    select a.column_name, a.before from ${quoteTable(schemas.library, 'sync_edit')} a
    where a.target = $1 and a.open is null and a.record_key = $3 and a.state = 'applied' and a.kind = 'change'
      and a.decided_at > now() - interval '1 minute' and a.before <> 'null')`
  const takes = `e.kind = 'change' and e.column_name = f.column_name and e.shown = f.before
    or e.kind = 'create' and e.shown -> f.column_name = f.before`
  const where = `e.reason like $2 and exists (select from freed f where ${takes})`
  return await retry(sql, schemas, target, where, [`%${SAME_VALUE}%`, id], undefined, freed)
}

/**
 * Takes up edits again that the place had shown in another way when they were refused.
 * @param edits with what the place needs to read them now
 * @returns how many records have some
 */
export async function retryRead(
  sql: Sql,
  schemas: Schemas,
  target: string,
  edits: readonly { readonly id: string; readonly column: string; readonly zone: string }[],
): Promise<number> {
  if (edits.length === 0) return 0
  const given = `select x.zone from jsonb_to_recordset($2::jsonb) as x (id text, "column" text, zone text)
    where x.id = e.record_key and x."column" = e.column_name`
  return await retry(sql, schemas, target, `exists (${given})`, [JSON.stringify(edits)], `(${given})`)
}

/** @param where on `e`; $1 is the target @param zone an expression @param before what the statement begins with */
async function retry(
  sql: Sql,
  schemas: Schemas,
  target: string,
  where: string,
  values: readonly unknown[],
  zone = 'e.zone',
  before = '',
): Promise<number> {
  const rows = await sql.query<{ id: string }>(
    `${before} update ${quoteTable(schemas.library, 'sync_edit')} e
     set state = 'pending', zone = ${zone}, code = null, reason = null, before = null, decided_at = null
     where e.target = $1 and e.open and e.state = 'refused' and e.kind <> 'remove' and (${where})
     returning e.record_key as id`,
    [target, ...values],
  )
  const ids = new Set(rows.map(({ id }) => id))
  await sendInbound(sql, schemas, target, [...ids])
  return ids.size
}
