import { CHANGE_VERSION } from '../change/change.ts'
import { DEFAULT_SCHEMAS, type Schemas } from '../config/schemas.ts'
import { quoteIdentifier, quoteLiteral } from '../database/quote.ts'
import { QUEUES } from './queues.ts'

/** Name of the publishing function, without its schema. */
export const PUBLISH_FUNCTION = 'sync_publish'

/**
 * Rounds before the function gives up. A round is lost only to a worker that took the queued job in the
 * instant between the insert and the lock; two in a row are rare, a hundred mean something else is wrong.
 */
const MAX_ROUNDS = 100

/**
 * SQL that creates (or replaces) `sync_publish`, the transactional outbox's write side: it queues one job per
 * record in the transaction of the caller. The extension and the triggers both call it.
 *
 * "Insert, else lock": a record whose job is queued already gets no second one. That job is locked instead,
 * so that no worker can take it and read the record before this transaction has committed; a worker's fetch
 * skips locked rows. A key found neither way was taken by a worker a moment ago: insert again. Keys go in
 * sorted order, so that two writers cannot deadlock.
 *
 * The columns and defaults are those of pg-boss's own insert (pg-boss 12, `insertJobs`): the queue's policy
 * and retry options are joined from its `queue` table, a queue with `notify` wakes its workers on commit.
 *
 * It returns the number of jobs it inserted; the other records were queued already.
 *
 * The caller's rights are used: they need INSERT, SELECT and UPDATE on pg-boss's `job` and SELECT on `queue`.
 */
export function publishFunctionSql(schemas: Schemas = DEFAULT_SCHEMAS): string {
  const boss = quoteIdentifier(schemas.queue)
  const queue = quoteLiteral(QUEUES.writeBack)
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
as $function$
declare
  v_at constant text := to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
  v_prefix constant text := p_target || ':' || p_model || ':';
  v_keys text[];
  v_inserted integer;
  v_total integer := 0;
begin
  if coalesce(cardinality(p_ids), 0) = 0 then return 0; end if;
  if not exists (select from ${boss}.queue q where q.name = ${queue}) then
    raise exception using
      errcode = 'SY001',
      message = 'writeback: queue ' || ${queue} || ' does not exist',
      hint = 'Run "writeback migrate" in the release step, before the application writes';
  end if;

  select array_agg(distinct v_prefix || id) into v_keys from unnest(p_ids) id;

  for round in 1..${MAX_ROUNDS} loop
    with wanted as (
      select distinct on (key) key, x.id, x.operation
      from unnest(p_ids, p_operations) with ordinality as x (id, operation, position)
      cross join lateral (select (v_prefix || x.id) collate "C") as k (key)
      where round = 1 or key = any (v_keys)
      order by key, x.position desc
    ),
    inserted as (
      insert into ${boss}.job (
        name, data, priority, start_after, created_on, singleton_key, group_id, group_tier,
        expire_seconds, deletion_seconds, keep_until, retry_limit, retry_delay, retry_backoff,
        retry_delay_max, policy, dead_letter, heartbeat_seconds
      )
      select
        q.name,
        jsonb_strip_nulls(jsonb_build_object(
          'v', ${CHANGE_VERSION}, 'target', p_target, 'model', p_model, 'id', w.id,
          'operation', w.operation, 'at', v_at, 'context', p_context
        )),
        p_priority, ${boss}.job_now(), ${boss}.job_now(), w.key, p_lane, p_target,
        q.expire_seconds, q.deletion_seconds, ${boss}.job_now() + q.retention_seconds * interval '1s',
        q.retry_limit, q.retry_delay, coalesce(q.retry_backoff, false),
        q.retry_delay_max, q.policy, q.dead_letter, q.heartbeat_seconds
      from wanted w
      join ${boss}.queue q on q.name = ${queue}
      order by w.key collate "C"
      on conflict do nothing
      returning singleton_key
    ),
    rest as (
      select key from wanted except select singleton_key from inserted
    )
    select (select array_agg(key order by key collate "C") from rest), (select count(*) from inserted)
    into v_keys, v_inserted;

    v_total := v_total + v_inserted;
    if v_inserted > 0 then
      perform pg_notify('pgboss_' || left(encode(sha224(${quoteLiteral(schemas.queue)}::bytea), 'hex'), 24), q.name)
      from ${boss}.queue q where q.name = ${queue} and q.notify;
    end if;
    if v_keys is null then return v_total; end if;

    -- A change raises the priority of a job that a backfill queued; the update locks as well.
    update ${boss}.job j set priority = p_priority
    from (
      select id from ${boss}.job
      where name = ${queue} and singleton_key = any (v_keys) and state = 'created' and priority < p_priority
      order by singleton_key collate "C"
      for update
    ) low
    where j.name = ${queue} and j.id = low.id;

    with locked as (
      select singleton_key from ${boss}.job
      where name = ${queue} and singleton_key = any (v_keys) and state = 'created'
      order by singleton_key collate "C"
      for share
    )
    select array_agg(key order by key collate "C") into v_keys
    from (select unnest(v_keys) as key except select singleton_key from locked) rest;
    if v_keys is null then return v_total; end if;
  end loop;

  raise exception using
    errcode = 'SY002',
    message = 'writeback: could not queue a change, its job was taken by a worker every time',
    hint = 'Retry the transaction';
end
$function$;`.trim()
}
