import type { Schemas } from '../config/schemas.ts'
import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { sendInbound } from '../queue/inbound.ts'
import { QUEUES } from '../queue/queue-names.ts'

/** How old an edit has to be: whoever found it may be about to send its job, in seconds. */
const SETTLED_SECONDS = 30

/**
 * Sends the jobs of edits that wait and have none: whoever found them died in between, or their job did.
 * @param targets names of those that people may change something in
 * @returns how many
 */
export async function resendEdits(sql: Sql, schemas: Schemas, targets: readonly string[]): Promise<number> {
  const rows = await sql.query<{ target: string; id: string }>(
    `select e.target, e.record_key as id from ${quoteTable(schemas.library, 'sync_edit')} e
     where e.open and e.state = 'pending' and e.target = any ($2) and e.seen_at < now() - $3::int * interval '1 second'
       and not exists (
         select from ${quoteTable(schemas.queue, 'job')} j
         where j.name = $1 and j.state <= 'active' and j.singleton_key = e.target || E'\\n' || e.record_key
       )
     group by 1, 2`,
    [QUEUES.inbound, targets, SETTLED_SECONDS],
  )
  let sent = 0
  for (const [target, own] of Map.groupBy(rows, (row) => row.target))
    sent += await sendInbound(
      sql,
      schemas,
      target,
      own.map(({ id }) => id),
    )
  return sent
}
