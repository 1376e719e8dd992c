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
  const deadline = Date.now() + withinMs
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`)
    await sleep(20)
  }
}
