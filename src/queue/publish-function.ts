import { CHANGE_VERSION } from '../change/change.ts'
import { DEFAULT_SCHEMAS, type Schemas } from '../config/schemas.ts'
import { quoteIdentifier, quoteLiteral } from '../database/quote.ts'
import { OPTION_COLUMNS, optionValues } from './job-insert.ts'
import { isAwake, PLANNING, queuedJobSql } from './job-search.ts'
import { changeOf, findQueue, notifyWorkers, raisePriority } from './publishing-parts.ts'
import { QUEUES } from './queues.ts'

/** Name of the publishing function, without its schema. */
export const PUBLISH_FUNCTION = 'sync_publish'

/** Transactions that are older always notify: who knows how long they go on, in milliseconds. */
export const QUIET_TRANSACTION_MS = 100

/**
 * SQL that creates (or replaces) `sync_publish`, the transactional outbox's write side: it queues one job per
 * record in the transaction of the caller. The extension and the triggers both call it.
 *
 * "Insert, else lock": a record whose job is queued already gets no second one. That job is locked instead,
 * so that no worker can take it and read the record before this transaction has committed; a worker's fetch
 * skips locked rows.
 *
 * A job that is found neither way was just taken by a worker, or is being changed by another writer. Its record
 * gets a job under a key of its own (`target:Model:id#uuid`): inserting under the same key again could wait for
 * that other one. Two jobs of a record are harmless, the second finds nothing to write.
 *
 * No two calls deadlock: the only thing that is waited for is another writer's insert of the same key, and the
 * inserts go in the order of the keys. Nothing waits for a lock on a queued job, because a worker that completes
 * a batch holds such locks in an order of its own.
 *
 * The jobs of one call are fetched in the order of its records, so that new rows stand in it: pg-boss fetches by
 * priority and `created_on`, to which each record's position adds a microsecond.
 *
 * The columns and defaults are those of pg-boss's own insert (pg-boss 12, `insertJobs`): the queue's policy
 * and retry options are joined from its `queue` table, a queue with `notify` wakes its workers on commit.
 *
 * Postgres commits transactions that notify one at a time, across the whole server's database, which cost a
 * writer under load two thirds of its speed. So only the first job of a burst notifies: where a job of the last
 * second waits already, its notification is on its way or a worker is at work, and a worker looks again after
 * every batch. The index search is bounded by that second, however long the queue is.
 *
 * It returns the number of jobs it inserted; the other records were queued already.
 *
 * The caller's rights are used: they need INSERT, SELECT and UPDATE on pg-boss's `job` and SELECT on `queue`.
 */
