import type { WritebackConfig } from '../config/define-config.ts'
import { ticketSequenceSql } from '../lane/tickets.ts'
import { queueDefinitions, scheduleDefinitions } from '../queue/definitions.ts'
import { installQueues, type QueueInstallation } from '../queue/install.ts'
import { LOCK_INSTALLATION } from '../queue/readiness.ts'
import { oldColumnsSql } from '../targets/old-columns.ts'
import { registerTargets } from '../targets/register.ts'

/**
 * The release step for the queue: pg-boss's schema, the publishing function, the queues and schedules of all
 * jobs, the targets. Safe to run again, and while workers run.
 *
 * @param databaseUrl Postgres connection string
 * @throws WritebackError as `installQueues`
 */
export function installJobs(databaseUrl: string, config: WritebackConfig): Promise<QueueInstallation> {
  const { schemas, targets } = config
  return installQueues(databaseUrl, {
    schemas,
    queues: queueDefinitions(config),
    schedules: scheduleDefinitions(config),
    timeZone: config.schedules.timeZone,
    targets: targets.map(({ name }) => name),
    async registerTargets(sql) {
      await sql.query(`${LOCK_INSTALLATION};\n${ticketSequenceSql(schemas)};\n${oldColumnsSql(schemas)}`)
      return await registerTargets(sql, schemas, targets)
    },
  })
}
