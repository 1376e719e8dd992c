import type { Schemas } from '../config/schemas.ts'
import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'

/** A change that waited longer than this for a worker belongs to a backlog, in milliseconds. */
export const BEHIND_MS = 2_000

/** How long the counts by second are kept, in seconds. */
export const RECENT_SECONDS = 60

/** Changes of one target that a worker has settled together. */
export interface SettledChanges {
  readonly target: string
  /** How many were settled: written, found as they should be, or made a dead letter. */
  readonly settled: number
  /** When the oldest of them was queued; null where all of them are further attempts, which waited on purpose. */
  readonly oldest: Date | null
}

/**
 * Counts what a worker has settled, in `sync_progress`. The jobs themselves cannot be asked: pg-boss's table has no index
 * on the time of completion, and it keeps settled jobs for days.
 *
 * A backlog begins when its oldest change is queued. It is over when everything that was queued before has been settled:
 *
 *     batch      its oldest change waited   queued                                  then
 *     9:00:10    8 s                        9:00:02                                 a backlog since 9:00:02
 *     9:00:20    15 s                       9:00:05, before 9:00:10                 the same one goes on
 *     9:00:21    0.1 s                      a person's change that went first       is counted, and changes nothing else
 *     9:30:05    4 s                        9:30:01, after the last one that waited  a new backlog since 9:30:01
 *
 * One statement, so that workers which settle changes of the same target add up.
 */
export async function noteProgress(sql: Sql, schemas: Schemas, changes: SettledChanges): Promise<void> {
  const { target, settled, oldest } = changes
  const second = 'floor(extract(epoch from now()))::bigint'
  // Changes are counted from the first second of a backlog on, and only later is it known to be one.
  const sinceOldest = `(select coalesce(sum(value::bigint), 0) from jsonb_each_text(p.recent)
         where key::bigint >= floor(extract(epoch from excluded.since)))`
  const isNew =
    'excluded.behind_until is not null and (p.behind_until is null or excluded.since > p.behind_until)'
  const isBehind = `$3::timestamptz < now() - interval '${BEHIND_MS} ms'`
  await sql.query(
    `insert into ${quoteTable(schemas.library, 'sync_progress')} as p (target, since, settled, behind_until, recent)
     values ($1, case when ${isBehind} then $3::timestamptz end, $2, case when ${isBehind} then now() end,
       jsonb_build_object(${second}, $2::bigint))
     on conflict (target) do update set
       since = case when ${isNew} then excluded.since else p.since end,
       settled = case when ${isNew} then ${sinceOldest} else p.settled end + excluded.settled,
       behind_until = coalesce(excluded.behind_until, p.behind_until),
       recent = (
         select jsonb_object_agg(key, count) from (
           select key, sum(value::bigint) as count
           from (select * from jsonb_each_text(p.recent) union all select * from jsonb_each_text(excluded.recent)) as seconds
           where key::bigint > ${second} - ${RECENT_SECONDS}
           group by key
         ) as kept
       )`,
    [target, settled, oldest],
  )
}
