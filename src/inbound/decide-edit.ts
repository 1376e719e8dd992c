import type { ConflictNote } from '../targets/merge/decide-value.ts'
import { decideConflict, type ThreeValues } from '../targets/merge/values.ts'
import type { EditableField, EditRules } from './edit-rules.ts'
import type { PendingEdit } from './edit-store.ts'
import { type Refusal, refusal } from './refusal.ts'

/** What is to be done about an edit. */
export type EditDecision =
  /** It is none any more: the base has become what the place shows. */
  | { readonly take: 'nothing' }
  /** Place and database say the same. */
  | { readonly take: 'agreed' }
  | { readonly take: 'write'; readonly value: unknown; readonly conflict?: ConflictNote }
  /** The database's value goes over it. */
  | { readonly take: 'database'; readonly reason: string; readonly conflict: ConflictNote }
  | { readonly take: 'nobody'; readonly refusal: Refusal; readonly conflict?: ConflictNote }

/** What decides about an edit. */
export interface EditCase {
  readonly edit: PendingEdit
  readonly field: EditableField
  /** What place and database have agreed on by now, as the place shows it. */
  readonly agreed: unknown
  /** What the place would show of the record; undefined for a value that it cannot show. */
  readonly current: unknown
  /** The record's value in the form that edits are read in. */
  readonly value: unknown
  /** When the record was changed, where the field's strategy asks for it. */
  readonly changedAt: Date | null
  readonly words: EditRules['words']
}

/**
 * Decides one edit. It is written, unless what was typed is no value of the field. Where the database's value has changed
 * as well, the field's strategy decides, with the same words and in the same list as a conflict of a column that is not
 * writable.
 */
export function decideEdit({
  edit,
  field,
  agreed,
  current,
  value,
  changedAt,
  words,
}: EditCase): EditDecision {
  const { shown, zone, seenAt } = edit
  // A base that has moved since was settled with the cell in sight: what the cell shows now, the next look sees.
  if (field.same(shown, agreed) || !field.same(edit.base, agreed)) return { take: 'nothing' }
  if (current !== undefined && field.same(shown, current)) return { take: 'agreed' }
  const read = field.read(shown, zone)
  if ('refused' in read) return { take: 'nobody', refusal: refusal('EDIT_INVALID', read.refused) }
  if (current !== undefined && field.same(current, agreed)) return { take: 'write', value: read.value }

  const values: ThreeValues = { base: asValue(field, agreed, zone), database: value, place: read.value }
  // When the edit was found is the best that is known of when it was made.
  const times = () => ({ database: changedAt, place: seenAt })
  const verdict = decideConflict(field.strategy, values, words, times)
  const note = (winner: ConflictNote['winner'], open: boolean, reason = verdict.reason): ConflictNote => ({
    ...{ header: field.header, base: agreed, database: current ?? null, sheet: shown },
    ...{ winner, reason, open },
  })
  const waits = (reason: string): EditDecision => ({
    take: 'nobody',
    refusal: refusal('EDIT_CONFLICT', `the record was changed meanwhile: ${reason}`),
    conflict: note('none', true, reason),
  })
  switch (verdict.take) {
    case 'place':
      return { take: 'write', value: read.value, conflict: note('sheet', false) }
    case 'database':
      return { take: 'database', reason: verdict.reason, conflict: note('database', false) }
    case 'nobody':
      return waits(verdict.reason)
    case 'value': {
      const merged = fitting(field, verdict.value, zone)
      return merged === undefined
        ? waits(`${verdict.reason}, but the database takes no such value; waits for a decision`)
        : { take: 'write', value: merged.value, conflict: note('merged', false) }
    }
  }
}

/** What the place shows as a value, or as it is where it stands for none. */
function asValue(field: EditableField, shown: unknown, zone: string): unknown {
  const read = field.read(shown, zone)
  return 'value' in read ? read.value : shown
}

/** A value of a merge, if it is one of the field. */
function fitting(field: EditableField, value: unknown, zone: string): { value: unknown } | undefined {
  try {
    const read = field.read(field.show(value, zone), zone)
    return 'value' in read ? read : undefined
  } catch {
    return undefined
  }
}
