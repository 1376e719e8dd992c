import { mayWrite, namesTable } from './raw-sql.ts'
import type { HookCall } from './seam.ts'
import type { Tracked } from './tracked.ts'

/** An effect of a write on records that a tab shows, which the extension does not see. */
export interface Unfollowed {
  /** Model whose records may have changed. */
  readonly model: string
  /** What the write does to them, for the message. */
  readonly because: string
}

/**
 * What a raw statement may do to what a target shows: it writes, and it names a table of a mirrored model, of a
 * model that is shown with one, of a relation between them, or one whose deleted rows take such rows along.
 */
export function unfollowedRaw(tracked: Tracked, call: HookCall): Unfollowed[] {
  const sql = rawText(call.args)
  if (!mayWrite(sql)) return []
  const named = namesTable(sql)
  const { models, joinTables } = tracked.dataModel
  const found: Unfollowed[] = []
  for (const model of Object.values(models)) {
    const shown = tracked.matters(tracked.table(model)) || tracked.takesAlong(model)
    if (shown && named(model.table)) found.push({ model: model.name, because: 'raw SQL' })
  }
  for (const join of joinTables) {
    const shown = tracked.matters(tracked.joinTable(join))
    if (shown && named(join.table)) {
      found.push({ model: join.a, because: `raw SQL on its relation ${join.aField}` })
    }
  }
  return found
}

/** The text of a raw statement: `Sql` for the tagged forms, the first argument for the unsafe ones. */
export function rawText(args: unknown): string {
  const first = Array.isArray(args) && !('strings' in args) ? args[0] : args
  if (typeof first === 'string') return first
  const { strings, sql } = (first ?? {}) as { strings?: readonly string[]; sql?: string }
  return strings?.join(' ') ?? sql ?? ''
}
