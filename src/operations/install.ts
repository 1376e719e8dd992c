import type { WritebackConfig } from '../config/define-config.ts'
import { ticketSequenceSql } from '../lane/tickets.ts'
import { queueDefinitions, scheduleDefinitions } from '../queue/definitions.ts'
import { installQueues, type QueueInstallation } from '../queue/install.ts'
import { LOCK_INSTALLATION } from '../queue/readiness.ts'
import type { Finding } from '../targets/finding.ts'
import { oldColumnsSql } from '../targets/old-columns.ts'
import { registerTargets } from '../targets/register.ts'
import { byKind } from '../targets/target.ts'

/** What the release step did. */
export interface Installation extends QueueInstallation {
  /** What it found of the places that it makes or sets up. */
  readonly places: readonly Finding[]
}

/**
 * The release step for the queue: pg-boss's schema, the publishing function, the queues and schedules of all
 * jobs, the targets. Safe to run again, and while workers run.
 *
 * @param databaseUrl Postgres connection string
 * @throws WritebackError as `installQueues`
 */
export async function installJobs(databaseUrl: string, config: WritebackConfig): Promise<Installation> {
  const { schemas, targets } = config
  const installed = await installQueues(databaseUrl, {
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
  const places: Finding[] = []
  for (const [kind, some] of byKind(targets)) places.push(...((await kind.prepare?.(some)) ?? []))
  return { ...installed, places }
}
