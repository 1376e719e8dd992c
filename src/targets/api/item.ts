import type { DocumentWrite } from '../documents/place.ts'
import type { ConflictNote } from '../merge/decide-value.ts'
import { isSame } from './fields.ts'
import type { Intent } from './intent.ts'
import type { Known } from './store.ts'

/** One record on its way to an outside system. */
export interface Item {
  readonly write: DocumentWrite
  /** As it is stored, or will be with the next statement. */
  known: Known
  isDirty: boolean
  /** Conflicts to be listed, and fields whose conflicts are over. */
  notes: readonly ConflictNote[]
  agreed: readonly string[]
  /** How often it was changed between reading and writing, and how often an answer was lost. */
  mismatches: number
  losses: number
}

export function itemOf(write: DocumentWrite, known: Known): Item {
  return { write, known, isDirty: false, notes: [], agreed: [], mismatches: 0, losses: 0 }
}

/** Takes note of what is known now. */
export function change(item: Item, known: Known): void {
  item.known = known
  item.isDirty = true
}

/** Takes note of what both sides agree on now, and of the conflicts on the way there. */
export function finish(item: Item, { base, notes, agreed }: Pick<Intent, 'base' | 'notes' | 'agreed'>): void {
  if (item.known.intent || !isSame(base, item.known.base)) change(item, { base, intent: null })
  item.notes = [...item.notes, ...notes]
  item.agreed = [...item.agreed, ...agreed]
}
