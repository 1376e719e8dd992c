import type { Leftover } from './damage.ts'
import type { RecordDecision } from './decide-record.ts'

/**
 * The decision that takes something of ours out of a row again.
 * @param withKey whether the row's key is ours as well
 */
export function removal(leftover: Leftover, row: number, withKey = false): RecordDecision {
  return {
    id: 'row' in leftover ? leftover.decision.id : leftover.id,
    action:
      'row' in leftover
        ? { kind: 'empty', row, columns: leftover.columns, withKey }
        : { kind: 'remove', row },
    change: 'written',
    base: undefined,
    missing: false,
    conflicts: [],
    agreed: [],
    isCopy: true,
  }
}
