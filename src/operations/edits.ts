import type { Edit, EditState } from '../inbound/edit.ts'
import { assertTarget, type OperationsContext, tablesOf } from './context.ts'

/** Something that a person changed in a place. Its values are records' values: show them to those who may see them. */
export interface EditEntry {
  readonly id: string
  readonly target: string
  /** Id of the record. */
  readonly record: string
  /** `create` and `remove`: a whole entry was added, or removed. */
  readonly kind: Edit['kind']
  /** Header of the column; empty for a whole entry. */
  readonly column: string
  /** What the person left in the place. */
  readonly shown: unknown
  /** What the place showed of the record before, and of what was written; null where nothing was. */
  readonly before: unknown
  readonly after: unknown
  readonly state: EditState
  /** Who made it, where the place tells. */
  readonly editor: string | null
  readonly code: string | null
  /** Why it was refused, or lost. */
  readonly reason: string | null
  readonly seenAt: Date
  readonly decidedAt: Date | null
}

/** Which edits are listed. */
export interface EditFilter {
  readonly target?: string | undefined
  readonly record?: string | undefined
  /** @defaultValue all */
  readonly states?: readonly EditState[] | undefined
  /** @defaultValue 50 */
  readonly limit?: number | undefined
}

/**
 * Lists what people changed, the newest first.
 * @throws WritebackError `TARGET_UNKNOWN`
 */
export async function listEdits(
  context: OperationsContext,
  { target, record, states, limit = 50 }: EditFilter = {},
): Promise<readonly EditEntry[]> {
  if (target !== undefined) assertTarget(context, target)
  return await context.sql.query<EditEntry>(
    `select id::text, target, record_key as record, kind::text, column_name as "column", shown, before, after, state::text,
       editor, code, reason, seen_at as "seenAt", decided_at as "decidedAt"
     from ${tablesOf(context).edit}
     where ($1::text is null or target = $1) and ($2::text is null or record_key = $2)
       and ($3::text[] is null or state::text = any ($3))
     order by sync_edit.id desc limit $4`,
    [target ?? null, record ?? null, states ?? null, limit],
  )
}
