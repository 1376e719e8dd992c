import type { Schemas } from '../config/schemas.ts'
import { quoteIdentifier, quoteLiteral } from '../database/quote.ts'

/**
 * Settings of the functions that search pg-boss's job table.
 *
 * A plan is made at a session's first call and stays for the session. The queue is often empty then: every index whose
 * first columns are in the condition looks the same to the planner, and it may take one that finds all queued jobs for
 * each key (pg-boss 12.38 has job_i14: name, state, blocked, start_after; measured: 5,000 keys took more than 15 s).
 * So a search asks for the order that only the right index has. Without sorting the planner has no other choice.
 */
export const PLANNING = `-- Searches ask for the order of the index they need: no other one can be chosen.
set enable_seqscan = off
set enable_sort = off
set enable_incremental_sort = off
-- Where a sort cannot be avoided, Postgres before 18 counts it as expensive, and would compile the statement.
set jit = off
-- Arrays of known length look cheaper to the planner than they are, and it would plan anew at every call.
set plan_cache_mode = force_generic_plan`

/**
 * SQL of the queued job `q` of a key, or no row. The condition and the order are those of pg-boss's unique index of
 * queued keys (job_i1); see {@link PLANNING}.
 *
 * @param columns what is selected
 * @param queue SQL of the queue's name
 * @param key SQL of the singleton key
 */
export function queuedJobSql(
  { queue: schema }: Schemas,
  columns: string,
  queue: string,
  key: string,
): string {
  return `select ${columns} from ${quoteIdentifier(schema)}.job q
        where q.name = ${queue} and q.state = 'created' and q.policy = 'short'
          and coalesce(q.singleton_key, '') >= ${key} and coalesce(q.singleton_key, '') <= ${key}
        order by coalesce(q.singleton_key, '') limit 1`
}

/**
 * SQL of whether the workers of a queue are awake: a job of the last second waits, so that its notification is on its
 * way. The search stays within that second: its order is that of the index from which pg-boss fetches (job_i11).
 * To be used where `v_now` is the transaction's time; jobs of the transaction itself have that time and do not count.
 *
 * @param priority SQL of the jobs' priority
 * @param more another condition on the job `j`
 */
export function isAwake({ queue: schema }: Schemas, queue: string, priority: string, more = ''): string {
  return `coalesce((
        select true from ${quoteIdentifier(schema)}.job j
        where j.name = ${quoteLiteral(queue)} and j.priority = ${priority}
          and j.created_on > v_now - interval '1 second' and j.created_on < v_now
          and j.state = 'created' and j.state < 'active' and not j.blocked ${more}
        order by j.created_on, j.start_after limit 1
      ), false)`
}
