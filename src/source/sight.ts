import { quoteLiteral } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { isUnreachable } from '../database/unreachable.ts'
import { WritebackError } from '../errors.ts'
import type { DataModel, Model } from '../model/data-model.ts'
import type { Target } from '../model/target.ts'
import { tablesRead } from './read-tables.ts'
import { TableLookup } from './table-lookup.ts'

/** How long it is taken for granted that a client which saw every record still does, in milliseconds. */
const CLEAR_FOR_MS = 10_000

/** The part of a Prisma client that runs SQL with the client's role, on the server that the client reads. */
interface RawClient {
  $queryRawUnsafe?<Row>(text: string): Promise<Row[]>
}

/**
 * Makes sure that the worker's Prisma client sees every record: one that is hidden from it looks deleted, and its row
 * would be removed.
 */
export class Sight {
  readonly #client: RawClient
  readonly #dataModel: DataModel
  readonly #lookup: TableLookup
  readonly #clearUntil = new Map<string, number>()

  /**
   * @param client the client that reads the records
   * @param sql another connection, to the primary
   */
  constructor(client: object, sql: Sql, dataModel: DataModel) {
    this.#client = client as RawClient
    this.#dataModel = dataModel
    this.#lookup = new TableLookup(sql, dataModel)
  }

  /**
   * Asks whether row-level security, or a standby, stands between the client and the records of a target.
   * @param forMs how old an earlier answer may be, in milliseconds
   * @throws WritebackError `RECORDS_HIDDEN`
   */
  async assertClear(target: Target, forMs = CLEAR_FOR_MS): Promise<void> {
    const now = performance.now()
    if ((this.#clearUntil.get(target.name) ?? 0) > now + CLEAR_FOR_MS - forMs) return
    this.#clearUntil.delete(target.name)
    const tables = tablesRead(this.#dataModel, target)
    const { hidden, standby } = (await this.#ask(tables)) ?? { hidden: await this.#lookup.hidden(tables) }
    if (standby) throw readsStandby()
    if (hidden.length > 0) throw rowSecurity(hidden)
    this.#clearUntil.set(target.name, now + CLEAR_FOR_MS)
  }

  /**
   * Which of these records exist, whatever the client says.
   * @returns undefined when nobody but the client can tell
   */
  present(model: Model, ids: readonly string[]): Promise<ReadonlySet<string> | undefined> {
    return this.#lookup.present(model, ids)
  }

  /** How many records exist, whatever the client says; undefined as in {@link present}. */
  count(model: Model): Promise<number | undefined> {
    return this.#lookup.count(model)
  }

  /** @returns undefined when the client cannot be asked: it runs no SQL */
  async #ask(
    tables: readonly string[],
  ): Promise<{ hidden: readonly string[]; standby?: boolean } | undefined> {
    try {
      const rows = await this.#client.$queryRawUnsafe?.<{ hidden: readonly string[]; standby: boolean }>(
        `select pg_catalog.pg_is_in_recovery() as standby, array(
           select name from unnest(array[${tables.map(quoteLiteral).join(', ')}]::text[]) as t (name)
           where pg_catalog.row_security_active(pg_catalog.to_regclass(name))) as hidden`,
      )
      return rows?.[0]
    } catch (error) {
      if (isUnreachable(error)) throw error
      return undefined
    }
  }
}

/** The failure of a target some of whose records do not come through the worker's client. */
export function recordsHidden(model: Model, count: number): WritebackError {
  const records = count === 1 ? '1 record' : `${count} records`
  return new WritebackError('RECORDS_HIDDEN', {
    problem: `${records} of ${model.name} would look deleted: the database has them, the worker's Prisma client does not return them`,
    remedy:
      'Give the worker a client without extensions that leave records out, on the primary and in the same schema (to leave records out, use filter); no row is removed, and the target goes on by itself',
  })
}

function rowSecurity(tables: readonly string[]): WritebackError {
  return new WritebackError('RECORDS_HIDDEN', {
    problem: `row-level security applies to the worker's Prisma client in ${tables.join(', ')}: records that it hides would look deleted`,
    remedy:
      'Let the worker read with a role that sees every row: one with BYPASSRLS, or the owner of the tables without FORCE ROW LEVEL SECURITY; no row is removed, and the target goes on by itself',
  })
}

function readsStandby(): WritebackError {
  return new WritebackError('RECORDS_HIDDEN', {
    problem:
      "the worker's Prisma client reads a standby: what has not arrived there looks deleted, or as it was before",
    remedy:
      'Give the worker a client that reads the primary; no row is removed, and the target goes on by itself',
  })
}
