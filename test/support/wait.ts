import { setTimeout as sleep } from 'node:timers/promises'

type Falsy = false | 0 | '' | null | undefined

/**
 * Waits until a condition holds.
 * @param what the condition in words, for the error
 * @param condition asked again and again; its first truthy answer is returned
 * @param withinMs bound, for hangs
 */
export async function until<Value>(
  what: string,
  condition: () => Promise<Value | Falsy> | Value | Falsy,
  withinMs = 20_000,
): Promise<Value> {
  const began = Date.now()
  for (;;) {
    const value = await condition()
    if (value) return value
    const waited = Date.now() - began
    if (waited > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`)
    // What takes long is asked for less often: the question costs what is waited for its processor time.
    await sleep(Math.min(Math.max(20, waited / 10), 200))
  }
}
