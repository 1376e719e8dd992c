import type pg from 'pg'
import type { AnyPrismaClient } from './application.ts'
import type { Operation, Runner } from './operations.ts'
import { orderRows } from './row-order.ts'

/**
 * Tries operations by a client without capture, and takes all of it back, the values of sequences too: whoever does the
 * same afterwards gets the same ids.
 */
export class Rehearsal {
  readonly #client: AnyPrismaClient
  readonly #pool: pg.Pool

  /** @param client one without capture */
  constructor(client: AnyPrismaClient, pool: pg.Pool) {
    this.#client = client
    this.#pool = pool
  }

  /** @param work is given a transaction, and what tells whether an operation is accepted in it after those before */
  async run(
    work: (tx: AnyPrismaClient, accepts: (operation: Operation) => Promise<boolean>) => Promise<void>,
  ): Promise<void> {
    const { rows: sequences } = await this.#pool.query<Sequence>(SEQUENCES)
    const over = new Error('the rehearsal is over')
    const rehearse = async (given: unknown) => {
      const tx = given as AnyPrismaClient
      await work(tx, (operation) => isAccepted(tx, operation))
      throw over
    }
    await this.#client.$transaction(rehearse, LONG).catch((error: unknown) => {
      if (error !== over) throw error
    })
    for (const { name, last } of sequences)
      await this.#pool.query('select setval($1::regclass, coalesce($2::bigint, 1), $2 is not null)', [
        name,
        last,
      ])
  }
}

interface Sequence {
  readonly name: string
  readonly last: string | null
}

/** The application's sequences. */
const SEQUENCES = `select format('%I.%I', schemaname, sequencename) as name, last_value as last from pg_sequences
  where schemaname not in ('audit', 'pgboss')`

const LONG = { timeout: 60_000, maxWait: 60_000 }

/** Runs an operation in a savepoint: what is refused leaves nothing behind. */
async function isAccepted(tx: AnyPrismaClient, operation: Operation): Promise<boolean> {
  return tx
    .$transaction(async (inner) => {
      await orderRows(inner as unknown as AnyPrismaClient, [operation])
      await operation.call(inner as unknown as Runner)
    })
    .then(
      () => true,
      () => false,
    )
}
