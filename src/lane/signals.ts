import type { Target } from '../model/target.ts'
import type { Taken } from './waiting.ts'

/** Ends a call: `abort` at once, `leaving` only while it has not been sent. */
export interface CallSignals {
  readonly abort: AbortSignal
  readonly leaving: AbortSignal
}

/** Signals of a batch, to be disposed of when it ends. */
export interface BatchSignals extends CallSignals {
  dispose(): void
}

/**
 * Signals for a batch: `leaving` when every call that waits for it was aborted, `abort` some time after that, for a
 * call in flight to end by itself.
 * @param leaveWithin in ms
 */
export function batchSignals(taken: Taken<Target>, leaveWithin: number): BatchSignals {
  const waiting = [...taken.values()].flatMap((records) => [...records.values()].flat())
  return signalsOf(new Set(waiting.map(({ signal }) => signal)), leaveWithin)
}

/**
 * As {@link batchSignals}, for the signals of the calls that wait.
 * @param leaveWithin in ms
 */
export function signalsOf(signals: ReadonlySet<AbortSignal>, leaveWithin: number): BatchSignals {
  const leaving = new AbortController()
  const abort = new AbortController()
  let left = signals.size
  let timer: NodeJS.Timeout | undefined
  const onAbort = () => {
    if (--left > 0) return
    leaving.abort()
    timer = setTimeout(() => abort.abort(), leaveWithin)
  }
  for (const signal of signals) {
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  }
  return {
    leaving: leaving.signal,
    abort: abort.signal,
    dispose: () => {
      clearTimeout(timer)
      for (const signal of signals) signal.removeEventListener('abort', onAbort)
    },
  }
}
