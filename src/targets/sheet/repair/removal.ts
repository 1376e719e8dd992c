import { cleanup } from '../decide/copies.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import type { Leftover } from './suspicion.ts'

/**
 * The decision that takes something of ours out of a row again.
 * @param withKey whether the row's key is ours as well
 */
export function removal(leftover: Leftover, row: number, withKey = false): RecordDecision {
  if (!('row' in leftover)) return cleanup(leftover.id, { kind: 'remove', row })
  return cleanup(leftover.decision.id, { kind: 'empty', row, columns: leftover.columns, withKey })
}
