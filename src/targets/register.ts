import type { Schemas } from '../config/schemas.ts'
import type { SheetTarget } from '../config/target.ts'
import { quoteIdentifier } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { insertReconcileSql } from '../queue/job-insert.ts'

/**
 * Writes the configured targets into `sync_target`, where the triggers find their lane and operators their state.
 * A target that moved to another spreadsheet, or mirrors another model now, forgets what it knew of the old one.
 *
 * The comparison of a new target is asked for by the statement that registers it: a release step that dies in between
 * would leave a target whose records of before nobody looks at.
 *
 * @returns names of the targets that are new or have moved: their tabs are compared with their tables
 */
export async function registerTargets(
  sql: Sql,
  schemas: Schemas,
  targets: readonly SheetTarget[],
): Promise<readonly string[]> {
  const library = quoteIdentifier(schemas.library)
  const fresh: string[] = []
  for (const { name, spreadsheetId, model, tab } of targets) {
    const [registered] = await sql.query<{ new: boolean }>(
      `with before as (
         select lane, model from ${library}.sync_target where name = $1
       ), new as (
         select where not exists (select from before where (lane, model) = ($2, $3))
       ), asked as (
         ${insertReconcileSql(schemas, '$1::text', ' cross join new')}
       ), forgotten as (
         delete from ${library}.sync_record using before
         where target = $1 and (before.lane, before.model) <> ($2, $3)
       ), written as (
         insert into ${library}.sync_target as t (name, lane, model, tab) values ($1, $2, $3, $4)
         on conflict (name) do update set
           lane = excluded.lane,
           model = excluded.model,
           tab = case when t.lane = excluded.lane then t.tab else excluded.tab end,
           sheet_id = case when t.lane = excluded.lane then t.sheet_id end,
           layout = case when t.lane = excluded.lane then t.layout end,
           updated_at = now()
       )
       select exists (select from new) as new`,
      [name, spreadsheetId, model, tab],
    )
    if (registered?.new) fresh.push(name)
  }
  return fresh
}
