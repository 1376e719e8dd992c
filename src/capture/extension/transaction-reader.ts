import { sqlStateOf } from '../../database/sql-state.ts'
import type { Model } from '../../model/data-model.ts'
import { type RowFound, type RowQuery, rowStatement } from './rows.ts'
import { type PrismaTransaction, rawIn, readIn, type SeamClient } from './seam.ts'

const SAVEPOINT = 'writeback_read'
/** Class of the SQLSTATEs for a value that its type does not have. */
const DATA_EXCEPTION = '22'

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

  /** Prisma's `findMany`, by values that Postgres may refuse: then it finds nothing, and the transaction goes on. */
  async findUnlessRefused(model: Model, args: object): Promise<readonly PrismaRecord[]> {
    await this.#run(`savepoint ${SAVEPOINT}`)
    try {
      const found = await this.find(model, args)
      await this.#run(`release savepoint ${SAVEPOINT}`)
      return found
    } catch (error) {
      if (!sqlStateOf(error)?.startsWith(DATA_EXCEPTION)) throw error
      await this.#run(`rollback to savepoint ${SAVEPOINT}`)
      await this.#run(`release savepoint ${SAVEPOINT}`)
      return []
    }
  }

  async #run(statement: string): Promise<void> {
    await rawIn(this.#client, this.#transaction, statement, [])
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
