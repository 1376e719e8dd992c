import type { SheetCell } from '../cells/cell.ts'

/** Cells by header. */
export type Cells = Readonly<Record<string, SheetCell>>

/*
 * What is needed to read an edit, as `sync_edit.zone` has it: the spreadsheet's time zone, and the values that Sheets had
 * taken for dates, by header, where there are any.
 *
 *   Europe/Berlin
 *   Europe/Berlin {"Seats":46056}
 */

/** @param dated cells that Sheets had taken for dates, by header */
export function readingOf(zone: string, dated: Cells = {}): string {
  return Object.keys(dated).length === 0 ? zone : `${zone} ${JSON.stringify(dated)}`
}

/** The time zone. */
export function zoneIn(reading: string): string {
  return reading.split(' {', 1)[0] ?? ''
}

/** The values that Sheets had taken for dates, by header. */
export function datedIn(reading: string): Cells {
  const at = reading.indexOf(' {')
  return at === -1 ? {} : (JSON.parse(reading.slice(at + 1)) as Cells)
}
