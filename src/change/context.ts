import { AsyncLocalStorage } from 'node:async_hooks'
import { activeSpan, traceparentOf } from '../tracing/trace-context.ts'
import type { ChangeContext } from './change.ts'
import { cleanContext } from './clean-context.ts'
import { warnWithoutContextCarrier } from './context-carriers.ts'

const STORAGE = Symbol.for('prisma-writeback.context')

/** One for the process: a bundler may have put several copies of this module into it. */
const processWide = globalThis as { [STORAGE]?: AsyncLocalStorage<ChangeContext> }
processWide[STORAGE] ??= new AsyncLocalStorage<ChangeContext>()
const storage = processWide[STORAGE]

/** Stands for the context of code that has none. */
const NONE: ChangeContext = {}

/** Contexts with the span they were asked for in. Asked twice, the answer is the same object: queries are grouped by it. */
const traced = new WeakMap<object, WeakMap<ChangeContext, ChangeContext>>()

/**
 * Runs `fn` so that every change it makes carries `context`. An inner call adds to, and overrides, the
 * outer one. Where the application traces with OpenTelemetry, the active span is carried as well.
 *
 * Prisma's promises are lazy: a query runs in the context in which it is awaited. `fn` is awaited inside for
 * that reason, so `runWithContext(c, () => prisma.x.create(...))` carries `c`.
 *
 * A write never fails because of its context: values become text of at most 200 characters without NUL, and keys that
 * are not known are dropped.
 *
 * @param context who the changes are owed to
 * @param fn what to run; its result is passed through
 */
export function runWithContext<T>(context: ChangeContext, fn: () => T | PromiseLike<T>): Promise<T> {
  const merged = { ...withActiveSpan(storage.getStore()), ...cleanContext(context) }
  return storage.run(merged, async () => {
    const result = await fn()
    // Afterwards: the client may be made within.
    warnWithoutContextCarrier()
    return result
  })
}

/**
 * The context of the code that is running now: that of {@link runWithContext}, and the `traceparent` of the active
 * OpenTelemetry span unless it has one; undefined when there is neither.
 */
export function currentContext(): ChangeContext | undefined {
  return withActiveSpan(storage.getStore())
}

function withActiveSpan(context: ChangeContext | undefined): ChangeContext | undefined {
  if (context?.traceparent !== undefined) return context
  const span = activeSpan()
  const traceparent = span && traceparentOf(span)
  if (span === undefined || traceparent === undefined) return context
  let known = traced.get(span)
  if (known === undefined) {
    known = new WeakMap()
    traced.set(span, known)
  }
  let full = known.get(context ?? NONE)
  if (full === undefined) {
    full = { ...context, traceparent }
    known.set(context ?? NONE, full)
  }
  return full
}
