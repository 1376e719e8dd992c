import type { Logger } from 'pino'
import type { Schemas } from '../../config/schemas.ts'
import { quoteLiteral } from '../../database/quote.ts'
import type { Sql } from '../../database/sql.ts'
import { WritebackError } from '../../errors.ts'
import { goneMessage, HEAR_OF_CHANGES, INSTALL_LOCK, isReadySql, targetTable } from '../../queue/readiness.ts'

/**
 * Whether the extension publishes in this database, by the rules of `queue/readiness.ts`: the same that the functions
 * of the triggers go by.
 */
export class Installation {
  readonly #schemas: Schemas
  readonly #log: Logger
  #isReady = false
  #hasWarned = false

  constructor(schemas: Schemas, log: Logger) {
    this.#schemas = schemas
    this.#log = log
  }

  /**
   * False where the release step has never run: the write passes without a job, and the first release step waits for its
   * transaction. Once it is true nothing is asked any more, and publishing itself fails where something is gone.
   *
   * @param sql in the transaction of the write
   * @throws WritebackError `QUEUE_MISSING` where the release step has run and what it made is gone
   */
  async isReady(sql: Sql): Promise<boolean> {
    if (this.#isReady || (await this.#look(sql))) return true
    await sql.query(`select pg_advisory_xact_lock_shared(${INSTALL_LOCK})::text as locked`)
    await sql.query(HEAR_OF_CHANGES)
    if (await this.#look(sql)) return true
    if (await this.#hasTargets(sql)) {
      throw new WritebackError('QUEUE_MISSING', {
        problem: goneMessage(this.#schemas),
        remedy: 'Its transaction was rolled back',
      })
    }
    if (!this.#hasWarned) {
      this.#hasWarned = true
      this.#log.warn(
        { code: 'QUEUE_MISSING' },
        'the release step has never run in this database: writes pass without a job, and "writeback migrate" will have every tab compared with its whole table',
      )
    }
    return false
  }

  /** Looks again with the next question. */
  forget(): void {
    this.#isReady = false
  }

  async #look(sql: Sql): Promise<boolean> {
    const [row] = await sql.query<{ ready: boolean }>(`select ${isReadySql(this.#schemas)} as ready`)
    this.#isReady = row?.ready === true
    return this.#isReady
  }

  async #hasTargets(sql: Sql): Promise<boolean> {
    const table = targetTable(this.#schemas)
    const [row] = await sql.query<{ there: boolean }>(
      `select to_regclass(${quoteLiteral(table)}) is not null as there`,
    )
    if (!row?.there) return false
    const [found] = await sql.query<{ any: boolean }>(`select exists (select from ${table}) as any`)
    return found?.any === true
  }
}
