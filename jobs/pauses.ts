import { setTimeout as sleep } from 'node:timers/promises'
import { quoteIdentifier } from '../src/database/quote.ts'
import { createErrorLog } from '../src/error-log.ts'
import type { Gate } from '../src/queue/gate.ts'
import type { Runtime } from './job.ts'

/** How often a worker looks whether a target was paused or resumed, in milliseconds. */
const LOOK_EVERY_MS = 1000

/**
 * Closes the gate of targets that are paused or stopped, and opens it again, until the worker leaves. Resolves when it
 * has looked for the first time, so that nothing of a paused target is fetched at the start.
 */
export async function watchPauses({ sql, config, log, leaving }: Runtime, gate: Gate): Promise<void> {
  const table = `${quoteIdentifier(config.schemas.library)}.sync_target`
  let closed: ReadonlySet<string> = new Set()
  const look = async () => {
    const rows = await sql.query<{ name: string }>(`select name from ${table} where state <> 'active'`)
    const now = new Set(rows.map((row) => row.name))
    for (const target of now) {
      if (closed.has(target)) continue
      log.warn({ target }, 'target is not active: its changes wait')
      gate.close(target, 'not active')
    }
    for (const target of closed) {
      if (now.has(target)) continue
      log.info({ target }, 'target is active again')
      gate.open(target, 'not active')
    }
    closed = now
  }
  const complain = createErrorLog(log, 'cannot read the state of the targets')
  const loop = async () => {
    while (!leaving.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { ref: false, signal: leaving }).catch(() => {})
      await look().catch(complain)
    }
  }
  await look()
  void loop()
}
