import type { CellFormat } from './format.ts'
import { fromDateSerial } from './zone.ts'

/**
 * A cell of a column as people see it: dates and times in the column's format instead of the sheet's numbers, such as
 * `2026-11-29 14:30:05`, on the clock of the spreadsheet's time zone. Anything else stays as it is.
 */
export function shownAs<Cell>(cell: Cell, format: CellFormat | undefined): Cell | string {
  if (typeof cell !== 'number' || format === undefined || format === 'text') return cell
  const date = new Date(fromDateSerial(cell))
  if (Number.isNaN(date.getTime())) return cell
  const [day = '', clock = ''] = date.toISOString().slice(0, -1).split('T')
  const time = clock.replace(/\.000$/, '')
  // A time in a column of days, and a day in a column of times, are what somebody looks for.
  if (format === 'date' && Number.isInteger(cell)) return day
  return format === 'time' && cell >= 0 && cell < 1 ? time : `${day} ${time}`
}
