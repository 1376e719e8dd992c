import type { WritebackConfig } from '../src/config/define-config.ts'
import { type Installation, installQueues } from '../src/queue/install.ts'
import { cleanup } from './cleanup.ts'
import type { JobDefinition } from './job.ts'
import { reconcile } from './reconcile.ts'
import { recover } from './recover.ts'
import { related } from './related.ts'
import { writeBack } from './write-back.ts'

/** Every kind of background job of the library. */
export const jobs: readonly JobDefinition[] = [writeBack, related, cleanup, recover, reconcile]

/**
 * The release step for the queue: pg-boss's schema, the publishing function, the queues and schedules of all
 * jobs. Safe to run again, and while workers run.
 *
 * @param databaseUrl Postgres connection string
 */
export function installJobs(databaseUrl: string, config: WritebackConfig): Promise<Installation> {
  return installQueues(databaseUrl, {
    schemas: config.schemas,
    queues: jobs.flatMap((job) => job.queues(config)),
    schedules: jobs.flatMap((job) => {
      const cron = job.schedule(config)
      const queue = job.queues(config).at(-1)
      return cron === null || queue === undefined ? [] : [{ queue: queue.name, cron }]
    }),
    timeZone: config.schedules.timeZone,
    targets: config.targets,
  })
}
