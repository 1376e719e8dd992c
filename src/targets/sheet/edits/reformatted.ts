import type { CallSignals } from '../../../lane/signals.ts'
import type { BatchContext } from '../batch/context.ts'
import { ALL_COLUMNS, runs } from '../google/area.ts'
import { SheetsFailure } from '../google/failure.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { LookMemory, SeenRow } from './look-memory.ts'
import { datedIn, readingOf, zoneIn } from './reading.ts'
import { datedAmong, rowsById } from './typed-dates.ts'

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
  { api, inbox, sql, log }: Pick<BatchContext, 'api' | 'inbox' | 'sql' | 'log'>,
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
  const { mapping, sheetId, layout } = tab
  const { name } = mapping.target
  if (!reformatted.isDue(name)) return
  const misread = (await inbox.misread(sql, name)).slice(0, MOST)
  if (misread.length === 0) return
  const ids = new Set(misread.map(({ id }) => id))
  const places = rows.flatMap(({ id, index }) => (id !== null && ids.has(id) ? index : []))
  const wanted = new Map([layout.headerRow, ...places].map((row) => [row, ALL_COLUMNS]))
  const asked = { sheetId, areas: runs(wanted), withNumberTypes: true }
  const read = await api.read(spreadsheetId, [asked], signals).catch((error) => {
    if (!(error instanceof SheetsFailure)) throw error
    log.debug({ target: name, error: error.message }, 'how numbers are shown is asked for later')
    return undefined
  })
  const shown = rowsById(mapping, layout.headerRow, read?.sheets?.[0])
  const right = misread.flatMap(({ id, column, zone }) => {
    const dated = datedAmong(shown.get(id) ?? [], datedIn(zone))
    const next = dated && readingOf(zoneIn(zone), dated)
    return next === undefined || next === zone ? [] : [{ id, column, zone: next }]
  })
  const meant = reformatted.lasting(name, right)
  if (meant.length > 0) await inbox.retry(sql, name, meant)
}
