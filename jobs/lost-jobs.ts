import { setTimeout as sleep } from 'node:timers/promises'
import { createErrorLog } from '../src/error-log.ts'
import { takeBackLost } from '../src/queue/take-back.ts'
import type { Runtime } from './job.ts'

/** How often a worker looks for changes whose worker is gone, in milliseconds: one look at the active jobs. */
const LOOK_EVERY_MS = 2_000

/** Takes back the changes of workers that are gone, until this worker leaves. Resolves when it has looked once. */
export async function watchLostJobs(
  { sql, config, log, leaving }: Pick<Runtime, 'sql' | 'config' | 'log' | 'leaving'>,
  wake: () => void,
): Promise<void> {
  const look = async () => {
    const jobs = await takeBackLost(sql, config.schemas)
    if (jobs === 0) return
    log.warn({ jobs }, 'a worker ended without saying so: its changes were taken back')
    wake()
  }
  const complain = createErrorLog(log, 'cannot look for changes whose worker is gone')
  const loop = async () => {
    while (!leaving.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { ref: false, signal: leaving }).catch(() => {})
      if (!leaving.aborted) await look().catch(complain)
    }
  }
  await look()
  void loop()
}
