import type { Action } from './action.ts'
import { columnActions } from './columns.ts'
import { rowActions } from './rows.ts'
import { tabActions, typingActions } from './typing.ts'

/** Everything that people do in the sheets. */
export const ACTIONS: readonly Action[] = [...rowActions, ...columnActions, ...typingActions, ...tabActions]

/** What may happen between a worker's read and its write: rows and columns are elsewhere then. */
export const MOVES: readonly Action[] = ACTIONS.filter(({ kind }) =>
  ['sort', 'insert rows', 'a row of their own', 'move rows', 'move a column', 'delete a row'].includes(kind),
)

/** @throws {Error} for a kind that no action has */
export function actionByKind(kind: string): Action {
  const found = ACTIONS.find((action) => action.kind === kind)
  if (!found) throw new Error(`nobody does "${kind}"`)
  return found
}
