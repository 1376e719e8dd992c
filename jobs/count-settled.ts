import { setTimeout as sleep } from 'node:timers/promises'
import type { JobResult, JobWithMetadata } from 'pg-boss'
import type { Change } from '../src/change/change.ts'
import type { Schemas } from '../src/config/schemas.ts'
import { quoteTable } from '../src/database/quote.ts'
import type { Sql } from '../src/database/sql.ts'
import { messageOf } from '../src/errors.ts'
import { noteProgress } from '../src/queue/progress.ts'
import { QUEUES } from '../src/queue/queues.ts'
import type { Runtime } from './job.ts'

type Job = JobWithMetadata<unknown>

/** How long a batch may take to be settled, and how often it is looked at, in milliseconds. */
const SETTLES_WITHIN_MS = 2_000
const LOOK_EVERY_MS = 10

/**
 * Counts, for `writeback status`, the jobs of a batch that will not be tried again. Never rejects: jobs that are done
 * must not fail because they were not counted.
 */
export async function countSettled(
  { sql, config, log }: Pick<Runtime, 'sql' | 'config' | 'log'>,
  jobs: readonly Job[],
  results: readonly JobResult[],
): Promise<void> {
  const status = new Map(results.map((result) => [result.id, result.status]))
  const settled = jobs.filter((job) => {
    const ended = status.get(job.id)
    return ended === 'failed' ? job.retryCount >= job.retryLimit : ended !== undefined
  })
  if (settled.length === 0) return
  try {
    await untilSettled(sql, config.schemas, settled)
  } catch (error) {
    log.debug({ error: messageOf(error) }, 'it is not known whether changes are settled')
  }
  const known = new Set(config.targets.map(({ name }) => name))
  for (const [target, own] of Map.groupBy(settled, targetOf)) {
    if (target === undefined || !known.has(target)) continue
    const change = { target, settled: own.length, oldest: oldestOf(own) }
    await noteProgress(sql, config.schemas, change).catch((error) =>
      log.debug({ target, error: messageOf(error) }, 'settled changes were not counted'),
    )
  }
}

/**
 * Waits until pg-boss has settled the jobs, for a while: those of a batch would count as settled and as active at the same
 * time.
 */
async function untilSettled(sql: Sql, schemas: Schemas, jobs: readonly Job[]): Promise<void> {
  const deadline = performance.now() + SETTLES_WITHIN_MS
  const ids = jobs.map(({ id }) => id)
  for (;;) {
    const active = await sql.query(
      `select from ${quoteTable(schemas.queue, 'job')} where name = $1 and id = any ($2::uuid[]) and state = 'active' limit 1`,
      [QUEUES.writeBack, ids],
    )
    if (active.length === 0 || performance.now() > deadline) return
    await sleep(LOOK_EVERY_MS, undefined, { ref: false })
  }
}

/** Undefined for data that is no change: such a job is a dead letter. */
function targetOf({ data }: Job): string | undefined {
  return (data as Partial<Change> | null)?.target
}

/** When the oldest was queued of those that did not wait for a further attempt on purpose. */
function oldestOf(jobs: readonly Job[]): Date | null {
  const queued = jobs.filter((job) => job.retryCount === 0).map((job) => job.createdOn.getTime())
  return queued.length > 0 ? new Date(Math.min(...queued)) : null
}
