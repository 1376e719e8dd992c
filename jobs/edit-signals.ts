import { setTimeout as sleep } from 'node:timers/promises'
import { createErrorLog } from '../src/error-log.ts'
import { sendPull } from '../src/queue/pull.ts'
import { byKind, type EditListener } from '../src/targets/target.ts'
import type { Runtime } from './job.ts'

/** Longest wait after failures in a row, in milliseconds. */
const MAX_WAIT_MS = 60_000

/**
 * Hears from places which of them people may have changed, and queues a look at each, until the worker leaves. Where
 * nothing can be heard the looks go on as without it, only more seldom.
 */
export async function listenForEdits(
  {
    config,
    environment,
    sql,
    log,
    leaving,
  }: Pick<Runtime, 'config' | 'environment' | 'sql' | 'log' | 'leaving'>,
  holder: string,
): Promise<void> {
  const { schemas } = config
  const found = async (lanes: readonly string[]) => {
    for (const spreadsheetId of lanes) await sendPull(sql, schemas, { spreadsheetId })
  }
  const loop = async (listener: EditListener, complain: (error: unknown) => void) => {
    for (let failures = 0; !leaving.aborted; ) {
      const wait = Math.min(listener.everyMs * 2 ** failures, Math.max(MAX_WAIT_MS, listener.everyMs))
      await sleep(wait, undefined, { ref: false, signal: leaving }).catch(() => {})
      if (leaving.aborted) return
      try {
        await listener.ask(found, leaving)
        failures = 0
      } catch (error) {
        failures++
        if (!leaving.aborted) complain(error)
      }
    }
  }
  for (const [kind, targets] of byKind(config.targets)) {
    const listener = await kind.listen?.(targets, { sql, schemas, environment, holder })
    const complain = createErrorLog(
      log,
      `nobody tells which places of the kind ${kind.kind} people have changed`,
    )
    if (listener) void loop(listener, complain)
  }
}
