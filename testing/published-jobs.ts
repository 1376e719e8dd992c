import type { ChangeContext, Operation } from '../src/change/change.ts'
import type { Schemas } from '../src/config/schemas.ts'
import { quoteTable } from '../src/database/quote.ts'
import type { Sql } from '../src/database/sql.ts'
import { QUEUES } from '../src/queue/queue-names.ts'

/** A job that a write has published. */
export interface PublishedJob {
  /** pg-boss's id of the job. */
  readonly id: string
  /** The target's name in the configuration. */
  readonly target: string
  /** The Prisma model of the record. */
  readonly model: string
  /** The record's id, as text. */
  readonly record: string
  readonly operation: Operation
  /** What `runWithContext` said. */
  readonly context: ChangeContext | undefined
  /**
   * - `queued`: no attempt has failed
   * - `retrying`: an attempt failed, and the next one waits for its time
   * - `done`: the row is as the record is
   * - `dead`: a dead letter, in which nobody tries again
   */
  readonly state: 'queued' | 'retrying' | 'done' | 'dead'
  /** Why the last attempt failed. */
  readonly error: { readonly code: string; readonly message: string } | undefined
}

/** Which jobs are meant: those for which everything that is given holds. */
export interface PublishedJobFilter {
  readonly target?: string
  readonly model?: string
  readonly record?: string
  readonly state?: PublishedJob['state']
}

interface JobRow {
  readonly id: string
  readonly target: string
  readonly data: { model: string; id: string; operation: Operation; context?: ChangeContext }
  readonly state: PublishedJob['state']
  readonly error: { code?: string; message?: string } | null
}

/** The jobs of changes, in the order in which they were published; a dead letter in the place of its job. */
export async function publishedJobs(
  sql: Sql,
  schemas: Schemas,
  filter: PublishedJobFilter = {},
): Promise<PublishedJob[]> {
  const rows = await sql.query<JobRow>(
    `select id, group_tier as target, data,
       case when name = $2 then 'dead' when state >= 'completed' then 'done'
            when retry_count > 0 or output is not null then 'retrying' else 'queued' end as state,
       coalesce(source_output, output) as error
     from ${quoteTable(schemas.queue, 'job')}
     where name = $1 and state <= 'completed' or name = $2 and state < 'active'
     order by created_on, data->>'id'`,
    [QUEUES.writeBack, QUEUES.writeBackDead],
  )
  return rows
    .map(({ id, target, data, state, error }) => ({
      ...{ id, target, model: data.model, record: data.id, operation: data.operation },
      ...{ context: data.context, state },
      error: error?.code === undefined ? undefined : { code: error.code, message: error.message ?? '' },
    }))
    .filter((job) =>
      (Object.keys(filter) as (keyof PublishedJobFilter)[]).every(
        (name) => filter[name] === undefined || job[name] === filter[name],
      ),
    )
}