export function publishFunctionSql(schemas: Schemas = DEFAULT_SCHEMAS): string {
  const boss = quoteIdentifier(schemas.queue)
  const queue = quoteLiteral(QUEUES.writeBack)
  const lockQueued = (key: string, into = '') =>
    `${queuedJobSql(schemas, `q.id, q.priority ${into}`, queue, key)} for share skip locked`
  const columns = `name, data, priority, start_after, created_on, singleton_key, group_id, group_tier,
      ${OPTION_COLUMNS}`
  const values = (key: string, id: string, operation: string, created = 'v_now') => `
      v_queue.name, v_change || jsonb_build_object('id', ${id}, 'operation', ${operation}),
      p_priority, v_now, ${created}, ${key}, p_lane, p_target,
      ${optionValues('v_queue', 'v_now')}`
  const insertOne = (key: string) => `insert into ${boss}.job (
      ${columns}
    ) values (${values(key, 'v_ids[1]', 'v_operations[1]')}
    ) on conflict do nothing`
  const insert = (key: string, where = '') => `insert into ${boss}.job (
      ${columns}
    )
    select ${values(key, 'x.id', 'x.operation', "v_now + x.position * interval '1 microsecond'")}
    from unnest(v_ids, v_operations, v_positions) as x (id, operation, position)
    ${where}
    on conflict do nothing`
  return `
create or replace function ${quoteIdentifier(schemas.library)}.${PUBLISH_FUNCTION}(
  p_target text,
  p_model text,
  p_lane text,
  p_ids text[],
  p_operations text[],
  p_context jsonb default null,
  p_priority integer default 0
) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
${PLANNING}
as $function$
declare
  v_queue ${boss}.queue%rowtype;
  v_now constant timestamptz := ${boss}.job_now();
  v_prefix constant text := p_target || ':' || p_model || ':';
  v_change constant jsonb := ${changeOf(CHANGE_VERSION, 'p_target', 'p_model')};
  v_ids text[] := p_ids;
  v_operations text[] := p_operations;
  v_positions bigint[];
  v_keys text[];
  v_locked text[];
  v_taken text[];
  v_low uuid[];
  v_key text;
  v_id uuid;
  v_priority integer;
  v_total integer := 0;
  v_awake boolean := false;
begin
  if coalesce(cardinality(p_ids), 0) = 0 then return 0; end if;
  ${findQueue(schemas, QUEUES.writeBack)}

  -- Each record once, with its last operation, in the order of the keys.
  if cardinality(v_ids) > 1 then
    select array_agg(x.id order by x.id), array_agg(x.operation order by x.id), array_agg(x.position order by x.id)
    into v_ids, v_operations, v_positions
    from (
      select distinct on (id) (id collate "C") as id, operation, position
      from unnest(p_ids, p_operations) with ordinality as given (id, operation, position)
      order by id collate "C", position desc
    ) x;
  end if;

  if cardinality(v_ids) = 1 then
    -- The usual case, in the cheapest statements for it.
    v_key := v_prefix || v_ids[1];
    ${insertOne('v_key')};
    get diagnostics v_total = row_count;
    if v_total = 0 then
      ${lockQueued('v_key', 'into v_id, v_priority')};
      if not found then
        v_key := v_key || '#' || gen_random_uuid();
        ${insertOne('v_key')};
        v_total := 1;
      elsif v_priority < p_priority then
        ${raisePriority(schemas, QUEUES.writeBack, 'array[v_id]')};
      end if;
    end if;
  else
    with inserted as (
      ${insert('v_prefix || x.id')}
      returning singleton_key
    )
    select array_agg(singleton_key) into v_keys from inserted;
    v_total := coalesce(cardinality(v_keys), 0);

    if v_total < cardinality(v_ids) then
      select array_agg(rest.key) into v_keys from (
        select v_prefix || x.id as key from unnest(v_ids) as x (id) except select unnest(v_keys)
      ) rest;

      -- One index search a key, whatever the planner knows of the queue: hence lateral.
      select array_agg(wanted.key), array_agg(locked.id) filter (where locked.priority < p_priority)
      into v_locked, v_low
      from unnest(v_keys) as wanted (key)
      cross join lateral (${lockQueued('wanted.key')}) locked;
      select array_agg(rest.key) into v_taken from (
        select unnest(v_keys) as key except select unnest(v_locked)
      ) rest;
      if v_low is not null then
        ${raisePriority(schemas, QUEUES.writeBack, 'v_low')};
      end if;

      if v_taken is not null then
        ${insert(`v_prefix || x.id || '#' || gen_random_uuid()`, 'where v_prefix || x.id = any (v_taken)')};
        v_total := v_total + cardinality(v_taken);
      end if;
    end if;
  end if;

  if v_total > 0 and v_queue.notify then
    -- Jobs of this transaction have its own time, and are none that a worker knows of.
    if v_now > clock_timestamp() - interval '${QUIET_TRANSACTION_MS} milliseconds' then
      v_awake := ${isAwake(schemas, QUEUES.writeBack, 'p_priority', 'and j.group_tier = p_target')};
    end if;
    if not v_awake then
      ${notifyWorkers(schemas, QUEUES.writeBack)}
    end if;
  end if;
  return v_total;
end
$function$;`.trim()
}
