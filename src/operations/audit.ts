import type { Sql } from '../database/sql.ts'
import { WritebackError } from '../errors.ts'
import { type Actor, type OperationsContext, tablesOf } from './context.ts'

/** What people do to the queue and its targets; `settle`: a worker, to the dead letters of a record that it has written. */
export type AuditAction =
  | 'retry'
  | 'discard'
  | 'pause'
  | 'resume'
  | 'approve'
  | 'restore'
  | 'resolve'
  | 'reconcile'
  | 'reset-stuck'
  | 'cleanup'
  | 'settle'

/** One thing that somebody did. */
export interface AuditEntry {
  readonly id: string
  readonly at: Date
  readonly actor: string
  readonly action: AuditAction
  readonly target: string | null
  /** Ids of jobs, of a record or of a conflict, counts, and the reason that was given. */
  readonly subject: Readonly<Record<string, unknown>>
}

/** Longest name and reason that are kept. */
const MAX_TEXT = 500

/**
 * Writes down who did what, in the transaction in which it is done.
 * @param subject what it was done to; never a cell value
 * @throws WritebackError `OPERATION_INVALID` without an actor
 */
export async function writeAudit(
  context: Pick<OperationsContext, 'config'>,
  sql: Sql,
  { actor, reason }: Actor,
  action: AuditAction,
  target: string | null,
  subject: Readonly<Record<string, unknown>>,
): Promise<void> {
  assertActor(actor)
  const full = reason === undefined ? subject : { ...subject, reason: reason.slice(0, MAX_TEXT) }
  await sql.query(
    `insert into ${tablesOf(context).audit} (actor, action, target, subject) values ($1, $2, $3, $4::jsonb)`,
    [actor.slice(0, MAX_TEXT), action, target, JSON.stringify(full)],
  )
}

/** The last things that people did, the newest first. */
export async function listAudit(
  context: OperationsContext,
  { limit = 50 }: { readonly limit?: number } = {},
): Promise<readonly AuditEntry[]> {
  return await context.sql.query<AuditEntry>(
    `select id::text, at, actor, action, target, subject from ${tablesOf(context).audit} order by id desc limit $1`,
    [limit],
  )
}

/** @throws WritebackError `OPERATION_INVALID` for a name that says nothing */
function assertActor(actor: string): void {
  if (actor.trim() !== '') return
  throw new WritebackError('OPERATION_INVALID', {
    problem: 'nobody is named as the one who does this',
    expected: 'the name of a person or a program',
    got: 'an empty one',
  })
}
