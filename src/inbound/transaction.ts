import { unwatched } from '../capture/extension/every-call.ts'
import { plainClient, rawIn, type SeamClient, transactionOfClient } from '../capture/extension/seam.ts'
import type { Sql } from '../database/sql.ts'

/** A transaction of the application's client. */
export interface EditTransaction {
  /** The client of the transaction, with all its extensions. */
  readonly tx: object
  /** Statements of the library's own in it, past all extensions. */
  readonly sql: Sql
}

/** Waits for a connection, which other records' edits may have; a check that hangs ends with it. In milliseconds. */
const LIMITS = { maxWait: 60_000, timeout: 120_000 } as const

/** Runs in a transaction of the application's client: what is written there is captured as any write of it. */
export async function inEditTransaction<Result>(
  client: SeamClient,
  work: (transaction: EditTransaction) => Promise<Result>,
): Promise<Result> {
  const plain = unwatched(plainClient(client))
  const result = await client.$transaction(async (tx) => {
    const transaction = transactionOfClient(tx)
    const sql: Sql = {
      query: async <Row>(text: string, values: readonly unknown[] = []) =>
        (await rawIn(plain, transaction, text, values)) as Row[],
    }
    return await work({ tx, sql })
  }, LIMITS)
  return result as Result
}
