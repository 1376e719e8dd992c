import { NO_EDITS, refusalsOf } from '../../inbound/inbox.ts'
import { isRecordId } from '../../model/record-id.ts'
import type { ComparedPage, CompareOptions } from '../target.ts'
import type { BatchContext } from './batch/context.ts'
import type { SheetCell } from './cells/cell.ts'
import { fromCellData, sameCell } from './cells/cell.ts'
import { lookOf, type RowLooks } from './cells/look.ts'
import { decideRecord, type RecordDecision, refusalText } from './decide/decide-record.ts'
import { marksToWrite } from './decide/marks.ts'
import { type Area, band, spanOf } from './google/area.ts'
import { readTabs } from './read/read-tabs.ts'
import type { TabView } from './read/tab-view.ts'
import { warnOfZone } from './read/unknown-zone.ts'
import type { StoredRecord } from './store/store.ts'
import { refreshChoices } from './tab/choices.ts'
import type { Layout } from './tab/layout.ts'
import { encodeRow, isBlankRow, keyOf, type Mapping } from './tab/mapping.ts'
import { TabMemory } from './tab/memory.ts'
import { SpreadsheetMemory } from './tab/spreadsheet-memory.ts'
import { staleChoices } from './write/rules.ts'

const DEFAULT_PAGE_ROWS = 2_000

/** Cells that one call reads: about 5 MB. */
const CELLS_PER_READ = 100_000

interface Row {
  readonly key: string | null
  readonly index: number
  readonly cells: readonly (SheetCell | undefined)[]
  readonly edited: ReadonlyMap<string, SheetCell>
  readonly looks: RowLooks
}

/**
 * Compares a tab with its records, see `SheetWriter.compare`. What was listed about rows whose key had been changed ends
 * where no such row is there any more.
 */
export async function* compareTab(
  context: BatchContext,
  mapping: Mapping,
  { pageRows = DEFAULT_PAGE_ROWS, signal = new AbortController().signal }: CompareOptions = {},
): AsyncGenerator<ComparedPage> {
  const { store, sql } = context
  const { sheetId, tab, layout } = await store.readTarget(sql, mapping.target)
  const began = await store.now(sql)
  const lane = new SpreadsheetMemory()
  const memory = new TabMemory(tab, sheetId ?? undefined, layout ?? undefined)
  // The properties come first: what is remembered may be long out of date.
  lane.isStale = true
  const signals = { abort: signal, leaving: signal }
  const known = Promise.resolve({ written: [], gone: [] })
  const question = { mapping, memory, ids: [], known, layoutOnly: true }
  const [answer] = await readTabs(context.api, mapping.target.spreadsheetId, lane, [question], signals)
  warnOfZone(context.log, mapping.target.spreadsheetId, lane.zone)
  if (answer === undefined || answer.kind === 'absent') return
  if (answer.kind === 'trouble') throw answer.error
  const { view } = answer
  const seen: SeenKeys = { own: new Set(), others: new Set() }
  await refreshChoices(context.reader, mapping, memory)
  // A batch of any record brings the drop-downs up to date.
  let asks = staleChoices(layout ?? undefined, memory.choices).length > 0
  for await (const rows of pagesOf(context, mapping, view, signal)) {
    for (let at = 0; at < rows.length; at += pageRows) {
      const page = await comparePage(context, view, lane, rows.slice(at, at + pageRows), seen)
      const [first] = asks && page.differs.length === 0 ? page.ids : []
      asks &&= first === undefined && page.differs.length === 0
      yield first === undefined ? page : { ...page, differs: [first] }
    }
  }
  await store.conflicts.settleKeys(sql, mapping.target.name, mapping.target.key, seen.others, began)
}

/** What the rows so far showed in the key column. */
interface SeenKeys {
  /** Keys that may be records'. */
  readonly own: Set<string>
  /** Keys of people's rows; null for rows without one. */
  readonly others: Set<string | null>
}

/** The rows below the header, in the order of the tab. */
async function* pagesOf(
  { api }: BatchContext,
  mapping: Mapping,
  view: TabView,
  signal: AbortSignal,
): AsyncGenerator<Row[]> {
  const { layout, rowCount, sheetId } = view
  const here = [layout.key, ...layout.columns, ...layout.others.values()].filter(
    (column) => column < view.columnCount,
  )
  const columns = spanOf(here)
  const height = Math.max(100, Math.floor(CELLS_PER_READ / (columns.to - columns.from)))
  for (let from = layout.headerRow + 1; from < rowCount; from += height) {
    const to = Math.min(from + height, rowCount)
    const area: Area = { startRowIndex: from, endRowIndex: to, ...band(columns) }
    const tab = { sheetId, areas: [area], withLooks: mapping.marksRefusals }
    const signals = { abort: signal, leaving: signal }
    const data = await api.read(mapping.target.spreadsheetId, [tab], signals)
    const rows: Row[] = []
    for (const { startRow, startColumn, rowData } of data.sheets?.[0]?.data ?? []) {
      rowData?.forEach(({ values }, at) => {
        const cell = (column: number) => fromCellData(values?.[column - (startColumn ?? 0)])
        const left = startColumn ?? 0
        const looks = new Map(
          (values ?? []).flatMap((value, offset) => {
            const look = lookOf(value)
            return look ? [[left + offset, look] as const] : []
          }),
        )
        const row = { ...rowOf(view, layout, (startRow ?? 0) + at, cell), looks }
        // Cells that only have a format are listed too.
        if (row.key !== null || !isBlankRow(mapping, row.cells)) rows.push(row)
      })
    }
    yield rows
  }
}

