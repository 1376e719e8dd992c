import { PLAIN, type RowLooks } from '../cells/look.ts'
import type { TabView } from '../read/tab-view.ts'
import { keyOf } from '../tab/mapping.ts'
import type { Verification } from './verify.ts'

/**
 * Marks that came into rows of other records, because somebody moved rows under the call: these records are put right next,
 * and their cells are to look as they did. Of a row that was not read nobody knows how it looked.
 *
 * @param view the tab as it was read before the call
 * @param keys keys by row, as the response shows them
 * @returns how cells looked before the call, by record
 */
export function misplacedMarks(
  view: TabView,
  { overwrote }: Pick<Verification, 'overwrote'>,
  keys: ReadonlyMap<number, string>,
): ReadonlyMap<string, RowLooks> {
  const key = view.layout.key
  const found = new Map<string, RowLooks>()
  for (const { row, decision } of overwrote) {
    const marks = decision.action.kind === 'update' ? decision.action.marks : undefined
    const id = keys.get(row)
    if (id === undefined || marks === undefined || marks.size === 0) continue
    const [own] = [...view.cells].find(([, cells]) => keyOf(cells[key]) === id) ?? []
    const looks = own === undefined ? undefined : view.looks.get(own)
    const before = [...marks.keys()].map((column) => [column, looks?.get(column) ?? PLAIN] as const)
    found.set(id, new Map([...(found.get(id) ?? []), ...before]))
  }
  return found
}
