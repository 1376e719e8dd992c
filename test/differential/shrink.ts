import { randomUUID } from 'node:crypto'
import { connectApplication, type GeneratedApplication, makeApplication } from './application.ts'
import { withDatabase } from './databases.ts'
import type { Operation } from './operations.ts'
import { Differential, type DifferentialOptions, type Found } from './run.ts'
import { Session } from './session.ts'
import type { Unit } from './units.ts'

/**
 * Looks for the smallest unit in the place of one with a miss that is missed too: without some of its operations, and
 * without parts of their arguments. The run is repeated up to the unit, and each try gets a copy of that database.
 *
 * @param schema what was made of the options' schema
 * @param tries how many smaller units are tried at most
 * @returns null when the miss does not happen again
 */
export async function shrink(
  options: Omit<DifferentialOptions, 'schema'>,
  schema: GeneratedApplication,
  { unit, operations }: Found,
  tries = 150,
): Promise<Unit | null> {
  const name = `shrink_${randomUUID().slice(0, 8)}`
  return withDatabase(options.url, name, async (url) => {
    const application = await makeApplication(schema, url)
    const run = new Differential({ ...options, schema, url }, application)
    try {
      await run.run(operations - unit.operations.length)
    } finally {
      await application.close()
    }
    const misses = (smaller: Unit) =>
      withDatabase(
        url,
        `${name}_try`,
        async (copy) => {
          const there = connectApplication(schema, copy, [])
          try {
            const session = await Session.open(there, options.capture, run.config, run.targets)
            await session.settle()
            return (await session.check(smaller)).missed.some(({ reported }) => !reported)
          } finally {
            await there.close()
          }
        },
        name,
      )
    return (await misses(unit)) ? smallest(unit, misses, tries) : null
  })
}

/** Takes away one part of a unit after the other, and leaves away what a miss does not need. */
export async function smallest(
  unit: Unit,
  misses: (unit: Unit) => Promise<boolean>,
  tries: number,
): Promise<Unit> {
  let known = unit
  let candidates = smallerOf(known)
  for (let left = tries; left > 0; left--) {
    const { value: candidate } = candidates.next()
    if (candidate === undefined) break
    if (!(await misses(candidate))) continue
    known = candidate
    candidates = smallerOf(known)
  }
  return known
}

/** Units with one operation less, or one part of an operation's arguments less: the largest parts first. */
function* smallerOf(unit: Unit): Generator<Unit, undefined> {
  const { operations } = unit
  if (operations.length > 1) {
    for (const one of operations) yield { ...unit, operations: operations.filter((other) => other !== one) }
  } else if (unit.form !== 'single') yield { ...unit, form: 'single' }
  for (const [at, operation] of operations.entries()) {
    // Raw SQL is reported, and its text has no parts.
    if (operation.kind === 'raw SQL') continue
    for (const args of without(operation.args)) {
      yield { ...unit, operations: operations.with(at, withArguments(operation, args)) }
    }
  }
}

function withArguments(operation: Operation, args: unknown): Operation {
  return { ...operation, args, call: (runner, given = args) => operation.call(runner, given) }
}

/** A value without one of its parts, level by level. */
function* without(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return
  const keys = Object.keys(value)
  const put = (key: string, part: unknown) =>
    Array.isArray(value) ? value.with(Number(key), part) : { ...value, [key]: part }
  for (const key of keys) {
    if (Array.isArray(value)) yield value.filter((_, at) => String(at) !== key)
    else yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
  }
  for (const key of keys) {
    for (const part of without((value as Record<string, unknown>)[key])) yield put(key, part)
  }
}