function rowOf(
  view: TabView,
  layout: Layout,
  index: number,
  cell: (column: number) => SheetCell,
): Omit<Row, 'looks'> {
  return {
    index,
    key: keyOf(cell(layout.key)),
    cells: layout.columns.map((column, at) =>
      view.newHeaders.has(view.mapping.columns[at]?.header ?? '') ? undefined : cell(column),
    ),
    edited: new Map([...layout.others].map(([header, column]) => [header, cell(column)])),
  }
}

async function comparePage(
  { reader, store, inbox, sql }: BatchContext,
  { mapping, layout }: TabView,
  lane: SpreadsheetMemory,
  rows: readonly Row[],
  seen: SeenKeys,
): Promise<ComparedPage> {
  const { target } = mapping
  const ids: string[] = []
  const duplicates: string[] = []
  const own: Row[] = []
  let unknown = 0
  for (const row of rows) {
    // A key that is no value of the id's type is people's, and would fail the query that names it.
    if (row.key === null || !isRecordId(mapping.model, row.key, mapping.enums)) {
      unknown++
      seen.others.add(row.key)
    } else if (seen.own.has(row.key)) duplicates.push(row.key)
    else {
      seen.own.add(row.key)
      ids.push(row.key)
      own.push(row)
    }
  }
  const [{ records, failed }, stored, edits] = await Promise.all([
    reader.read(target, ids),
    store.loadRecords(sql, target.name, ids),
    target.edits ? inbox.open(sql, target.name, ids) : NO_EDITS,
  ])
  const differs: string[] = []
  const surplus: string[] = []
  const unreadable: string[] = []
  const known: string[] = []
  for (const row of own) {
    const id = row.key as string
    const record = records.get(id)
    // Neither a record nor one that ever was written: a person's row. Why it became none is to stand beside it.
    if (!record && !stored.has(id)) {
      unknown++
      seen.others.add(id)
      const entry = edits.get(id)?.get('')
      if (entry?.state === 'refused' && !showsReason(mapping, layout, row, entry.reason)) differs.push(id)
      continue
    }
    known.push(id)
    if (failed.has(id)) {
      unreadable.push(id)
      continue
    }
    const refused = refusalsOf(edits.get(id))
    const decision = decide(mapping, layout, lane, row, record, stored.get(id), refused)
    if (decision === undefined || decision.action.kind !== 'none') (record ? differs : surplus).push(id)
    else if (record && isToBeNoted(mapping, decision, stored.get(id))) differs.push(id)
  }
  // People may have a key of their own in as many rows as they like.
  const copied = duplicates.filter((id) => !seen.others.has(id))
  return {
    rows: rows.filter(({ key }) => key !== null).length,
    ids: known,
    differs,
    surplus,
    unreadable,
    duplicates: copied,
    unknown: unknown + duplicates.length - copied.length,
  }
}

/** Whether it stands beside a row why it became no record. */
function showsReason(
  mapping: Mapping,
  { key }: Layout,
  { cells, looks }: Row,
  reason: string | null,
): boolean {
  if (!mapping.marksRefusals)
    return sameCell(cells[mapping.refusalColumn], reason === null ? null : refusalText([reason]))
  const reasons = new Map(reason === null ? [] : [[key, reason]])
  return marksToWrite({ columns: [], looks }, reasons).size === 0
}

/** @returns undefined when the record cannot be written: its job says why */
function decide(
  mapping: Mapping,
  { columns }: Layout,
  { zone }: SpreadsheetMemory,
  { index, cells, edited, key, looks }: Row,
  record: object | undefined,
  stored: StoredRecord | undefined,
  refused: ReadonlyMap<string, string> | undefined,
): RecordDecision | undefined {
  const marks = mapping.marksRefusals ? { looks, columns } : undefined
  const row = { index, cells, edited, hasKey: true, marks }
  try {
    const wanted = record && encodeRow(mapping, record, zone)
    return decideRecord(mapping, zone, {
      id: key as string,
      record,
      wanted,
      row,
      base: stored?.base,
      refused,
    })
  } catch {
    return undefined
  }
}

/** Whether the writer would store something of a row in which it writes nothing. */
function isToBeNoted(
  { columns }: Mapping,
  { agreed, conflicts, edits = [] }: RecordDecision,
  stored: StoredRecord | undefined,
): boolean {
  if (stored === undefined || stored.missing) return true
  const { base, open } = stored
  const isNoted = (header: string, sheet: SheetCell) => open.has(header) && sameCell(open.get(header), sheet)
  return (
    columns.some(({ header }) => !Object.hasOwn(base, header)) ||
    agreed.some((header) => open.has(header)) ||
    edits.length > 0 ||
    conflicts.some((note) => note.open && !isNoted(note.header, note.sheet))
  )
}
