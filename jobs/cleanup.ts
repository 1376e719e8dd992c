import { cleanUp } from '../src/maintenance/clean-up.ts'
import { QUEUES } from '../src/queue/queues.ts'
import { workOn } from './attempts.ts'
import type { JobDefinition } from './job.ts'

/** Deletes what nobody needs any more. */
export const cleanup: JobDefinition = {
  name: 'cleanup',

  async start(runtime) {
    await workOn(runtime, QUEUES.cleanup, { pollingIntervalSeconds: 10 }, () => cleanUp(runtime))
  },
}
