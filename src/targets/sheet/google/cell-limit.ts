import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { WritebackError } from '../../../errors.ts'
import type { CallSignals } from '../../../lane/signals.ts'
import type { SheetsApi } from './api.ts'
import { SheetsFailure } from './failure.ts'

/** Cells that a spreadsheet may have in all of its tabs, blank ones included. */
export const MAX_CELLS = 10_000_000

/** Columns that a tab may have. */
const MAX_COLUMNS = 18_278

/** The share of {@link MAX_CELLS} from which on people are warned. */
const WARN_FROM = 0.8

/** Cells of a tab, blank ones included: what counts is how many rows and columns it has. */
function cellsOf({ properties }: sheets_v4.Schema$Sheet): number {
  const { rowCount, columnCount } = properties?.gridProperties ?? {}
  return (rowCount ?? 0) * (columnCount ?? 0)
}

/** Cells of all tabs of a spreadsheet. */
export function cellsUsed({ sheets = [] }: sheets_v4.Schema$Spreadsheet): number {
  return sheets.reduce((sum, sheet) => sum + cellsOf(sheet), 0)
}

/** True where so many cells are used that somebody should make room before it is needed. */
export function isNearlyFull(used: number): boolean {
  return used >= MAX_CELLS * WARN_FROM
}

/** Whether the API refuses a call because the spreadsheet would have too many cells. Its words are translated. */
export function isCellLimit(words: string): boolean {
  return /\b10(?<mark>[.,\s\u00a0\u202f]?)000\k<mark>000\b/.test(words)
}

/** Whether the API refuses a call because a tab would have too many columns. */
export function isColumnLimit(words: string): boolean {
  return /\b18[.,\s\u00a0\u202f]?278\b/.test(words)
}

/**
 * The error of a tab that cannot grow, with the figures.
 * @param words what the API says
 * @param sheets all tabs of the spreadsheet
 */
function spreadsheetFull(
  title: string,
  words: string,
  sheets: readonly sheets_v4.Schema$Sheet[],
): WritebackError {
  const used = cellsUsed({ sheets: [...sheets] })
  const largest = sheets
    .toSorted((a, b) => cellsOf(b) - cellsOf(a))
    .slice(0, 3)
    .map((sheet) => {
      const { rowCount = 0, columnCount = 0 } = sheet.properties?.gridProperties ?? {}
      return `"${sheet.properties?.title}" ${figure(rowCount)} rows x ${figure(columnCount)} columns`
    })
  return new WritebackError('SHEET_REFUSED', {
    problem: `the spreadsheet is full: tab "${title}" gets no more rows or columns`,
    expected: `at most ${figure(MAX_CELLS)} cells in all tabs, blank ones included`,
    got: `${figure(used)} in use (${largest.join(', ')}), and "${words}"`,
    remedy:
      'Delete blank columns and rows, or tabs that nobody needs, or give a target a spreadsheet of its own; it goes on by itself',
  })
}

/** The error of a tab that gets no more columns. */
function tooManyColumns(title: string): WritebackError {
  return new WritebackError('SHEET_REFUSED', {
    problem: `tab "${title}" gets no more columns`,
    expected: `at most ${figure(MAX_COLUMNS)} columns`,
    remedy: 'Delete columns that nobody needs; it goes on by itself',
  })
}

/** As people write it: 10,000,000. */
export function figure(value: number | null): string {
  return (value ?? 0).toLocaleString('en-US')
}

/**
 * The limit of the spreadsheet that a call was refused for, with its figures.
 * @param title of the tab that the call was for
 * @param message what the API said
 * @returns undefined when it was no limit, or the figures cannot be read
 */
export async function limitOf(
  api: SheetsApi,
  spreadsheetId: string,
  title: string,
  message: string,
  signals: CallSignals,
): Promise<WritebackError | undefined> {
  if (isColumnLimit(message)) return tooManyColumns(title)
  if (!isCellLimit(message)) return undefined
  try {
    const { sheets = [] } = await api.properties(spreadsheetId, signals)
    return spreadsheetFull(title, message, sheets)
  } catch (error) {
    if (error instanceof SheetsFailure) return undefined
    throw error
  }
}
