import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage } from './stage/stage.ts'

/**
 * How long the system may take to come to rest after the last fault, in milliseconds: half a minute until a dead
 * worker is believed dead, two until a revoked access is tried again, and the work itself.
 */
const REST_WITHIN_MS = 240_000

/** Looks that must find nothing to do. */
const QUIET_LOOKS = 3
const LOOK_EVERY_MS = 300

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
export async function waitForRest({ database, writer }: Stage): Promise<readonly OpenJob[]> {
  const deadline = Date.now() + REST_WITHIN_MS
  for (let quiet = 0; ; ) {
    const open = await database.query<OpenJob & { [name: string]: unknown }>(
      `select name as queue, singleton_key as key, state::text, retry_count as attempts,
         (start_after - now())::text as waits
       from pgboss.job where name like 'sync.%' and name <> 'sync.write-back.dead'
         and state in ('created', 'retry', 'active') limit 20`,
    )
    quiet = open.length === 0 && writer.pending === 0 ? quiet + 1 : 0
    if (quiet >= QUIET_LOOKS) return []
    if (Date.now() > deadline) return open
    await sleep(LOOK_EVERY_MS)
  }
}
