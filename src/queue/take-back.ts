import type { Schemas } from '../config/schemas.ts'
import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { QUEUES } from './queue-names.ts'

/** How often a worker says of the jobs in its hands that it lives, in seconds. */
export const BEAT_SECONDS = 10

/**
 * After so many seconds without a beat a change is taken back: two beats are missing, and pg-boss's own limit
 * of 30 has not passed, so that its supervisor finds none.
 */
export const TAKEN_BACK_SECONDS = 25

/** What the output of a job says whose worker was lost. */
export const WORKER_LOST = {
  code: 'WORKER_LOST',
  message: 'a worker ended without saying so, with this in its hands',
} as const

/**
 * How often a change that was lost with its worker comes back at once. It may be what ends the workers; from then on
 * pg-boss returns it with growing pauses of random length, which parts it from those that were with it in a batch.
 */
const AT_ONCE = 2

/**
 * Returns the changes of workers that are gone to the queue, all at the same time: no record is to blame, and together
 * they fill batches as before. pg-boss would spread them as it spreads failures; measured, 3,000 jobs came back in 318
 * batches instead of 4, and each batch costs requests of Google's quota. An attempt is used up, for a record may be what
 * ends the workers.
 *
 * @returns how many
 */
export async function takeBackLost(sql: Sql, schemas: Schemas): Promise<number> {
  const job = quoteTable(schemas.queue, 'job')
  const now = `${quoteTable(schemas.queue, 'job_now')}()`
  const rows = await sql.query(
    `with lost as (
       select j.name, j.id from ${job} j
       where j.name = $1 and j.state = 'active' and j.group_id is not null
         and j.heartbeat_on < ${now} - $2::int * interval '1 second' and j.retry_count < least(j.retry_limit, ${AT_ONCE})
       for update skip locked
     )
     update ${job} j set state = 'retry', start_after = ${now}, heartbeat_on = null, output = $3::jsonb
     from lost where j.name = lost.name and j.id = lost.id returning 1`,
    [QUEUES.writeBack, TAKEN_BACK_SECONDS, JSON.stringify(WORKER_LOST)],
  )
  return rows.length
}
