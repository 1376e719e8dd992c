import { recoverStuck } from '../src/maintenance/recover-stuck.ts'
import { QUEUES } from '../src/queue/queues.ts'
import { workOn } from './attempts.ts'
import type { JobDefinition } from './job.ts'

/**
 * Finds jobs stuck in active whose worker is gone and returns them.
 *
 * pg-boss does this by itself (every 15 s, by heartbeat and by expiry); this job asks it to do so now, for the
 * case that no worker's supervisor ran for a while, and reports what came of it.
 */
export const recover: JobDefinition = {
  name: 'recover',

  async start(runtime) {
    await workOn(runtime, QUEUES.recover, { pollingIntervalSeconds: 10 }, () => recoverStuck(runtime))
  },
}
