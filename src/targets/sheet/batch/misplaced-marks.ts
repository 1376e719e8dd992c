import { PLAIN } from '../cells/look.ts'
import { keyOf } from '../tab/mapping.ts'
import type { Verification } from '../write/verify.ts'
import type { TargetDecisions } from './decide-target.ts'

/**
 * Takes note of marks that came into rows of other records, because somebody moved rows under the call: these records are
 * put right next, and their cells are to look as they did. Of a row that was not read nobody knows how it looked.
 * @param keys keys by row, as the response shows them
 */
export function noteMisplacedMarks(
  { work, view }: TargetDecisions,
  { overwrote }: Pick<Verification, 'overwrote'>,
  keys: ReadonlyMap<number, string>,
): void {
  if (view === undefined) return
  const key = view.layout.key
  for (const { row, decision } of overwrote) {
    const marks = decision.action.kind === 'update' ? decision.action.marks : undefined
    const id = keys.get(row)
    if (id === undefined || marks === undefined || marks.size === 0) continue
    const [own] = [...view.cells].find(([, cells]) => keyOf(cells[key]) === id) ?? []
    const looks = own === undefined ? undefined : view.looks.get(own)
    const before = [...marks.keys()].map((column) => [column, looks?.get(column) ?? PLAIN] as const)
    work.misplacedMarks.set(id, new Map([...(work.misplacedMarks.get(id) ?? []), ...before]))
  }
}
