import { z } from 'zod'
import { checked } from '../config/zod-error.ts'
import type { Sql } from '../database/sql.ts'
import { WritebackError } from '../errors.ts'
import { QUEUES } from '../queue/queues.ts'
import { writeAudit } from './audit.ts'
import { type Actor, inTransaction, type OperationsContext, tablesOf } from './context.ts'
import { countJobs, findJobs, type JobFilter, type JobSummary } from './job-filter.ts'

/** Jobs moved in one transaction: short locks, however many there are. */
const CHUNK = 1000

/** Jobs shown of what a retry or a discard would touch. */
const SAMPLE = 10

/** Dead letters, and jobs that failed and wait for their next attempt. */
const TROUBLED = ['dead', 'retrying'] as const

/** Which jobs are retried or discarded: dead letters, unless `states` says something else. */
export interface TroubledFilter extends JobFilter {
  readonly states?: readonly (typeof TROUBLED)[number][] | undefined
}

/** What a retry or a discard would touch, without touching it. */
export interface Preview {
  readonly total: number
  /** The newest of them. */
  readonly sample: readonly JobSummary[]
  /** Dead letters among them that pg-boss cannot send back: the queue they came from is gone. */
  readonly unroutable: number
}

/** What a retry did. */
export interface Retried {
  /** Jobs that are queued again, with all their attempts. */
  readonly queued: number
  /** Dead letters whose record had a queued job already, which does what they would have done. They are gone. */
  readonly merged: number
  /** Jobs that waited for their next attempt and need not wait any more. */
  readonly hastened: number
}

/** The dead letters, the newest first. */
export function listDeadLetters(
  context: OperationsContext,
  filter: Omit<JobFilter, 'states'> = {},
  { limit = 50 }: { readonly limit?: number } = {},
): Promise<readonly JobSummary[]> {
  return findJobs(context, { ...filter, states: ['dead'] }, limit)
}

/** Tells what a retry or a discard with the same filter would touch. */
export async function previewTroubled(context: OperationsContext, given: TroubledFilter): Promise<Preview> {
  const filter = troubled(given)
  const [total, sample] = await Promise.all([countJobs(context, filter), findJobs(context, filter, SAMPLE)])
  let unroutable = 0
  if (filter.states.includes('dead')) {
    for await (const jobs of chunks(context, { ...filter, states: ['dead'] })) {
      const preview = await context.boss.previewRedrive(QUEUES.writeBackDead, {
        ids: jobs.map(({ id }) => id),
      })
      unroutable += preview.unroutable
    }
  }
  return { total, sample, unroutable }
}

/**
 * Sends dead letters back to the queue, with all their attempts, and lets jobs that wait for their next attempt go on
 * now.
 *
 * A record whose change is queued already gets no second job: the queued one reads the record after this and
 * does all there is to do. So nothing is lost and nothing is done twice.
 *
 * @param filter see {@link TroubledFilter}
 * @throws WritebackError `OPERATION_INVALID` for an empty filter: what is meant must be said
 */
export async function retryJobs(
  context: OperationsContext,
  filter: TroubledFilter,
  actor: Actor,
): Promise<Retried> {
  const wanted = troubled(filter)
  const done = { queued: 0, merged: 0, hastened: 0 }
  for await (const jobs of chunks(context, wanted)) {
    // Written down before: a retry that is cut short has done a part of it.
    await auditChunk(context, context.sql, actor, 'retry', jobs, {})
    const dead = jobs.filter((job) => job.state === 'dead').map(({ id }) => id)
    const retrying = jobs.filter((job) => job.state === 'retrying').map(({ id }) => id)
    // One at a time: a statement that queues many keys, in whatever order, could deadlock with the application's
    // writes, which queue theirs in the order of the keys.
    for (const id of dead) done.queued += await context.boss.redrive(QUEUES.writeBackDead, { ids: [id] })
    if (dead.length > 0) done.merged += await dropConflicts(context, dead)
    if (retrying.length > 0) done.hastened += await hasten(context, retrying)
  }
  return done
}

