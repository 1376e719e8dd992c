import type { AnyPrismaClient } from './application.ts'
import type { Operation, Operations, Runner } from './operations.ts'
import type { Random } from './random.ts'
import type { Rehearsal } from './rehearsal.ts'

/** How operations are run together. */
export type Form = 'single' | 'interactive' | 'nested transaction' | 'batch'

/** Operations that are committed, or rolled back, together. */
export interface Unit {
  readonly form: Form
  readonly operations: readonly Operation[]
  /** Whether it is made to fail at its end. */
  readonly rollsBack: boolean
  /** Operations that were made for it, and put aside because the database or Prisma refuses them. */
  readonly putAside: number
  /** Whether none of its operations was refused when it was rehearsed. */
  readonly accepted: boolean
}

/** How a unit ended. */
export interface Outcome {
  readonly committed: boolean
  /** What stopped it; undefined when it committed, or when it was made to fail. */
  readonly error: unknown
  /** Operations that were run, up to the one that was refused. */
  readonly issued: number
  /** What was said of the operations that were refused. */
  readonly refusals: readonly unknown[]
}

/** How many of the operations that are refused are made all the same: what is captured of them must be nothing. */
const REFUSED_SHARE = 0.03

class MadeToFail extends Error {}

/**
 * A random unit: mostly one operation on its own, else a few in a transaction. Random data is often refused, so that each
 * operation is rehearsed in a transaction that is rolled back, after those that come before it in the unit.
 */
export async function randomUnit(
  random: Random,
  operations: Operations,
  rehearsal: Rehearsal,
): Promise<Unit> {
  const form = random.weighted<Form>([
    [6, 'single'],
    [2, 'interactive'],
    [1, 'nested transaction'],
    [1, 'batch'],
  ])
  const count = form === 'single' ? 1 : random.integer(2, 4)
  // A report of raw SQL covers all of a transaction: most have none.
  const raw = form === 'single' || random.chance(0.2)
  const rollsBack = form !== 'single' && random.chance(0.3)
  const made: Operation[] = []
  let [putAside, accepted] = [0, true]
  await rehearsal.run(async (tx, isAccepted) => {
    const accepts = async (operation: Operation) => {
      if (await isAccepted(operation)) return true
      const kept = random.chance(REFUSED_SHARE)
      if (kept) accepted = false
      else putAside++
      return kept
    }
    while (made.length < count) {
      operations.records.readFrom(tx)
      made.push(await operations.any(raw, accepts))
    }
  })
  return { form, operations: made, rollsBack, putAside, accepted }
}

/** The operations of a unit, with their arguments. */
export function describeUnit({ form, rollsBack, operations }: Unit): string {
  const calls = operations.map((operation) => `  ${operation.name} ${text(operation.args)}`)
  return [`${form}${rollsBack ? ', rolled back' : ''}`, ...calls].join('\n')
}

/** Runs a unit. Operations of random data may fail; then all of the unit is rolled back, or the part in a savepoint. */
export async function runUnit(client: AnyPrismaClient, unit: Unit): Promise<Outcome> {
  const tally = new Tally()
  try {
    await runForm(client, unit, tally)
    return { committed: true, error: undefined, ...tally }
  } catch (error) {
    return { committed: false, error: error instanceof MadeToFail ? undefined : error, ...tally }
  }
}

/** Counts operations. */
class Tally {
  issued = 0
  readonly refusals: unknown[] = []

  async run(operation: Operation, runner: unknown): Promise<void> {
    this.issued++
    await Promise.resolve(operation.call(runner as Runner)).catch((error: unknown) => this.refuse(error))
  }

  refuse(error: unknown): never {
    this.refusals.push(error)
    throw error
  }
}

const LONG = { timeout: 60_000, maxWait: 60_000 }

async function runForm(client: AnyPrismaClient, unit: Unit, tally: Tally): Promise<void> {
  const { form, operations, rollsBack } = unit
  if (form === 'single') {
    for (const one of operations) await tally.run(one, client)
    return
  }
  if (form === 'batch') {
    const calls = operations.map((operation) => operation.call(client as Runner))
    // A division by zero in the last statement fails the batch.
    if (rollsBack) calls.push((client as Runner).$executeRawUnsafe('select 1 / 0'))
    tally.issued += operations.length
    await client.$transaction(calls as never).catch((error: unknown) => {
      if (rollsBack) throw new MadeToFail()
      tally.refuse(error)
    })
    return
  }
  await client.$transaction(async (tx) => {
    if (form === 'interactive') for (const one of operations) await tally.run(one, tx)
    else await inSavepoints(tx as unknown as AnyPrismaClient, operations, tally)
    if (rollsBack) throw new MadeToFail()
  }, LONG)
}

/** Each operation in a savepoint of its own: what fails there, or every third, is taken back alone. */
async function inSavepoints(
  tx: AnyPrismaClient,
  operations: readonly Operation[],
  tally: Tally,
): Promise<void> {
  for (const [at, one] of operations.entries()) {
    await tx
      .$transaction(async (inner) => {
        await tally.run(one, inner)
        if (at % 3 === 2) throw new MadeToFail()
      })
      .catch(() => {})
  }
}

function text(args: unknown): string {
  return JSON.stringify(args, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value))
}
