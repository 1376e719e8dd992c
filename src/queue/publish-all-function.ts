import { CHANGE_VERSION } from '../change/change.ts'
import { DEFAULT_SCHEMAS, type Schemas } from '../config/schemas.ts'
import { quoteIdentifier, quoteLiteral, quoteTable } from '../database/quote.ts'
import { OPTION_COLUMNS, optionValues } from './job-insert.ts'
import { isAwake, PLANNING, queuedJobSql } from './job-search.ts'
import { QUIET_TRANSACTION_MS } from './publish-function.ts'
import { changeOf, findQueue, notifyWorkers, raisePriority } from './publishing-parts.ts'
import { QUEUES } from './queues.ts'

/** Name of the function that publishes for several targets, without its schema. */
export const PUBLISH_ALL_FUNCTION = 'sync_publish_all'

/**
 * SQL that creates (or replaces) `sync_publish_all`: what `sync_publish` does, for all targets of a write in one call.
 * Its rules are those of `sync_publish`, which see; the statements are one for all targets instead of one for each.
 *
 * Jobs are inserted in the order of their targets' names and then of their ids, as calls of `sync_publish` one after
 * another insert them: writers of either sort cannot deadlock.
 *
 *     sync_publish_all(targets, models, lanes, at, ids, operations, context, priority)
 *
 * `at`, `ids` and `operations` are of the same length: change number i is of the target `targets[at[i]]`. Without `lanes`
 * they come from `sync_target`; before a target is registered its name stands in.
 */
export function publishAllFunctionSql(schemas: Schemas = DEFAULT_SCHEMAS): string {
  const boss = quoteIdentifier(schemas.queue)
  const queue = quoteLiteral(QUEUES.writeBack)
  const insert = (key: string, where = '') => `insert into ${boss}.job (
      name, data, priority, start_after, created_on, singleton_key, group_id, group_tier,
      ${OPTION_COLUMNS}
    )
    select
      v_queue.name, v_changes[x.at] || jsonb_build_object('id', x.id, 'operation', x.operation),
      p_priority, v_now, v_now + x.position * interval '1 microsecond', ${key}, v_lanes[x.at], p_targets[x.at],
      ${optionValues('v_queue', 'v_now')}
    from unnest(v_at, v_ids, v_operations, v_positions, v_keys) as x (at, id, operation, position, key)
    ${where}
    on conflict do nothing`
  return `
create or replace function ${quoteIdentifier(schemas.library)}.${PUBLISH_ALL_FUNCTION}(
  p_targets text[],
  p_models text[],
  p_lanes text[],
  p_at integer[],
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
  v_changes jsonb[];
  v_lanes text[] := p_lanes;
  v_at integer[];
  v_ids text[];
  v_operations text[];
  v_positions bigint[];
  v_keys text[];
  v_inserted text[];
  v_locked text[];
  v_taken text[];
  v_low uuid[];
  v_total integer := 0;
  v_awake boolean := false;
begin
  if coalesce(cardinality(p_ids), 0) = 0 then return 0; end if;
  ${findQueue(schemas, QUEUES.writeBack)}
  select array_agg(${changeOf(CHANGE_VERSION, 'x.target', 'x.model')} order by x.at) into v_changes
  from unnest(p_targets, p_models) with ordinality as x (target, model, at);
  if v_lanes is null then
    select array_agg(coalesce(t.lane, x.target) order by x.at) into v_lanes
    from unnest(p_targets) with ordinality as x (target, at)
    left join ${quoteTable(schemas.library, 'sync_target')} t on t.name = x.target;
  end if;

  -- Each record of each target once, with its last operation.
  select array_agg(x.at order by x.target, x.id), array_agg(x.id order by x.target, x.id),
    array_agg(x.operation order by x.target, x.id), array_agg(x.position order by x.target, x.id),
    array_agg(x.target || ':' || p_models[x.at] || ':' || x.id order by x.target, x.id)
  into v_at, v_ids, v_operations, v_positions, v_keys
  from (
    select distinct on (p_targets[at] collate "C", id collate "C")
      at, p_targets[at] collate "C" as target, id collate "C" as id, operation, position
    from unnest(p_at, p_ids, p_operations) with ordinality as given (at, id, operation, position)
    order by p_targets[at] collate "C", id collate "C", position desc
  ) x;

  with inserted as (
    ${insert('x.key')}
    returning singleton_key
  )
  select array_agg(singleton_key) into v_inserted from inserted;
  v_total := coalesce(cardinality(v_inserted), 0);

  if v_total < cardinality(v_ids) then
    select array_agg(rest.key) into v_taken from (
      select unnest(v_keys) as key except select unnest(v_inserted)
    ) rest;
    -- One index search a key, whatever the planner knows of the queue: hence lateral.
    select array_agg(wanted.key), array_agg(locked.id) filter (where locked.priority < p_priority)
    into v_locked, v_low
    from unnest(v_taken) as wanted (key)
    cross join lateral (
      ${queuedJobSql(schemas, 'q.id, q.priority', queue, 'wanted.key')} for share skip locked
    ) locked;
    if v_low is not null then
      ${raisePriority(schemas, QUEUES.writeBack, 'v_low')};
    end if;
    select array_agg(rest.key) into v_taken from (
      select unnest(v_taken) as key except select unnest(v_locked)
    ) rest;
    if v_taken is not null then
      ${insert(`x.key || '#' || gen_random_uuid()`, 'where x.key = any (v_taken)')};
      v_total := v_total + cardinality(v_taken);
    end if;
  end if;

  if v_total > 0 and v_queue.notify then
    if v_now > clock_timestamp() - interval '${QUIET_TRANSACTION_MS} milliseconds' then
      select bool_and(${isAwake(schemas, QUEUES.writeBack, 'p_priority', 'and j.group_tier = x.target')})
      into v_awake from unnest(p_targets) as x (target);
    end if;
    if not v_awake then
      ${notifyWorkers(schemas, QUEUES.writeBack)}
    end if;
  end if;
  return v_total;
end
$function$;`.trim()
}
