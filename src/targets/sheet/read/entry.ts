import type { Entry } from '../cells/same-entry.ts'
import type { TabView } from './tab-view.ts'

/** What a row shows in the columns that people may edit, by header; nothing of empty cells. */
export function entryIn({ mapping, layout, cells }: TabView, row: number): Entry {
  const here = cells.get(row) ?? []
  return Object.fromEntries(
    mapping.columns.flatMap(({ header, isWritable }, index) => {
      const cell = here[layout.columns[index] ?? -1] ?? null
      return isWritable && cell !== null ? [[header, cell]] : []
    }),
  )
}
