import { type SheetCell, sameCell } from './cell.ts'

/** What a row shows that is to become a record, by header; nothing of empty cells. */
export type Entry = Readonly<Record<string, SheetCell>>

/** Whether a row still shows what was noted of it. @param noted as stored in `sync_edit.shown` */
export function sameEntry(shown: Entry, noted: unknown): boolean {
  const before = (noted ?? {}) as Entry
  return [...new Set([...Object.keys(shown), ...Object.keys(before)])].every((header) =>
    sameCell(shown[header] ?? null, before[header] ?? null),
  )
}
