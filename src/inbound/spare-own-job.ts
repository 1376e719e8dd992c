import { isThenable } from '../config/describe.ts'
import { quoteTable } from '../database/quote.ts'
import { queuedJobSql } from '../queue/job-search.ts'
import { QUEUES } from '../queue/queue-names.ts'
import type { RecordOfModel } from '../source/paging.ts'
import type { KnownRecord, PendingEdit } from './edit-store.ts'
import { contextOf, type RecordWork, readRecord } from './record-work.ts'

/**
 * Ends the job that the write of these edits has queued for their own place, where that would find nothing to write: the
 * place shows the whole record already. A batch would read the place to see it, a call for each batch: a person who
 * types on, or pastes a column, would use up the quota with them.
 *
 * Only a job that this transaction itself has queued ends. Another one of the record may be there for a reason of its
 * own, such as what somebody typed meanwhile. Whatever else is open about the record keeps the job, too.
 */
export async function spareOwnJob(
  work: RecordWork,
  written: readonly PendingEdit[],
  known: KnownRecord | undefined,
  bases: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { sql, config, target, id } = work
  if (known === undefined || known.intended.size > 0 || written.length === 0) return
  const record = await readRecord(work)
  if (record === null || !isWanted(work, record)) return
  if (!isShown(work, record, { ...known.base, ...bases }, written[0]?.zone ?? '')) return
  const { library, queue } = config.schemas
  const table = (name: string) => quoteTable(library, name)
  await sql.query(
    `update ${quoteTable(queue, 'job')} j
     set state = 'completed', started_on = ${quoteTable(queue, 'job_now')}(),
       completed_on = ${quoteTable(queue, 'job_now')}(), output = '{"change": "unchanged"}'
     where j.name = $1 and j.id = (${queuedJobSql(config.schemas, 'q.id', '$1', '$2')})
       and j.data->'context'->>'correlationId' = $3
       and not exists (
         select from ${table('sync_record')} where target = $4 and record_key = $5 and missing_since is not null)
       and not exists (select from ${table('sync_conflict')} where target = $4 and open and record_key = $5)
       and not exists (select from ${table('sync_edit')} where target = $4 and open and record_key = $5)`,
    [
      ...[QUEUES.writeBack, `${target.name}:${target.model}:${id}`],
      ...[contextOf(work, written).correlationId, target.name, id],
    ],
  )
}

/** Whether the record stands in the place. */
function isWanted({ target: { filter } }: RecordWork, record: RecordOfModel): boolean {
  const answer: unknown = filter === undefined || filter(record as never)
  return !isThenable(answer) && Boolean(answer)
}

/** A record that cannot be shown has its batch say so. */
function isShown({ rules }: RecordWork, record: RecordOfModel, base: object, zone: string): boolean {
  try {
    return rules.isShown(record, base as Readonly<Record<string, unknown>>, zone)
  } catch {
    return false
  }
}