/**
 * Deletes dead letters and cancels jobs that wait for their next attempt. The place keeps what it shows until the
 * record changes again or a reconcile finds the difference.
 *
 * @returns how many
 * @throws WritebackError `OPERATION_INVALID` for an empty filter: what is meant must be said
 */
export async function discardJobs(
  context: OperationsContext,
  filter: TroubledFilter,
  actor: Actor,
): Promise<{ readonly discarded: number }> {
  let discarded = 0
  for await (const jobs of chunks(context, troubled(filter))) {
    await inTransaction(context, async (sql) => {
      const { job } = tablesOf(context)
      const dead = jobs.filter((one) => one.state === 'dead').map(({ id }) => id)
      const retrying = jobs.filter((one) => one.state === 'retrying').map(({ id }) => id)
      const gone = await sql.query<{ id: string }>(
        `with dead as (
           delete from ${job} where name = $1 and id = any ($2::uuid[]) and state < 'active' returning id
         ), cancelled as (
           update ${job} set state = 'cancelled', completed_on = now()
           where name = $3 and id = any ($4::uuid[]) and state = 'retry' returning id
         )
         select id from dead union all select id from cancelled`,
        [QUEUES.writeBackDead, dead, QUEUES.writeBack, retrying],
      )
      await auditChunk(context, sql, actor, 'discard', jobs, { discarded: gone.length })
      discarded += gone.length
    })
  }
  return { discarded }
}

function troubled(
  given: TroubledFilter,
): TroubledFilter & { readonly states: readonly ('dead' | 'retrying')[] } {
  const states = checked(
    z.array(z.enum(TROUBLED)).min(1),
    given.states ?? ['dead'],
    'the states of jobs to retry',
  )
  const { states: _states, ...conditions } = given
  if (Object.values(conditions).every((value) => value === undefined)) {
    throw new WritebackError('OPERATION_INVALID', {
      problem: 'it is not said which jobs are meant',
      expected: 'ids, a record, a target, an error or an age',
      got: 'no condition',
    })
  }
  return { ...given, states }
}

/** The jobs that a filter finds, each once, also while they are being moved or others come in. */
async function* chunks(context: OperationsContext, filter: JobFilter): AsyncGenerator<readonly JobSummary[]> {
  const all = await findJobs(context, filter, Number.MAX_SAFE_INTEGER)
  for (let at = 0; at < all.length; at += CHUNK) yield all.slice(at, at + CHUNK)
}

/** pg-boss leaves a dead letter whose key is queued already as failed, for people to look at: nothing is to be seen. */
async function dropConflicts(context: OperationsContext, ids: readonly string[]): Promise<number> {
  const gone = await context.sql.query(
    `delete from ${tablesOf(context).job}
     where name = $1 and id = any ($2::uuid[]) and state = 'failed' and output->>'reason' = 'redrive_conflict'
     returning 1`,
    [QUEUES.writeBackDead, ids],
  )
  return gone.length
}

async function hasten(context: OperationsContext, ids: readonly string[]): Promise<number> {
  const { job, boss } = tablesOf(context)
  const rows = await context.sql.query(
    `update ${job} set start_after = ${boss}.job_now()
     where name = $1 and id = any ($2::uuid[]) and state = 'retry' returning 1`,
    [QUEUES.writeBack, ids],
  )
  return rows.length
}

async function auditChunk(
  context: OperationsContext,
  sql: Sql,
  actor: Actor,
  action: 'retry' | 'discard',
  jobs: readonly JobSummary[],
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  const targets = [...new Set(jobs.map(({ target }) => target))]
  const one = targets.length === 1 ? (targets[0] ?? null) : null
  await writeAudit(context, sql, actor, action, one, { jobs: jobs.map(({ id }) => id), ...counts })
}
