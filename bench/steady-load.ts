import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Begins writes at a steady rate, whether or not those before have ended, and waits until all have.
 * @param write begins the write of this number
 * @returns when each had ended, in milliseconds since 1970, by its number
 */
export async function steadyLoad(
  count: number,
  perSecond: number,
  write: (at: number) => Promise<unknown>,
): Promise<number[]> {
  const ended: Promise<number>[] = []
  const began = performance.now()
  for (let at = 0; at < count; at++) {
    const due = began + (at * 1000) / perSecond
    if (due > performance.now()) await sleep(due - performance.now())
    ended.push(write(at).then(() => Date.now()))
  }
  return await Promise.all(ended)
}
