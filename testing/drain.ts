import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { startWorker } from '../jobs/start-worker.ts'
import type { WritebackConfig } from '../src/config/define-config.ts'
import type { Environment } from '../src/config/environment.ts'
import type { Sql } from '../src/database/sql.ts'
import { WritebackError } from '../src/errors.ts'
import { QUEUES } from '../src/queue/queue-names.ts'
import { type PublishedJob, publishedJobs } from './published-jobs.ts'
import { hasten, type Pending, pendingWork } from './queue.ts'

/** Options of `drain`. */
export interface DrainOptions {
  /** Bound in milliseconds. */
  readonly withinMs?: number
  /**
   * Whether it is no error that attempts failed: a test in which a record is bad looks at the answer.
   * @defaultValue false
   */
  readonly allowFailures?: boolean
}

/** What a drain has done. */
export interface Drained {
  /** Jobs that are done: their rows are as the records are. */
  readonly done: number
  /** Jobs whose attempt failed, with the reason: dead letters, and those that wait for another attempt. */
  readonly failed: readonly PublishedJob[]
}

interface DrainContext {
  readonly config: WritebackConfig
  readonly environment: Environment
  readonly sql: Sql
  readonly log: Logger
}

/** Why work of a target was put off: a new worker knows nothing of it. */
type Reasons = Map<Pending['target'], string>

/** How often the queue is looked at, in milliseconds. */
const LOOK_EVERY_MS = 20

/** Records named of each kind of trouble in an error, at most. */
const MAX_NAMED = 5

/**
 * Runs a worker until nothing is queued, and stops it. What waits because of an earlier failure is done now. A job that
 * fails is not tried again: that is for the next call.
 * @throws WritebackError `NOT_DRAINED` with what remains and why
 */
export async function drainQueue(
  context: DrainContext,
  { withinMs, allowFailures = false }: DrainOptions & { readonly withinMs: number },
): Promise<Drained> {
  const { sql } = context
  const { schemas } = context.config
  const settledBefore = new Set((await settled(context)).map(({ id }) => id))
  const deadline = performance.now() + withinMs
  const reasons: Reasons = new Map()
  let undone: Pending[]
  for (;;) {
    await hasten(sql, schemas)
    undone = await runWorker(context, deadline, reasons)
    // What is left was put off, because a sheet is away or its quota is used up: a new worker knows no pauses.
    if (undone.length === 0 || performance.now() > deadline) break
  }
  const jobs = await publishedJobs(sql, schemas)
  const done = jobs.filter(({ id, state }) => state === 'done' && !settledBefore.has(id)).length
  const failed = jobs.filter(
    ({ id, state }) => state === 'retrying' || (state === 'dead' && !settledBefore.has(id)),
  )
  if (undone.length > 0 || (failed.length > 0 && !allowFailures)) {
    throw notDrained(undone, allowFailures ? [] : failed, withinMs)
  }
  return { done, failed }
}

/** Runs a worker until there is nothing that it may do now. @returns what is not done, without what has failed */
async function runWorker(
  { config, environment, sql, log }: DrainContext,
  deadline: number,
  reasons: Reasons,
): Promise<Pending[]> {
  const read = async () => {
    const all = await pendingWork(sql, config.schemas)
    const left = all.filter(
      ({ queue, hasFailed, waitMs }) => !(queue === QUEUES.writeBack && hasFailed && waitMs > 0),
    )
    for (const { target, reason } of left) if (reason != null) reasons.set(target, reason)
    return left.map((one) => ({ ...one, reason: one.reason ?? reasons.get(one.target) }))
  }
  let undone = await read()
  if (undone.length === 0) return undone
  const worker = await startWorker(config, { environment, log, schedules: false })
  try {
    while (undone.some(({ waitMs }) => waitMs === 0) && performance.now() < deadline) {
      await sleep(LOOK_EVERY_MS)
      undone = await read()
    }
  } finally {
    await worker.stop()
  }
  // A worker that stops hands back what it has begun.
  return await read()
}

async function settled({ sql, config }: DrainContext): Promise<PublishedJob[]> {
  const jobs = await publishedJobs(sql, config.schemas)
  return jobs.filter(({ state }) => state === 'done' || state === 'dead')
}

function notDrained(
  undone: readonly Pending[],
  failed: readonly PublishedJob[],
  withinMs: number,
): WritebackError {
  const lines = [
    ...grouped(undone, ({ queue, target, state, reason }) => {
      const what = state === 'active' ? 'is being done' : 'is queued'
      return `${target === null ? queue : `target "${target}"`}, ${what}${reason ? `, ${reason}` : ''}`
    }),
    ...grouped(failed, ({ target, state, error }) => {
      const what = state === 'dead' ? 'is a dead letter' : 'failed'
      return `target "${target}", ${what}, ${error?.code} ${error?.message}`
    }),
  ]
  return new WritebackError('NOT_DRAINED', {
    problem: 'the queue could not be drained',
    expected: undone.length > 0 ? `all of it done within ${withinMs} ms` : 'no attempt that fails',
    got: lines.join('; '),
    remedy:
      undone.length > 0
        ? 'Where only time was missing, give more with withinMs'
        : 'A test in which a record is bad sets allowFailures',
  })
}

/** @returns a line for each kind of trouble: how many, which records, and what it is */
function grouped<Job extends { readonly record: string | null }>(
  jobs: readonly Job[],
  describe: (job: Job) => string,
): string[] {
  const groups = Map.groupBy(jobs, describe)
  return [...groups].map(([trouble, group]) => {
    const records = group.flatMap(({ record }) => (record === null ? [] : [record]))
    const more = records.length > MAX_NAMED ? ', ...' : ''
    const named = records.length > 0 ? ` (${records.slice(0, MAX_NAMED).join(', ')}${more})` : ''
    return `${group.length} ${group.length === 1 ? 'job' : 'jobs'}${named}: ${trouble}`
  })
}
