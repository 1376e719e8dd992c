import type { Schemas } from '../config/schemas.ts'
import { quoteIdentifier } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import type { Target } from '../model/target.ts'
import { insertReconcileSql } from '../queue/job-insert.ts'
import { kindOf } from './target.ts'
import { upsertTargetSql } from './upsert-target.ts'

/**
 * Writes the configured targets into `sync_target`, where the triggers find their lane and operators their state.
 * A target that moved to another place, or mirrors another model now, forgets what it knew of the old one.
 *
 * The comparison of a new target is asked for by the statement that registers it: a release step that dies in between
 * would leave a target whose records of before nobody looks at.
 *
 * @returns names of the targets that are new or have moved: their places are compared with their tables
 */
export async function registerTargets(
  sql: Sql,
  schemas: Schemas,
  targets: readonly Target[],
): Promise<readonly string[]> {
  const library = quoteIdentifier(schemas.library)
  const fresh: string[] = []
  for (const target of targets) {
    const { name, kind, lane, model } = target
    const [registered] = await sql.query<{ new: boolean }>(
      `with before as (
         select kind, lane, model from ${library}.sync_target where name = $1
       ), new as (
         select where not exists (select from before where (kind, lane, model) = ($4, $2, $3))
       ), asked as (
         ${insertReconcileSql(schemas, '$1::text', ' cross join new')}
       ), forgotten as (
         delete from ${library}.sync_record using before
         where target = $1 and (before.kind, before.lane, before.model) <> ($4, $2, $3)
       ), written as (
         ${upsertTargetSql(`${library}.sync_target`)}
       )
       select exists (select from new) as new`,
      [name, lane, model, kind, JSON.stringify(kindOf(target).placeOf?.(target) ?? {})],
    )
    if (registered?.new) fresh.push(name)
  }
  return fresh
}
