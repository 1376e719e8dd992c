import type { Sql } from '../../../database/sql.ts'
import type { BatchContext } from './context.ts'
import type { TargetDecisions } from './decide-target.ts'
import { ownCells } from './own-cells.ts'

/**
 * Ends edits that wait for their job, of cells that the library writes now or wrote by mistake. Were one of them applied,
 * what the library writes there would look like the next edit: of a person, who typed nothing.
 *
 * @returns false when one has been applied, or refused, since it was read: everything is to be read again
 */
export async function endEdits(
  { inbox, log }: BatchContext,
  sql: Sql,
  decisions: TargetDecisions,
): Promise<boolean> {
  const { noops, writes, edits, work } = decisions
  const cells = [...noops, ...writes].flatMap((decision) => {
    const { id, action, isCleanup } = decision
    const open = isCleanup ? undefined : edits.get(id)
    if (open === undefined) return []
    const own = ownCells(decisions, decision)
    const isOver = (column: string, kind: string) =>
      kind === 'remove' ? action.kind === 'append' : own.has(column)
    return [...open].flatMap(([column, { kind, state }]) =>
      state !== 'refused' && isOver(column, kind) ? [{ id, column }] : [],
    )
  })
  if (cells.length === 0) return true
  const ended = await inbox.end(sql, work.target.name, cells)
  if (ended > 0) log.info({ target: work.target.name, edits: ended }, 'edits were written over')
  return ended === cells.length
}
