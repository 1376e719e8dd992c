import type { Db, PgBoss } from 'pg-boss'
import type { Logger } from 'pino'
import type { WritebackConfig } from '../config/define-config.ts'
import { quoteIdentifier, quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { WritebackError } from '../errors.ts'
import type { Target } from '../model/target.ts'
import type { QuotaLimit } from '../targets/operator.ts'

/** What operations work with. */
export interface OperationsContext {
  readonly config: WritebackConfig
  readonly boss: PgBoss
  /** pg-boss's own pool. */
  readonly sql: Sql
  readonly log: Logger
  /** The quota to compare the count with, requests per minute; undefined where it is not known. */
  readonly quota: QuotaLimit | undefined
  /** The variables of the process, for what looks at places. */
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** Who does something, and why. Both are written down. */
export interface Actor {
  /** A name that other people recognise: of a person, or of a program. */
  readonly actor: string
  readonly reason?: string | undefined
}

/** Names of the tables that operations read, quoted, with their schemas. */
export function tablesOf({ config }: Pick<OperationsContext, 'config'>) {
  const { library, queue } = config.schemas
  return {
    /** Schema of pg-boss, for its functions. */
    boss: quoteIdentifier(queue),
    job: quoteTable(queue, 'job'),
    target: quoteTable(library, 'sync_target'),
    targetState: quoteTable(library, 'sync_target_state'),
    lane: quoteTable(library, 'sync_lane'),
    record: quoteTable(library, 'sync_record'),
    conflict: quoteTable(library, 'sync_conflict'),
    edit: quoteTable(library, 'sync_edit'),
    progress: quoteTable(library, 'sync_progress'),
    quota: quoteTable(library, 'sync_quota'),
    audit: quoteTable(library, 'sync_audit'),
  }
}

/** Runs statements of the library and of pg-boss in one transaction: all of it happens, or nothing. */
export async function inTransaction<Result>(
  { boss }: Pick<OperationsContext, 'boss'>,
  work: (sql: Sql, db: Db) => Promise<Result>,
): Promise<Result> {
  const transaction = await boss.getDb().beginTransaction?.()
  if (transaction === undefined) throw new TypeError("pg-boss's connection has no transactions")
  const sql: Sql = {
    async query<Row>(text: string, values?: readonly unknown[]) {
      return (await transaction.db.executeSql(text, values ? [...values] : undefined)).rows as Row[]
    },
  }
  try {
    const result = await work(sql, transaction.db)
    await transaction.commit()
    return result
  } catch (error) {
    await transaction.rollback()
    throw error
  }
}

/**
 * The target of a name.
 * @throws WritebackError `TARGET_UNKNOWN` when the configuration has no such target
 */
export function assertTarget({ config }: Pick<OperationsContext, 'config'>, name: string | null): Target {
  const found = config.targets.find((target) => target.name === name)
  if (found) return found
  throw new WritebackError('TARGET_UNKNOWN', {
    problem: 'no such target',
    expected: `one of ${config.targets.map((target) => target.name).join(', ')}`,
    got: name ?? 'none',
  })
}
