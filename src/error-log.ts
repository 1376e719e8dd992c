import type { Logger } from 'pino'
import { messageOf } from './errors.ts'

/** How often an error that goes on is logged, in milliseconds. */
const AGAIN_AFTER_MS = 60_000

/**
 * Logs errors of something that is tried again and again: a new one at once, one that goes on once a minute with how
 * often it came, so that an hour without a database is no hour of the same lines.
 *
 * @param message what could not be done
 * @param now milliseconds of some clock
 */
export function createErrorLog(
  log: Pick<Logger, 'error'>,
  message: string,
  now = () => performance.now(),
): (error: unknown) => void {
  const known = new Map<string, { since: number; times: number }>()
  return (thrown) => {
    const at = now()
    const error = messageOf(thrown)
    const before = known.get(error)
    if (before !== undefined && at - before.since < AGAIN_AFTER_MS) {
      before.times++
      return
    }
    for (const [text, { since }] of known) if (at - since >= AGAIN_AFTER_MS) known.delete(text)
    known.set(error, { since: at, times: 0 })
    const times = (before?.times ?? 0) + 1
    log.error({ error, ...(times > 1 && { times }) }, message)
  }
}
