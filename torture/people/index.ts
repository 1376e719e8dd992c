import type { Action } from './action.ts'
import { columnActions } from './columns.ts'
import { editActions } from './edits.ts'
import { rowActions } from './rows.ts'
import { tabActions, typingActions } from './typing.ts'

/** Everything that people do in the sheets. */
export const ACTIONS: readonly Action[] = [
  ...rowActions,
  ...columnActions,
  ...typingActions,
  ...editActions,
  ...tabActions,
]

/** What they do in the tab that they work in. */
export { editActions as EDITS } from './edits.ts'

/** What may happen between a worker's read and its write: rows and columns are elsewhere then, or cells are edited. */
export const MOVES: readonly Action[] = ACTIONS.filter(({ kind }) =>
  [
    'sort',
    'insert rows',
    'a row of their own',
    'move rows',
    'move a column',
    'delete a row',
    'edit a cell',
    'add a row',
  ].includes(kind),
)

/** @throws {Error} for a kind that no action has */
export function actionByKind(kind: string): Action {
  const found = ACTIONS.find((action) => action.kind === kind)
  if (!found) throw new Error(`nobody does "${kind}"`)
  return found
}
