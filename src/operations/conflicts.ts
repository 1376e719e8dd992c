import { WritebackError } from '../errors.ts'
import { awaitsDecision, reopenEdit } from '../inbound/reopen-edit.ts'
import { sendInbound } from '../queue/inbound.ts'
import { publishStatement } from '../queue/publish.ts'
import { resolveConflict, type Take } from '../targets/merge/resolve-conflict.ts'
import { writeAudit } from './audit.ts'
import { type Actor, assertTarget, inTransaction, type OperationsContext, tablesOf } from './context.ts'

/** A value that somebody changed in a place. Its values are records' values: show them to those who may see them. */
export interface Conflict {
  readonly id: string
  readonly target: string
  /** Id of the record. */
  readonly record: string
  /** Header of the column, or name of the field. */
  readonly column: string
  readonly base: unknown
  readonly database: unknown
  /** What the place shows, whatever kind it is. */
  readonly sheet: unknown
  /** Whose value stands; `none`: nobody has decided. */
  readonly winner: 'database' | 'sheet' | 'merged' | 'none'
  readonly reason: string
  readonly state: 'open' | 'resolved'
  readonly createdAt: Date
  readonly resolvedAt: Date | null
  readonly resolvedBy: string | null
  /** The value that was chosen. */
  readonly resolution: unknown
}

/** Which conflicts are listed. */
export interface ConflictFilter {
  readonly target?: string | undefined
  readonly record?: string | undefined
  /** @defaultValue 'open' */
  readonly state?: 'open' | 'resolved' | 'all' | undefined
  /** @defaultValue 50 */
  readonly limit?: number | undefined
}

/**
 * Lists conflicts, those that wait for a decision first, then the newest.
 * @throws WritebackError `TARGET_UNKNOWN`
 */
export async function listConflicts(
  context: OperationsContext,
  { target, record, state = 'open', limit = 50 }: ConflictFilter = {},
): Promise<readonly Conflict[]> {
  if (target !== undefined) assertTarget(context, target)
  return await context.sql.query<Conflict>(
    `select id, target, record_key as record, column_name as "column", base, database, sheet, winner::text, reason,
       state::text, created_at as "createdAt", resolved_at as "resolvedAt", resolved_by as "resolvedBy", resolution
     from ${tablesOf(context).conflict}
     where ($1::text is null or target = $1) and ($2::text is null or record_key = $2)
       and ($3 = 'all' or state::text = $3)
     order by (open and winner = 'none') desc nulls last, created_at desc, id limit $4`,
    [target ?? null, record ?? null, state, limit],
  )
}

/** A conflict that was decided. */
export interface Resolved {
  readonly id: string
  readonly target: string
  readonly record: string
  readonly column: string
  /** False when the target has left the configuration: no worker would carry the decision out. */
  readonly queued: boolean
}

/**
 * Decides a value, and queues its record: the place follows with the next batch. The decision holds until the database's
 * value changes or somebody changes the place's again.
 *
 * @param take the place's value stays (`sheet`), the database's is written, or another one is
 * @throws WritebackError `OPERATION_INVALID` when there is no such open conflict, or another value is to be put where people
 * may change what the record has
 */
export async function resolve(
  context: OperationsContext,
  id: string,
  take: Take,
  actor: Actor,
): Promise<Resolved> {
  const { config } = context
  let reopened = false
  const resolved = await inTransaction(context, async (sql) => {
    const { target, recordId, column } = await resolveConflict(sql, config.schemas, id, take, actor.actor)
    // What people may change goes into the database.
    const cell = { target, id: recordId, column }
    if (typeof take === 'object' && (await awaitsDecision(sql, config.schemas, cell))) {
      throw new WritebackError('OPERATION_INVALID', {
        problem:
          'a third value cannot be put into a column that people may change: the record would keep its own',
        expected: '"sheet" or "database"',
        got: 'a value',
        remedy: 'Take one of them, or write the value into the record, or type it into the cell',
      })
    }
    reopened = take === 'sheet' && (await reopenEdit(sql, config.schemas, cell))
    const configured = config.targets.find((one) => one.name === target)
    const statement =
      configured &&
      publishStatement(
        config.schemas,
        [configured],
        [{ model: configured.model, id: recordId, operation: 'update' }],
        undefined,
      )
    if (statement) await sql.query(statement.text, statement.values)
    const taken = typeof take === 'object' ? 'value' : take
    await writeAudit(context, sql, actor, 'resolve', target, {
      conflict: id,
      record: recordId,
      column,
      take: taken,
    })
    return { id, target, record: recordId, column, queued: statement !== undefined && statement !== null }
  })
  if (reopened) await sendInbound(context.sql, config.schemas, resolved.target, [resolved.record])
  return resolved
}
