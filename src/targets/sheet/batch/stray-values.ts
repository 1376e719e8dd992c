import type { Sql } from '../../../database/sql.ts'
import { type Intended, isIntended } from '../cells/base.ts'
import type { SheetCell } from '../cells/cell.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import type { BatchContext } from './context.ts'
import type { TargetDecisions } from './decide-target.ts'

/**
 * Looks for values of ours among what looks like edits: a call of a worker that lost its lane, or died, may have hit rows
 * that somebody had just moved, and put the value of one record into the row of another. What a call was about to write is
 * stored before it, so such a value is known: it is nobody's edit, and is written over with what the database has.
 *
 * A person who typed just that value into that column, while the outcome of such a call was open, is written over as well.
 *
 * @returns true when there were some: everything is to be decided again
 */
export async function dropStrays(
  { store, log }: BatchContext,
  sql: Sql,
  decided: readonly TargetDecisions[],
): Promise<boolean> {
  let found = 0
  for (const { work, noops, writes } of decided) {
    const edited = [...noops, ...writes].filter(({ edits = [], isCleanup }) => !isCleanup && edits.length > 0)
    if (edited.length === 0) continue
    const intents = await store.openIntents(sql, work.target.name)
    if (intents.size === 0) continue
    for (const decision of edited) {
      const strays = strayColumns(decision, intents)
      const columns = work.mapping.columns.flatMap(({ header }, index) => (strays.has(header) ? [index] : []))
      if (columns.length === 0) continue
      found += columns.length
      work.markOverwritten(decision.id, new Set(columns))
    }
  }
  if (found > 0) log.info({ cells: found }, 'values of a call that was lost stand in rows of other records')
  return found > 0
}

function strayColumns(
  { id, edits = [] }: RecordDecision,
  intents: ReadonlyMap<string, Intended>,
): ReadonlySet<string> {
  const isStray = (header: string, shown: SheetCell) =>
    [...intents].some(([other, intended]) => other !== id && isIntended(intended, header, shown))
  return new Set(edits.flatMap(({ header, shown }) => (isStray(header, shown) ? [header] : [])))
}
