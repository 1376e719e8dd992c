import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'

/** How the cells of a column are first made to look. Set once, when the column is made; then it is people's. */
export type CellFormat = 'text' | 'date' | 'time' | 'date-time'

const PATTERNS: Readonly<Record<CellFormat, sheets_v4.Schema$NumberFormat>> = {
  // What people type under TEXT stays as typed, leading zeros included.
  text: { type: 'TEXT', pattern: '@' },
  date: { type: 'DATE', pattern: 'yyyy-mm-dd' },
  time: { type: 'TIME', pattern: 'hh:mm:ss' },
  'date-time': { type: 'DATE_TIME', pattern: 'yyyy-mm-dd hh:mm:ss' },
}

/** The format as the API takes it. */
export function numberFormat(format: CellFormat): sheets_v4.Schema$NumberFormat {
  return PATTERNS[format]
}
