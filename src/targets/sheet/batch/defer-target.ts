import type { Sql } from '../../../database/sql.ts'
import { isWritebackError, messageOf } from '../../../errors.ts'
import { isDatabaseAway, outcomeOfError } from '../../../lane/database-away.ts'
import { removalHold } from '../../removal-hold.ts'
import type { BatchContext } from './context.ts'
import type { TargetDecisions } from './decide-target.ts'
import type { TargetWork } from './work.ts'

/** How long a target whose tab cannot be used is left alone. */
const LAYOUT_RETRY_MS = 60_000

/** How long a target is left alone whose records cannot be read: another worker may be able to, during a deploy. */
const RECORDS_RETRY_MS = 15_000

/** How long jobs wait for their target to be taken for stopped, as it is from then on. */
const HELD_RETRY_MS = 5_000

/** @returns true when rows of the target would go that may not: nothing of it is written then */
export async function holdsRemovals(
  context: BatchContext,
  sql: Sql,
  decisions: TargetDecisions,
): Promise<boolean> {
  const { states, store, log } = context
  const { work, writes, unconfirmed } = decisions
  const { target, unseen } = work
  const removals = writes.filter(({ change, isCleanup }) => change === 'removed' && !isCleanup)
  const hold = await removalHold(states, sql, {
    target,
    ids: removals.map(({ id }) => id),
    // A mark takes nothing away.
    unconfirmed: target.onDelete === 'mark' ? new Set() : unconfirmed,
    unseen,
    noun: 'rows',
    count: () => store.countRecords(sql, target.name),
  })
  if (hold === undefined) return false
  const { code, message } = hold.error
  if (hold.asks && (await states.stop(sql, target.name, hold.error)))
    log.error({ target: target.name, code }, message)
  work.isRefused = true
  work.settleAll({ status: 'deferred', code, reason: message, retryAfterMs: HELD_RETRY_MS })
  return true
}

/** Defers all records of a target that cannot go on, and says why; the other targets of the batch go on. */
export async function deferTarget(
  { states, log }: BatchContext,
  sql: Sql,
  work: TargetWork,
  error: unknown,
): Promise<void> {
  const isOfRecords = isWritebackError(error, 'TARGET_UNREADABLE', 'RECORDS_HIDDEN')
  if (isOfRecords || isWritebackError(error, 'SHEET_LAYOUT', 'SHEET_REFUSED')) {
    log.error({ target: work.target.name, code: error.code }, error.message)
    work.isRefused = true
    await states.recordError(sql, [work.target.name], error.code, error.message)
    work.settleAll({
      status: 'deferred',
      code: error.code,
      reason: error.message,
      retryAfterMs: isOfRecords ? RECORDS_RETRY_MS : LAYOUT_RETRY_MS,
    })
    return
  }
  if (!isDatabaseAway(error)) {
    log.error({ target: work.target.name, error: messageOf(error) }, 'the records of a target cannot be read')
  }
  work.settleAll(outcomeOfError(error))
}
