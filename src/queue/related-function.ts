import { DEFAULT_SCHEMAS, type Schemas } from '../config/schemas.ts'
import { quoteIdentifier } from '../database/quote.ts'
import { OPTION_COLUMNS, optionValues } from './job-insert.ts'
import { isAwake, PLANNING } from './job-search.ts'
import { findQueue, notifyWorkers } from './publishing-parts.ts'
import { QUEUES } from './queues.ts'

/** Name of the function that asks for a second look, without its schema. */
export const RELATED_FUNCTION = 'sync_related'

/** Version of the job's data. */
export const RELATED_VERSION = 1

/** Rows that one job looks for, at most. */
const ROWS_PER_JOB = 1_000

/**
 * SQL that creates (or replaces) `sync_related`: it queues, in the transaction of a change to a row that targets
 * show with their records, a second look for the records that show it.
 *
 * The first look is the statement's own, and it sees what is committed: a record that another transaction is linking
 * to the row at that moment is not among it. The job is seen by workers when the change is committed. Whoever had
 * linked a record by then is found by the second look; whoever commits later publishes the record by that, and it is
 * read with the change. The look-up is a job's, and takes no locks, for a lock on the row would make writers wait for
 * each other that Postgres lets pass.
 *
 * Arguments: the target, the path from its model to the table (see `causeName`), and an array of objects with the
 * columns that lead back from the changed rows. It returns the number of jobs.
 */
export function relatedFunctionSql(schemas: Schemas = DEFAULT_SCHEMAS): string {
  const boss = quoteIdentifier(schemas.queue)
  return `
create or replace function ${quoteIdentifier(schemas.library)}.${RELATED_FUNCTION}(
  p_target text,
  p_path text,
  p_rows jsonb
) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
${PLANNING}
as $function$
declare
  v_queue ${boss}.queue%rowtype;
  v_now constant timestamptz := ${boss}.job_now();
  v_total integer;
begin
  ${findQueue(schemas, QUEUES.related)}

  -- Values as text: JSON's numbers are not exact in every reader.
  insert into ${boss}.job (
    name, data, start_after, created_on,
      ${OPTION_COLUMNS}
  )
  select
    v_queue.name, jsonb_build_object('v', ${RELATED_VERSION}, 'target', p_target, 'path', p_path, 'rows', part.rows),
    v_now, v_now,
      ${optionValues('v_queue', 'v_now')}
  from (
    select jsonb_agg(one.row) as rows
    from (
      select (select jsonb_object_agg(e.key, e.value) from jsonb_each_text(given.value) e) as row,
        (given.position - 1) / ${ROWS_PER_JOB} as part
      from jsonb_array_elements(p_rows) with ordinality as given (value, position)
    ) one
    group by one.part
  ) part;
  get diagnostics v_total = row_count;

  -- As in sync_publish: the first of a burst notifies.
  if v_total > 0 and v_queue.notify and not ${isAwake(schemas, QUEUES.related, '0')} then
    ${notifyWorkers(schemas, QUEUES.related)}
  end if;
  return v_total;
end
$function$;`.trim()
}
