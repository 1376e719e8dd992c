import type { Stage } from './stage.ts'

/** Ends the sessions that hold lanes, as the death of their workers would. */
export async function endLaneSessions({ sql }: Stage): Promise<void> {
  await sql.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'writeback lane' and datname = current_database()`,
  )
}
