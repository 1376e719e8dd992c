import type { CallSignals } from '../../../lane/signals.ts'
import type { BatchContext } from '../batch/context.ts'
import { ALL_COLUMNS, runs } from '../google/area.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { LookMemory, SeenRow } from './look-memory.ts'
import { datedIn, readingOf, zoneIn } from './reading.ts'
import { datedAmong, rowsWithTypes } from './typed-dates.ts'

/** Such edits of a tab that are looked at, at most. */
const MOST = 200

/**
 * Takes edits up again that were refused because Sheets had taken their numbers for dates, and whose cells show the same
 * numbers as numbers by now: somebody has done what the reason says, and typed the same, or nothing. No look that sees
 * values alone tells.
 *
 * @param rows what the look has seen
 */
export async function retryReformatted(
  context: Pick<BatchContext, 'api' | 'inbox' | 'sql' | 'log'>,
  spreadsheetId: string,
  tab: {
    readonly mapping: Mapping
    readonly sheetId: number
    readonly layout: { readonly headerRow: number }
  },
  rows: readonly SeenRow[],
  { reformatted }: Pick<LookMemory, 'reformatted'>,
  signals: CallSignals,
): Promise<void> {
  const { inbox, sql } = context
  const { mapping, sheetId, layout } = tab
  const { name } = mapping.target
  if (!reformatted.isDue(name)) return
  const misread = (await inbox.misread(sql, name)).slice(0, MOST)
  if (misread.length === 0) return
  const ids = new Set(misread.map(({ id }) => id))
  const places = rows.flatMap(({ id, index }) => (id !== null && ids.has(id) ? index : []))
  if (places.length === 0) return
  const wanted = new Map([layout.headerRow, ...places].map((row) => [row, ALL_COLUMNS]))
  const typed = { mapping, sheetId, headerRow: layout.headerRow }
  const shown = await rowsWithTypes(context, spreadsheetId, typed, runs(wanted), signals)
  const right = misread.flatMap(({ id, column, zone }) => {
    const dated = datedAmong(shown.get(id) ?? [], datedIn(zone))
    const next = dated && readingOf(zoneIn(zone), dated)
    return next === undefined || next === zone ? [] : [{ id, column, zone: next }]
  })
  const meant = reformatted.lasting(name, right)
  if (meant.length > 0) await inbox.retry(sql, name, meant)
}
