import type { Schemas } from '../config/schemas.ts'
import { quoteIdentifier, quoteLiteral } from '../database/quote.ts'
import { QUEUES } from './queue-names.ts'

/** Columns of a job that it takes from its queue's options, as pg-boss's own insert fills them (pg-boss 12, `insertJobs`). */
export const OPTION_COLUMNS = `expire_seconds, deletion_seconds, keep_until, retry_limit, retry_delay, retry_backoff,
      retry_delay_max, policy, dead_letter, heartbeat_seconds`

/**
 * SQL of the values of {@link OPTION_COLUMNS}.
 * @param queue a row of pg-boss's `queue`: an alias or a variable
 * @param now SQL of the job's time
 */
export function optionValues(queue: string, now: string): string {
  return `${queue}.expire_seconds, ${queue}.deletion_seconds, ${now} + ${queue}.retention_seconds * interval '1s',
      ${queue}.retry_limit, ${queue}.retry_delay, coalesce(${queue}.retry_backoff, false),
      ${queue}.retry_delay_max, ${queue}.policy, ${queue}.dead_letter, ${queue}.heartbeat_seconds`
}

/** SQL that refuses the write when there is no queue: a change without its job would be lost. */
export function refuseWithoutQueue(queue: string): string {
  return `raise exception using
      errcode = 'SY001',
      message = 'prisma-writeback cannot queue a change: queue ' || ${quoteLiteral(queue)} || ' does not exist. Run "writeback migrate"',
      hint = 'Run "writeback migrate" in the release step, before the application writes';`
}

/** SQL of the channel on which pg-boss's workers listen (pg-boss 12, `notifyChannelSql`). */
export function notifyChannel(schemas: Schemas): string {
  return `'pgboss_' || left(encode(sha224(${quoteLiteral(schemas.queue)}::bytea), 'hex'), 24)`
}

/**
 * SQL that asks for the comparison of a target's tab with its table. A request that waits already is enough.
 * @param target SQL of the target's name
 * @param joins what the queue is joined with, to insert nothing where that has no row
 */
export function insertReconcileSql({ queue: schema }: Schemas, target: string, joins = ''): string {
  const boss = quoteIdentifier(schema)
  return `insert into ${boss}.job (
    name, data, start_after, created_on, singleton_key,
      ${OPTION_COLUMNS}
  )
  select
    q.name, jsonb_build_object('target', ${target}), ${boss}.job_now(), ${boss}.job_now(), ${target},
      ${optionValues('q', `${boss}.job_now()`)}
  from ${boss}.queue q${joins} where q.name = ${quoteLiteral(QUEUES.reconcile)}
  on conflict do nothing`
}
