import { WritebackError } from '../errors.ts'
import { publishStatement } from '../queue/publish.ts'
import { writeAudit } from './audit.ts'
import { type Actor, assertTarget, inTransaction, type OperationsContext, tablesOf } from './context.ts'

/** What a pause or a resume changed. */
export interface StateChange {
  readonly target: string
  readonly state: 'active' | 'paused'
  /** False when it was so before. */
  readonly changed: boolean
}

/**
 * Pauses a target on all workers, until somebody resumes it; restarts do not matter. Within a second no worker takes
 * its jobs any more; what is being written is written. Changes keep coming in and wait.
 *
 * @throws WritebackError `TARGET_UNKNOWN`
 */
export function pauseTarget(context: OperationsContext, target: string, actor: Actor): Promise<StateChange> {
  return setState(context, target, 'paused', actor)
}

/**
 * Lets a paused or stopped target go on: workers take its jobs again within a second.
 * @throws WritebackError `TARGET_UNKNOWN`
 */
export function resumeTarget(context: OperationsContext, target: string, actor: Actor): Promise<StateChange> {
  return setState(context, target, 'active', actor)
}

/** What an approval lets happen. */
export interface Approval {
  readonly target: string
  /** Records that are queued: to be deleted, or to get their rows back. */
  readonly records: number
}

/**
 * Says what becomes of records whose rows people deleted, and lets a target go on that stopped for it.
 * @param restore the rows come back, and no record is deleted
 * @throws WritebackError `TARGET_UNKNOWN`
 */
export async function approveDeletions(
  context: OperationsContext,
  target: string,
  restore: boolean,
  actor: Actor,
): Promise<Approval> {
  const configured = assertTarget(context, target)
  await setState(context, target, 'active', actor)
  return await inTransaction(context, async (sql) => {
    const tables = tablesOf(context)
    const missing = await sql.query<{ id: string }>(
      restore
        ? `delete from ${tables.record} where target = $1 and missing_since is not null returning record_key as id`
        : `select record_key as id from ${tables.record} where target = $1 and missing_since is not null`,
      [target],
    )
    if (!restore) {
      await sql.query(`update ${tables.target} set deletions_approved_at = now() where name = $1`, [target])
    }
    const changes = missing.map(({ id }) => ({ model: configured.model, id, operation: 'update' as const }))
    const statement = publishStatement(context.config.schemas, [configured], changes, undefined)
    if (statement) await sql.query(statement.text, statement.values)
    await writeAudit(context, sql, actor, restore ? 'restore' : 'approve', target, {
      records: missing.length,
    })
    return { target, records: missing.length }
  })
}

async function setState(
  context: OperationsContext,
  target: string,
  state: StateChange['state'],
  actor: Actor,
): Promise<StateChange> {
  assertTarget(context, target)
  return await inTransaction(context, async (sql) => {
    const tables = tablesOf(context)
    const [before] = await sql.query<{ state: string }>(
      `select state::text from ${tables.target} where name = $1 for update`,
      [target],
    )
    if (before === undefined) {
      throw new WritebackError('TARGET_UNKNOWN', {
        problem: `target ${target} is in the configuration and not in the database`,
        remedy: 'Run "writeback migrate"',
      })
    }
    if (before.state === state) return { target, state, changed: false }
    await sql.query(
      `update ${tables.target} set state = $2::${tables.targetState}, reason = $3, changed_by = $4,
         state_changed_at = now(), updated_at = now() where name = $1`,
      [target, state, actor.reason ?? null, actor.actor],
    )
    await writeAudit(context, sql, actor, state === 'paused' ? 'pause' : 'resume', target, {
      before: before.state,
    })
    return { target, state, changed: true }
  })
}
