import type { AnyPrismaClient } from './application.ts'
import type { Operation, Operations, Runner } from './operations.ts'
import type { Random } from './random.ts'

/** How operations are run together. */
export type Form = 'single' | 'interactive' | 'nested transaction' | 'batch'

/** Operations that are committed, or rolled back, together. */
export interface Unit {
  readonly form: Form
  readonly operations: readonly Operation[]
  /** Whether it is made to fail at its end. */
  readonly rollsBack: boolean
}

/** How a unit ended. */
export interface Outcome {
  readonly committed: boolean
  /** What stopped it; undefined when it committed, or when it was made to fail. */
  readonly error: unknown
}

class MadeToFail extends Error {}

/** A random unit: mostly one operation on its own, else a few in a transaction. */
export async function randomUnit(random: Random, operations: Operations): Promise<Unit> {
  const form = random.weighted<Form>([
    [6, 'single'],
    [2, 'interactive'],
    [1, 'nested transaction'],
    [1, 'batch'],
  ])
  const count = form === 'single' ? 1 : random.integer(2, 4)
  const made: Operation[] = []
  while (made.length < count) made.push(await operations.any())
  return { form, operations: made, rollsBack: form !== 'single' && random.chance(0.3) }
}

/** Runs a unit. Operations of random data may fail; then all of the unit is rolled back, or the part in a savepoint. */
export async function runUnit(client: AnyPrismaClient, unit: Unit): Promise<Outcome> {
  try {
    await runForm(client, unit)
    return { committed: true, error: undefined }
  } catch (error) {
    return { committed: false, error: error instanceof MadeToFail ? undefined : error }
  }
}

async function runForm(client: AnyPrismaClient, { form, operations, rollsBack }: Unit): Promise<void> {
  if (form === 'single') {
    await operations[0]?.call(client as Runner)
    return
  }
  if (form === 'batch') {
    const calls = operations.map((operation) => operation.call(client as Runner))
    // A division by zero in the last statement fails the batch.
    if (rollsBack) calls.push((client as Runner).$executeRawUnsafe('select 1 / 0'))
    await client.$transaction(calls as never).catch((error: unknown) => {
      throw rollsBack ? new MadeToFail() : error
    })
    return
  }
  await client.$transaction(
    async (tx) => {
      if (form === 'interactive') for (const one of operations) await one.call(tx as unknown as Runner)
      else await inSavepoints(tx as unknown as AnyPrismaClient, operations)
      if (rollsBack) throw new MadeToFail()
    },
    { timeout: 60_000, maxWait: 60_000 },
  )
}

/** Each operation in a savepoint of its own: what fails there, or every third, is taken back alone. */
async function inSavepoints(tx: AnyPrismaClient, operations: readonly Operation[]): Promise<void> {
  for (const [at, one] of operations.entries()) {
    await tx
      .$transaction(async (inner) => {
        await one.call(inner as unknown as Runner)
        if (at % 3 === 2) throw new MadeToFail()
      })
      .catch(() => {})
  }
}
