import type { Schemas } from '../config/schemas.ts'
import { quoteIdentifier, quoteLiteral } from '../database/quote.ts'
import { notifyChannel, refuseWithoutQueue } from './job-insert.ts'

/*
 * What the functions that publish have in common, as plpgsql. Each of them declares `v_queue`, the row of its queue.
 */

/** SQL that finds the queue, or refuses the write. @param queue its name */
export function findQueue({ queue: schema }: Schemas, queue: string): string {
  return `select * into v_queue from ${quoteIdentifier(schema)}.queue q where q.name = ${quoteLiteral(queue)};
  if not found then
    ${refuseWithoutQueue(queue)}
  end if;`
}

/**
 * SQL that raises the priority of queued jobs to `p_priority`. Of those that another writer has locked too, the priority
 * stays: nothing waits for locks on queued jobs. Rare, so it is planned at every call (execute), for the queue as it is then.
 * @param queue the queue's name
 * @param ids SQL of the jobs' ids
 */
export function raisePriority({ queue: schema }: Schemas, queue: string, ids: string): string {
  const job = `${quoteIdentifier(schema)}.job`
  const name = quoteLiteral(queue)
  return `execute $update$
          with locked as (
            select l.id from ${job} l where l.name = ${name} and l.id = any ($1) for no key update skip locked
          )
          update ${job} j set priority = $2 from locked where j.name = ${name} and j.id = locked.id
        $update$ using ${ids}, p_priority`
}

/** SQL that wakes the queue's workers on commit. @param queue its name */
export function notifyWorkers(schemas: Schemas, queue: string): string {
  return `perform pg_notify(${notifyChannel(schemas)}, ${quoteLiteral(queue)});`
}

/**
 * SQL of what all jobs of a target have in their data.
 * @param target SQL of its name
 * @param model SQL of its model
 */
export function changeOf(version: number, target: string, model: string): string {
  return `jsonb_strip_nulls(jsonb_build_object(
    'v', ${version}, 'target', ${target}, 'model', ${model}, 'context', p_context,
    'at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
  ))`
}
