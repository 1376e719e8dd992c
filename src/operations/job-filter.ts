import type { JobStates } from 'pg-boss'
import { z } from 'zod'
import { checked } from '../config/zod-error.ts'
import { QUEUES } from '../queue/queues.ts'
import { assertTarget, type OperationsContext, tablesOf } from './context.ts'
import { errorCodeSql, errorMessageSql } from './job-error.ts'

/** States by which people ask for write-back jobs. `dead`: a dead letter. */
export const JOB_STATES = ['waiting', 'delayed', 'active', 'retrying', 'completed', 'failed', 'dead'] as const
export type JobState = (typeof JOB_STATES)[number]

const filterSchema = z.strictObject({
  ids: z.array(z.uuid()).optional(),
  target: z.string().optional(),
  record: z.string().min(1).optional(),
  error: z.string().min(1).optional(),
  olderThanMs: z.number().nonnegative().optional(),
  states: z.array(z.enum(JOB_STATES)).min(1).optional(),
})

/** Which write-back jobs are meant: those for which everything that is given holds. */
export interface JobFilter {
  /** Ids of jobs, or of the jobs that dead letters come from; none of them is none. */
  readonly ids?: readonly string[] | undefined
  readonly target?: string | undefined
  /** Id of the record, as `encodeRecordId` writes it. */
  readonly record?: string | undefined
  /** Code of the last error, or a part of its message. */
  readonly error?: string | undefined
  /** Only jobs older than this, in milliseconds; for dead letters since they died. */
  readonly olderThanMs?: number | undefined
  readonly states?: readonly JobState[] | undefined
}

/** A write-back job, in any state. */
export interface JobSummary {
  readonly id: string
  readonly queue: string
  readonly state: JobState
  readonly target: string | null
  readonly model: string | null
  /** Id of the record. */
  readonly record: string | null
  readonly operation: string | null
  /** When the change was made. */
  readonly changedAt: string | null
  readonly correlationId: string | null
  readonly userId: string | null
  /** When the job was queued; a dead letter: when it died. */
  readonly createdAt: Date
  readonly startAfter: Date
  readonly startedAt: Date | null
  readonly completedAt: Date | null
  /** In the hands of a worker: when that last said that it lives. */
  readonly heartbeatAt: Date | null
  /** Attempts that were used up before this one. */
  readonly attempts: number
  readonly error: { readonly code: string | null; readonly message: string } | null
  /** A dead letter: the job it comes from. */
  readonly sourceId: string | null
}

interface Row extends Omit<JobSummary, 'error' | 'queue'> {
  readonly name: string
  readonly error_code: string | null
  readonly error_message: string | null
}

/** Word for the state of the job `j`, as SQL. */
const stateSql = (boss: string) => `case
    when j.name = '${QUEUES.writeBackDead}' then 'dead'
    when j.state = 'retry' and j.started_on is not null then 'retrying'
    when j.state < 'active' and j.start_after > ${boss}.job_now() then 'delayed'
    when j.state < 'active' then 'waiting'
    when j.state = 'cancelled' then 'failed'
    else j.state::text
  end`

/** Error of the job `j`: the last attempt's; a dead letter has that of its source. */
const ERROR = `(case when j.state <> 'completed' then coalesce(j.source_output, j.output) end)`

/**
 * Finds write-back jobs and dead letters, the newest first.
 * @throws WritebackError `OPERATION_INVALID` for a filter that makes no sense, `TARGET_UNKNOWN`
 */
export async function findJobs(
  context: OperationsContext,
  filter: JobFilter,
  limit: number,
): Promise<readonly JobSummary[]> {
  const { boss, job } = tablesOf(context)
  const { where, values } = conditions(context, filter)
  const rows = await context.sql.query<Row>(
    `select * from (
       select j.id, j.name, ${stateSql(boss)} as state, j.group_tier as target, j.data->>'model' as model,
         j.data->>'id' as record, j.data->>'operation' as operation, j.data->>'at' as "changedAt",
         j.data->'context'->>'correlationId' as "correlationId", j.data->'context'->>'userId' as "userId",
         j.created_on as "createdAt", j.start_after as "startAfter", j.started_on as "startedAt",
         j.completed_on as "completedAt", case when j.state = 'active' then j.heartbeat_on end as "heartbeatAt", coalesce(j.source_retry_count, j.retry_count) as attempts,
         ${errorCodeSql(ERROR)} as error_code, coalesce(${errorMessageSql(ERROR)}, ${ERROR}::text) as error_message,
         j.source_id as "sourceId"
       from ${job} j where ${where}
     ) found
     order by "createdAt" desc, id limit ${Math.floor(limit)}`,
    values,
  )
  return rows.map(({ name, error_code, error_message, ...row }) => ({
    ...row,
    queue: name,
    error: error_message === null ? null : { code: error_code, message: error_message },
  }))
}

/** How many jobs a filter finds. */
export async function countJobs(context: OperationsContext, filter: JobFilter): Promise<number> {
  const { where, values } = conditions(context, filter)
  const [row] = await context.sql.query<{ count: number }>(
    `select count(*)::int as count from ${tablesOf(context).job} j where ${where}`,
    values,
  )
  return row?.count ?? 0
}

function conditions(context: OperationsContext, given: JobFilter): { where: string; values: unknown[] } {
  const filter = checked(filterSchema, given, 'the job filter', 'OPERATION_INVALID')
  if (filter.target !== undefined) assertTarget(context, filter.target)
  const { boss } = tablesOf(context)
  const values: unknown[] = [[QUEUES.writeBack, QUEUES.writeBackDead]]
  const where = ['j.name = any ($1)']
  const add = (condition: (parameter: string) => string, value: unknown) => {
    values.push(value)
    where.push(condition(`$${values.length}`))
  }
  // Settled, or sent back by pg-boss's dashboard in vain: of no use any more.
  const dead = `j.name = '${QUEUES.writeBackDead}'`
  where.push(`not (${dead} and j.state >= 'active')`)
  if (filter.ids) add((p) => `(j.id = any (${p}::uuid[]) or j.source_id = any (${p}::uuid[]))`, filter.ids)
  if (filter.target !== undefined) add((p) => `j.group_tier = ${p}`, filter.target)
  if (filter.record !== undefined) add((p) => `j.data->>'id' = ${p}`, filter.record)
  if (filter.error !== undefined) {
    add(
      (p) => `(${errorCodeSql(ERROR)} = ${p} or strpos(lower(${errorMessageSql(ERROR)}), lower(${p})) > 0)`,
      filter.error,
    )
  }
  if (filter.olderThanMs !== undefined) {
    add((p) => `j.created_on < ${boss}.job_now() - ${p}::float8 * interval '1 ms'`, filter.olderThanMs)
  }
  if (filter.states) {
    const needed = new Set(filter.states.flatMap((state) => STORED[state]))
    add((p) => `j.state::text = any (${p})`, [...needed])
    add((p) => `${stateSql(boss)} = any (${p})`, filter.states)
  }
  return { where: where.join(' and '), values }
}

/** States of pg-boss that a word stands for: they find an index. */
const STORED: Readonly<Record<JobState, readonly (keyof JobStates)[]>> = {
  waiting: ['created', 'retry'],
  delayed: ['created', 'retry'],
  retrying: ['retry'],
  active: ['active'],
  completed: ['completed'],
  failed: ['failed', 'cancelled'],
  dead: ['created', 'retry'],
}
