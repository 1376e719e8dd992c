import type { Schemas } from '../config/schemas.ts'
import { quoteIdentifier, quoteLiteral } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { notifyChannel, OPTION_COLUMNS, optionValues } from './job-insert.ts'
import { QUEUES } from './queue-names.ts'

/** A place that people may have changed. */
export interface PullRequest {
  readonly spreadsheetId: string
  /** Address of who changed it, where that is known. */
  readonly editor?: string | undefined
}

/**
 * Queues a look at a spreadsheet. A look that waits already is enough: it sees what is there when it begins. Where it
 * waits for the edits of somebody else, it is nobody's: whose edits it finds cannot be told then.
 *
 * @returns false when a look was waiting
 */
export async function sendPull(
  sql: Sql,
  schemas: Schemas,
  { spreadsheetId, editor }: PullRequest,
): Promise<boolean> {
  const boss = quoteIdentifier(schemas.queue)
  const queue = quoteLiteral(QUEUES.pull)
  const [row] = await sql.query<{ sent: boolean }>(
    `with sent as (
       insert into ${boss}.job (name, data, start_after, created_on, singleton_key, ${OPTION_COLUMNS})
       select q.name, jsonb_strip_nulls(jsonb_build_object('spreadsheetId', $1::text, 'editor', $2::text)),
         ${boss}.job_now(), ${boss}.job_now(), $1::text, ${optionValues('q', `${boss}.job_now()`)}
       from ${boss}.queue q where q.name = ${queue}
       on conflict do nothing returning 1
     ), shared as (
       update ${boss}.job set data = data - 'editor'
       where name = ${queue} and singleton_key = $1 and state = 'created'
         and data->>'editor' <> coalesce($2::text, '') and not exists (select from sent)
     ), counted as (
       select count(*) > 0 as sent from sent
     )
     select sent, case when sent then pg_notify(${notifyChannel(schemas)}, ${queue}) end from counted`,
    [spreadsheetId, editor ?? null],
  )
  return row?.sent ?? false
}
