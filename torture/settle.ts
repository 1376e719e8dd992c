import { setTimeout as sleep } from 'node:timers/promises'
import { decideDeletions } from './operator.ts'
import { SPREADSHEETS } from './spreadsheets.ts'
import type { TortureDatabase } from './stage/database.ts'
import type { Stage } from './stage/stage.ts'

/**
 * How long the system may take to come to rest after the last fault, in milliseconds: half a minute until a dead
 * worker is believed dead, two until a revoked access is tried again, and the work itself.
 */
const REST_WITHIN_MS = 240_000

/** Looks that must find nothing to do. */
const QUIET_LOOKS = 3
const LOOK_EVERY_MS = 300

/** Looks for edits that must have come to their end while nothing was open. The first may have begun before. */
const LOOKS_FOR_EDITS = 2

/** A job that is not settled. */
export interface OpenJob {
  readonly queue: string
  readonly key: string | null
  readonly state: string
  readonly attempts: number
  readonly waits: string
}

/**
 * Waits until every job is settled.
 * @returns the jobs that are left when that takes too long; none when it did not
 */
export async function waitForRest(stage: Stage): Promise<readonly OpenJob[]> {
  const { database, writer } = stage
  let since = await timeOf(database)
  const deadline = Date.now() + REST_WITHIN_MS
  for (let quiet = 0; ; ) {
    // A scheduled job that a killed worker held is there until it expires; the next one runs beside it.
    const open = await database.query<OpenJob & { [name: string]: unknown }>(
      `select name as queue, singleton_key as key, state::text, retry_count as attempts,
         (start_after - now())::text as waits
       from pgboss.job where name like 'sync.%' and name not in ('sync.write-back.dead', 'sync.pull')
         and state in ('created', 'retry', 'active')
         and (state <> 'active' or singleton_key is distinct from 'schedule')
       union all
       select 'an edit', concat_ws(' ', target, record_key, column_name), state::text, 0, (now() - seen_at)::text
       from sync_edit where state in ('waiting', 'pending')
       limit 20`,
    )
    await decideDeletions(stage)
    if (open.length > 0 || writer.pending > 0) quiet = 0
    // What people typed last is found by a look that begins after it.
    else if (quiet++ === 0) since = await timeOf(database)
    else if (quiet >= QUIET_LOOKS && (await looksAfter(database, since)) >= LOOKS_FOR_EDITS) return []
    if (Date.now() > deadline) return open
    await sleep(LOOK_EVERY_MS)
  }
}

async function timeOf(database: TortureDatabase): Promise<string> {
  const [row] = await database.query<{ now: string }>('select clock_timestamp()::text as now')
  return row?.now ?? ''
}

async function looksAfter(database: TortureDatabase, since: string): Promise<number> {
  const looks = await database.query(
    `select from pgboss.job where name = 'sync.pull' and state = 'completed' and started_on > $1
       and data ->> 'spreadsheetId' = $2`,
    [since, SPREADSHEETS.desk],
  )
  return looks.length
}
