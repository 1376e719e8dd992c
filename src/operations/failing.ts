import { QUEUES } from '../queue/queues.ts'
import { type OperationsContext, tablesOf } from './context.ts'

/** Changes of a target that were tried and could not be written. */
export interface FailingChanges {
  /** Those that are tried again by themselves. */
  readonly retrying: number
  /**
   * Of these, and of the dead letters, how many records failed after the target's last success. A record may have several
   * jobs, and is counted once.
   */
  readonly sinceSuccess: number
  /** The newest failure. */
  readonly error: { readonly code: string | null; readonly message: string }
}

interface Row {
  readonly target: string
  readonly retrying: number
  readonly since_success: number
  readonly code: string | null
  readonly message: string | null
}

/**
 * Why changes fail, by target. Its conditions are those of pg-boss's indexes, as in `countSql`. A job whose attempt has
 * failed has an output before it is settled.
 */
export async function readFailing(context: OperationsContext): Promise<ReadonlyMap<string, FailingChanges>> {
  const { job, target } = tablesOf(context)
  const rows = await context.sql.query<Row>(
    `select failing.target, count(*) filter (where not dead)::int as retrying,
       count(distinct record) filter (where t.last_success_at is null or failing.at > t.last_success_at)::int as since_success,
       (array_agg(output->>'code' order by at desc))[1] as code,
       (array_agg(coalesce(output->>'message', output->'value'->>'message') order by at desc))[1] as message
     from (
       select group_tier as target, data->>'id' as record, coalesce(started_on, created_on) as at, output, false as dead from ${job}
       where name = $1 and output is not null and state = 'retry' and not blocked and started_on is not null
       union all
       select group_tier, data->>'id', coalesce(started_on, created_on), output, false from ${job}
       where name = $1 and output is not null and state = 'active' and group_id is not null
       union all
       select group_tier, data->>'id', created_on, source_output, true from ${job}
       where name = $2 and state < 'active' and not blocked
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
        retrying: row.retrying,
        sinceSuccess: row.since_success,
        error: { code: row.code, message: row.message ?? 'no reason is known' },
      },
    ]),
  )
}
