import { z } from 'zod'
import { WritebackError } from '../src/errors.ts'
import { type Reconciliation, reconcileTarget } from '../src/maintenance/reconcile-target.ts'
import { QUEUES } from '../src/queue/queues.ts'
import { workOn } from './attempts.ts'
import { failureOf, type TargetFailure, TargetsFailed } from './failure.ts'
import type { JobDefinition, Runtime } from './job.ts'

const dataSchema = z.object({ target: z.string().optional() }).nullish()

/** Compares every tab with its table and publishes a job for each difference. */
export const reconcile: JobDefinition = {
  name: 'reconcile',

  async start(runtime) {
    // One NOTIFY may stand for several targets: the next one is looked for soon, not with the next NOTIFY.
    const options = { pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 2 }
    await workOn(runtime, QUEUES.reconcile, options, async (jobs) => {
      const found: Reconciliation[] = []
      for (const job of jobs) found.push(...(await reconcileJob(runtime, job.data)))
      return { found }
    })
  },
}

async function reconcileJob(runtime: Runtime, data: unknown): Promise<Reconciliation[]> {
  const wanted = dataSchema.parse(data)?.target
  const targets = runtime.config.targets.filter((target) => wanted === undefined || target.name === wanted)
  if (targets.length === 0) {
    throw new WritebackError('TARGET_UNKNOWN', {
      problem: 'nothing to reconcile',
      expected: `one of ${runtime.config.targets.map((target) => target.name).join(', ')}`,
      got: wanted ?? 'no target',
    })
  }
  const found: Reconciliation[] = []
  const failures: TargetFailure[] = []
  for (const target of targets) {
    runtime.leaving.throwIfAborted()
    try {
      found.push(await reconcileTarget(runtime, target))
    } catch (error) {
      // One that cannot be compared does not keep the others from it.
      if (targets.length === 1 || runtime.leaving.aborted) throw error
      failures.push({ target: target.name, ...failureOf(error) })
    }
  }
  if (failures.length > 0) throw new TargetsFailed(failures, found)
  return found
}
