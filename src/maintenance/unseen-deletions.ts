import { quoteTable } from '../database/quote.ts'
import type { Target } from '../model/target.ts'
import { PRIORITY, QUEUES } from '../queue/queues.ts'
import type { MaintenanceContext } from './context.ts'

/**
 * How many of these records are gone without anybody having seen it. Seen is a record whose change waits in the queue
 * or is being handled, one whose row was taken care of since the tab was read, and one whose job waited when the target
 * was last resumed: whoever resumed it has said that its row may go.
 */
export async function unseenDeletions(
  { sql, config: { schemas } }: Pick<MaintenanceContext, 'sql' | 'config'>,
  target: Target,
  ids: readonly string[],
): Promise<number> {
  const [row] = await sql.query<{ unseen: number }>(
    `select count(*)::int as unseen from ${quoteTable(schemas.library, 'sync_record')} r
     where r.target = $1 and r.record_key = any ($2) and r.record_key not in (
       select j.data->>'id'
       from ${quoteTable(schemas.queue, 'job')} j
       join ${quoteTable(schemas.library, 'sync_target')} t on t.name = $1
       where j.name = $3 and j.group_tier = $1 and j.state <= 'active' and j.data->>'id' is not null
         and (j.priority > $4 or (t.state = 'active' and j.created_on <= t.state_changed_at))
     )`,
    [target.name, ids, QUEUES.writeBack, PRIORITY.backfill],
  )
  return row?.unseen ?? 0
}
