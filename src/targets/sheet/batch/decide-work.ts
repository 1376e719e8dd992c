import type { Sql } from '../../../database/sql.ts'
import type { Zone } from '../cells/zone.ts'
import { holdDeletions } from '../edits/deletions.ts'
import { mistakenMarks } from '../edits/mistaken-marks.ts'
import type { BatchContext } from './context.ts'
import { decideTarget, type TargetDecisions } from './decide-target.ts'
import { deferTarget, holdsRemovals } from './defer-target.ts'
import type { Gathered } from './gather.ts'
import { inspect } from './inspect.ts'

/**
 * Decides what was read, target by target. One whose tab cannot be used, or that would lose more rows than it may, is left
 * out: its records wait.
 */
export async function decideWork(
  context: BatchContext,
  sql: Sql,
  zone: Zone,
  gathered: readonly Gathered[],
): Promise<TargetDecisions[]> {
  const decided: TargetDecisions[] = []
  for (const one of gathered) {
    try {
      const database = await one.database
      const inspected = inspect(one, database)
      const { view, found } = inspected
      for (const [record, row] of view ? await mistakenMarks(context, sql, view, database.edits) : []) {
        one.work.repair(record)
        found.rowsToRekey.set(record, row)
      }
      const decisions = decideTarget(inspected, zone, database)
      for (const id of decisions.ignored) one.work.ignore(id)
      for (const [id, outcome] of decisions.unwritable) one.work.settle(id, outcome)
      if (await holdsRemovals(context, sql, decisions)) continue
      decided.push(await holdDeletions(context, sql, decisions))
    } catch (error) {
      await deferTarget(context, sql, one.work, error)
    }
  }
  return decided
}
