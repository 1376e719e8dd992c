import type { RecordDecision, RowAction } from '../decide/decide-record.ts'
import type { Leftover } from './damage.ts'

/** A decision about a row that is not the record's own, which says nothing about the record. */
export function aboutCopy(id: string, action: RowAction): RecordDecision {
  return {
    id,
    action,
    change: 'written',
    base: undefined,
    missing: false,
    conflicts: [],
    agreed: [],
    isCopy: true,
  }
}

/**
 * The decision that takes something of ours out of a row again.
 * @param withKey whether the row's key is ours as well
 */
export function removal(leftover: Leftover, row: number, withKey = false): RecordDecision {
  if (!('row' in leftover)) return aboutCopy(leftover.id, { kind: 'remove', row })
  return aboutCopy(leftover.decision.id, { kind: 'empty', row, columns: leftover.columns, withKey })
}
