import { type Problem, problemOf } from './problem.ts'

/** What came of a call. */
export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem }

/** Makes calls to one outside system. */
export interface Caller {
  readonly timeoutMs: number
  /** Ends every call. */
  readonly abort: AbortSignal
}

/**
 * Calls a function of the configuration, and waits for it no longer than is allowed: one that does not heed its signal
 * goes on by itself, and what comes of it is looked at as after any other lost answer.
 */
export async function call<Value>(
  { timeoutMs, abort }: Caller,
  work: (signal: AbortSignal) => Value | Promise<Value>,
): Promise<Answer<Value>> {
  const signal = AbortSignal.any([abort, AbortSignal.timeout(timeoutMs)])
  const { promise: over, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    const working = (async () => await work(signal))()
    // What comes after its time is nobody's business.
    working.catch(() => {})
    return { ok: true, value: await Promise.race([working, over]) }
  } catch (error) {
    return { ok: false, problem: problemOf(error) }
  } finally {
    signal.removeEventListener('abort', onAbort)
    over.catch(() => {})
  }
}
