import { isUnreachable } from '../../../database/unreachable.ts'
import { messageOf } from '../../../errors.ts'
import { LaneFailure } from '../../../lane/failure.ts'
import { isNetworkError } from '../../../lane/network-error.ts'
import { FOREIGN_TABLE } from './table.ts'

/** Data, constraints, and limits that a value is above. */
const OF_RECORD = /^(22|23|54)/
/** A transaction that was rolled back, a lock or a time that was not granted, an error inside of Postgres. */
const TRANSIENT = /^(40|55|XX|58|57014$|25)/
const AWAY = /^(08|53|57)/

/** The SQLSTATE of an error; undefined for one that has none. */
export function sqlState(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E') ? code : undefined
}

/** Whether a statement was refused for a value that it had. */
export function isOfRecord(error: unknown): boolean {
  return OF_RECORD.test(sqlState(error) ?? '')
}

/** What an error of Postgres, or of the way to it, means for everything that was to be written. */
export function postgresFailure(error: unknown): LaneFailure | undefined {
  const state = sqlState(error)
  const words = messageOf(error)
  if (state === undefined) {
    const isAway = isNetworkError(error) || isUnreachable(error) || /pool/i.test(words)
    // What broke in between may have been carried out; it is sent again under the same version.
    return isAway ? new LaneFailure('transient', 'PLACE_UNAVAILABLE', null, words) : undefined
  }
  const message = `Postgres says ${state} ${words}`
  if (state.startsWith('28') || state === '42501')
    return new LaneFailure('forbidden', 'PLACE_FORBIDDEN', null, message)
  if (state === '3D000' || state === '3F000' || state === '42P01')
    return new LaneFailure('gone', 'PLACE_NOT_FOUND', null, message)
  if (AWAY.test(state) && state !== '57014')
    return new LaneFailure('transient', 'PLACE_UNAVAILABLE', null, message)
  if (TRANSIENT.test(state)) return new LaneFailure('transient', 'PLACE_UNAVAILABLE', null, message)
  if (state.startsWith('42') || state.startsWith('0A') || state === FOREIGN_TABLE)
    return new LaneFailure('refused', 'PLACE_SETTINGS', null, message)
  return undefined
}
