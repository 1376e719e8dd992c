import type { Schemas } from '../config/schemas.ts'
import { quoteIdentifier, quoteLiteral } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { notifyChannel, OPTION_COLUMNS, optionValues } from './job-insert.ts'
import { QUEUES } from './queue-names.ts'

/** Version of the data of a job `sync.inbound`. */
export const INBOUND_VERSION = 1

/** The job that applies the edits of one record. It names the record; the edits are in `sync_edit`. */
function inboundJob(target: string, id: string) {
  return { data: { v: INBOUND_VERSION, target, id }, singletonKey: `${target}\n${id}` } as const
}

/**
 * Queues the jobs of records that have edits; of a record whose job is queued already, nothing.
 *
 * To be called once the edits are committed: a job that is queued then is fetched after them. Should the process die
 * between the two, the recovery finds edits without a job.
 * @returns how many jobs were queued
 */
export async function sendInbound(
  sql: Sql,
  schemas: Schemas,
  target: string,
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0) return 0
  const boss = quoteIdentifier(schemas.queue)
  const jobs = [...new Set(ids)].sort().map((id) => inboundJob(target, id))
  const [row] = await sql.query<{ count: number }>(
    `with sent as (
       insert into ${boss}.job (name, data, start_after, created_on, singleton_key, group_tier, ${OPTION_COLUMNS})
       select q.name, x.data, ${boss}.job_now(), ${boss}.job_now() + x.at * interval '1 microsecond', x.key, $3,
         ${optionValues('q', `${boss}.job_now()`)}
       from ${boss}.queue q, unnest($1::jsonb[], $2::text[]) with ordinality as x (data, key, at)
       where q.name = ${quoteLiteral(QUEUES.inbound)}
       order by x.at
       on conflict do nothing returning 1
     ), counted as (
       select count(*)::int as count from sent
     )
     select count, case when count > 0 then pg_notify(${notifyChannel(schemas)}, ${quoteLiteral(QUEUES.inbound)}) end
     from counted`,
    [jobs.map(({ data }) => JSON.stringify(data)), jobs.map(({ singletonKey }) => singletonKey), target],
  )
  return row?.count ?? 0
}
