import type { Model } from '../../model/data-model.ts'
import { type RowFound, type RowQuery, rowStatement } from './rows.ts'
import { type PrismaTransaction, rawIn, readIn, type SeamClient } from './seam.ts'

type PrismaRecord = Readonly<Record<string, unknown>>

/**
 * Reads in the transaction of a write, past the extensions of the client: a filter that hides records from the
 * application would hide their changes from us.
 */
export class TransactionReader {
  readonly #client: SeamClient
  readonly #transaction: PrismaTransaction

  /** @param client the client without extensions */
  constructor(client: SeamClient, transaction: PrismaTransaction) {
    this.#client = client
    this.#transaction = transaction
  }

  /** Prisma's `findUnique`. */
  async findOne(model: Model, args: object): Promise<PrismaRecord | null> {
    return (await this.#read(model, 'findUnique', args)) as PrismaRecord | null
  }

  /** Prisma's `findMany`. */
  async find(model: Model, args: object): Promise<readonly PrismaRecord[]> {
    return (await this.#read(model, 'findMany', args)) as PrismaRecord[]
  }

  /** What is undefined at the top is not there: an application may have Prisma refuse it. */
  #read(model: Model, operation: 'findUnique' | 'findMany', args: object): PromiseLike<unknown> {
    const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined))
    return readIn(this.#client, this.#transaction, model.name, operation, given)
  }

  /** The answers to all queries, in one statement. */
  async rows(queries: readonly RowQuery[]): Promise<readonly RowFound[]> {
    const statement = rowStatement(queries)
    if (statement === null) return []
    const answer = await rawIn(this.#client, this.#transaction, statement.text, statement.values)
    return statement.read(answer)
  }
}
