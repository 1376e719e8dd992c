import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { createErrorLog } from '../src/error-log.ts'

/** Time until a comparison that could not be queued is queued again, in milliseconds. */
const AGAIN_MS = 2_000

/**
 * Asks for comparisons of tabs with their records. Nobody else knows that one is needed, so that a request is repeated
 * until the database takes it, or the worker leaves.
 *
 * @param queue queues the comparison of a target; one that waits already is enough
 * @returns asks for the comparison of a target, for a reason that is logged
 */
export function comparisons(
  queue: (target: string) => Promise<unknown>,
  log: Logger,
  leaving: AbortSignal,
  againMs = AGAIN_MS,
): (target: string, reason: string) => void {
  const open = new Set<string>()
  const complain = createErrorLog(log, 'the comparison of a tab cannot be queued')
  const ask = async (target: string) => {
    for (;;) {
      // What is asked for from here on needs a comparison of its own.
      open.delete(target)
      try {
        await queue(target)
        return
      } catch (error) {
        complain(error)
      }
      if (open.has(target) || leaving.aborted) return
      open.add(target)
      await sleep(againMs, undefined, { ref: false, signal: leaving }).catch(() => {})
    }
  }
  return (target, reason) => {
    log.warn({ target, reason }, 'the tab is compared with its records')
    // One that waits to be repeated is asked for after this.
    if (!open.has(target)) void ask(target)
  }
}
