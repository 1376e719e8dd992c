import { AsyncLocalStorage } from 'node:async_hooks'
import type { ChangeContext } from './change.ts'

const storage = new AsyncLocalStorage<ChangeContext>()

/**
 * Runs `fn` so that every change it makes carries `context`. An inner call adds to, and overrides, the
 * outer one.
 *
 * Prisma's promises are lazy: a query runs in the context in which it is awaited. `fn` is awaited inside for
 * that reason, so `runWithContext(c, () => prisma.x.create(...))` carries `c`.
 *
 * @param context who the changes are owed to
 * @param fn what to run; its result is passed through
 */
export function runWithContext<T>(context: ChangeContext, fn: () => T | PromiseLike<T>): Promise<T> {
  return storage.run({ ...storage.getStore(), ...context }, async () => await fn())
}

/** The context of the code that is running now, or undefined outside of {@link runWithContext}. */
export function currentContext(): ChangeContext | undefined {
  return storage.getStore()
}
