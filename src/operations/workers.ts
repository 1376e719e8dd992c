import { WORKER_APPLICATION } from '../queue/boss.ts'
import type { OperationsContext } from './context.ts'

/** After this without a statement a worker counts as gone, in milliseconds. It runs one every second. */
const WORKER_SILENT_MS = 15_000

/** A worker process. */
export interface WorkerInfo {
  /** Made at its start; no name of a machine. */
  readonly id: string
  /** Its open connections; those of its Prisma client are not known to be its own. */
  readonly connections: number
  readonly startedAt: Date
  /** When it last ran a statement. */
  readonly heartbeatAt: Date
  /** False when that is longer ago than {@link WORKER_SILENT_MS}. */
  readonly alive: boolean
}

/**
 * The workers that are connected to this database.
 *
 * A worker looks at the state of its targets every second, on connections that carry its id, so that the time of the
 * last statement is its heartbeat: it stops when the process is gone, when its event loop is stuck and when the
 * network is cut. No table is written for it. Seeing the connections of another Postgres role takes
 * `pg_read_all_stats`; those of one's own role are always seen.
 */
export async function listWorkers({ sql }: Pick<OperationsContext, 'sql'>): Promise<readonly WorkerInfo[]> {
  const rows = await sql.query<{
    name: string
    connections: number
    started: Date
    heartbeat: Date
    silent: number
  }>(
    `select application_name as name, count(*)::int as connections, min(backend_start) as started,
       max(state_change) as heartbeat, extract(epoch from clock_timestamp() - max(state_change))::float8 * 1000 as silent
     from pg_catalog.pg_stat_activity
     where datname = current_database() and starts_with(application_name, $1) and state_change is not null
     group by application_name order by min(backend_start)`,
    [WORKER_APPLICATION],
  )
  return rows.map(({ name, connections, started, heartbeat, silent }) => ({
    id: name.slice(WORKER_APPLICATION.length).trim(),
    connections,
    startedAt: started,
    heartbeatAt: heartbeat,
    alive: silent <= WORKER_SILENT_MS,
  }))
}
