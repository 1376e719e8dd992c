import type { Logger } from 'pino'
import type { Sql } from '../database/sql.ts'
import { isWritebackError } from '../errors.ts'
import type { Target } from '../model/target.ts'
import type { Sight } from '../source/sight.ts'
import type { TargetStates } from './state.ts'

/**
 * Looks, before a worker takes its first job, whether its client sees the records of every target, and writes down with
 * a target that it does not. Nothing of such a target is written until it does.
 */
export async function checkSight(
  { sight, states, sql, log }: { sight: Sight; states: TargetStates; sql: Sql; log: Logger },
  targets: readonly Target[],
): Promise<void> {
  for (const target of targets) {
    try {
      await sight.assertClear(target)
      await states.clearError(sql, target.name, ['RECORDS_HIDDEN'])
    } catch (error) {
      // Whatever else is wrong shows when records are read.
      if (!isWritebackError(error, 'RECORDS_HIDDEN')) continue
      log.error({ target: target.name, code: error.code }, error.message)
      await states.recordError(sql, [target.name], error.code, error.message)
    }
  }
}
