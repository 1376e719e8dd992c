import { QUEUES } from '../queue/queues.ts'
import { WORKER_LOST } from '../queue/take-back.ts'
import { type OperationsContext, tablesOf } from './context.ts'
import { errorCodeSql, errorMessageSql } from './job-error.ts'

/** Changes of a target that were tried and could not be written. */
export interface FailingChanges {
  /** Those that are tried again by themselves. */
  readonly retrying: number
  /** Those whose last worker ended without saying so: nothing is known against them, and they are not among the others. */
  readonly lost: number
  /**
   * Of these, and of the dead letters, how many records failed after the target's last success. A record may have several
   * jobs, and is counted once.
   */
  readonly sinceSuccess: number
  /** The newest failure; null where changes were lost with their worker, and no other has failed. */
  readonly error: { readonly code: string | null; readonly message: string } | null
}

interface Row {
  readonly target: string
  readonly retrying: number
  readonly lost: number
  readonly since_success: number
  readonly code: string | null
  readonly message: string | null
}

/**
 * SQL of when the last attempt of a change failed that is being tried again: `started_on` is of the new attempt, and the
 * pause after the failure ended at `start_after`. The pause has a length between this and its double, so it failed then,
 * or before.
 */
const FAILED_AT = `start_after - least(retry_delay_max, greatest(retry_delay, 1) * 2 ^ (greatest(retry_count, 1) - 1)) * interval '1 second'`

/**
 * Why changes fail, by target. Its conditions are those of pg-boss's indexes, as in `countSql`. A job whose attempt has
 * failed has an output before it is settled.
 */
export async function readFailing(context: OperationsContext): Promise<ReadonlyMap<string, FailingChanges>> {
  const { job, target } = tablesOf(context)
  const rows = await context.sql.query<Row>(
    `select failing.target, count(*) filter (where told and not dead)::int as retrying,
       count(*) filter (where not told)::int as lost,
       count(distinct record) filter (
         where told and (t.last_success_at is null or failing.at > t.last_success_at)
       )::int as since_success,
       (array_agg(code order by at desc) filter (where told))[1] as code,
       (array_agg(message order by at desc) filter (where told))[1] as message
     from (
       select *, ${errorCodeSql('output')} as code, ${errorMessageSql('output')} as message,
         dead or ${errorCodeSql('output')} is distinct from '${WORKER_LOST.code}' as told
       from (
       select group_tier as target, data->>'id' as record, coalesce(started_on, created_on) as at, output, false as dead from ${job}
       where name = $1 and output is not null and state = 'retry' and not blocked and started_on is not null
       union all
       select group_tier, data->>'id', ${FAILED_AT}, output, false from ${job}
       where name = $1 and output is not null and state = 'active' and group_id is not null
       union all
       select group_tier, data->>'id', created_on, source_output, true from ${job}
       where name = $2 and state < 'active' and not blocked
       ) found
     ) failing
     left join ${target} t on t.name = failing.target
     where failing.target is not null
     group by failing.target`,
    [QUEUES.writeBack, QUEUES.writeBackDead],
  )
  return new Map(
    rows.map((row): [string, FailingChanges] => [
      row.target,
      {
        ...{ retrying: row.retrying, lost: row.lost, sinceSuccess: row.since_success },
        error: row.message === null ? null : { code: row.code, message: row.message },
      },
    ]),
  )
}
