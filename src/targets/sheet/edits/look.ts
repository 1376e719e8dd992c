import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { CallSignals } from '../../../lane/signals.ts'
import { isRecordId } from '../../../model/record-id.ts'
import type { FoundEdits } from '../../target.ts'
import type { BatchContext } from '../batch/context.ts'
import { fromCellData, isEmpty, type SheetCell } from '../cells/cell.ts'
import type { TabAreas } from '../google/api.ts'
import { band, type Span } from '../google/area.ts'
import { SheetsFailure } from '../google/failure.ts'
import type { Unseen } from '../store/unseen.ts'
import { columnsNow, isHeader } from '../tab/layout.ts'
import { keyOf, type MappedColumn, type Mapping } from '../tab/mapping.ts'
import type { StoredLayout } from '../tab/memory.ts'
import { deletedRecords } from './deletions.ts'
import { attributable, editedRecords } from './edited-records.ts'
import type { LookMemory, SeenRow } from './look-memory.ts'
import { adoptable } from './new-rows.ts'
import { retryReformatted } from './reformatted.ts'
import { afterLook, type LookFound } from './unseen.ts'

/** A tab that is looked at, and the columns that are read of it. */
interface LookedTab {
  readonly mapping: Mapping
  readonly title: string
  /** What the last look missed. */
  readonly unseen: Unseen | undefined
  readonly sheetId: number
  readonly layout: Pick<StoredLayout, 'headerRow' | 'columns'>
  readonly shown: readonly { readonly header: string; readonly column: number }[]
}

/** How a spreadsheet is looked at. */
export interface LookOptions {
  readonly memory: LookMemory
  /** Who typed, where something told of it: edits that this look is the first to see are theirs. */
  readonly editor: string | undefined
  readonly signal: AbortSignal
}

/**
 * Looks for what people typed into the writable columns of some tabs of a spreadsheet, in one call: keys and these columns
 * are read, nothing else. It holds no lane and decides nothing: records that look edited are named, and a batch that writes
 * them sees for itself.
 *
 * @throws SheetsFailure when the spreadsheet cannot be read
 */
export async function lookForEdits(
  context: BatchContext,
  spreadsheetId: string,
  mappings: readonly Mapping[],
  { memory, editor, signal }: LookOptions,
): Promise<FoundEdits> {
  const tabs = (await Promise.all(mappings.map((mapping) => tabOf(context, mapping)))).flatMap(
    (tab) => tab ?? [],
  )
  if (tabs.length === 0) return { records: new Map() }
  const signals = { abort: signal, leaving: signal }
  const spreadsheet = await readThere(context, spreadsheetId, tabs, signals)
  const records = new Map<string, readonly string[]>()
  for (const tab of tabs) {
    const { name } = tab.mapping.target
    let rows = rowsIn(spreadsheet, tab)
    let columns = tab.layout.columns
    const asked: string[] = []
    if (rows === undefined) {
      // A batch notes where the columns stand now, and any record asks for one.
      asked.push(...(await context.store.others(context.sql, name, [], 1)))
      const moved = movedTab(spreadsheet, tab)
      rows = moved && rowsIn(await context.api.read(spreadsheetId, [areasOf(moved)], signals), moved)
      columns = moved?.layout.columns ?? columns
    }
    const missing = rows ? [] : missingIn(spreadsheet, tab)
    // Where they are all there, they were moved while they were read.
    if (rows || missing === undefined || missing.length > 0)
      await noteUnseen(context, tab, { missing, columns })
    if (rows === undefined) {
      records.set(name, asked)
      continue
    }
    const zone = spreadsheet.properties?.timeZone ?? ''
    const edited = await editedRecords(context, tab.mapping, rows, memory)
    if (editor !== undefined)
      await context.inbox.attribute(context.sql, name, attributable(edited, zone), editor)
    await retryReformatted(context, spreadsheetId, tab, rows, memory, signals)
    const added = await adoptable(context, tab.mapping, rows, zone)
    const deleted = await deletedRecords(context, tab.mapping, rows, memory)
    records.set(name, [...new Set([...asked, ...edited.map(({ id }) => id), ...added, ...deleted])])
  }
  return { records }
}

/** Reads the tabs; those that are gone are left out: Google refuses a call that names one of them as a whole. */
async function readThere(
  { api }: BatchContext,
  spreadsheetId: string,
  tabs: readonly LookedTab[],
  signals: CallSignals,
): Promise<sheets_v4.Schema$Spreadsheet> {
  try {
    return await api.read(spreadsheetId, tabs.map(areasOf), signals)
  } catch (error) {
    if (!(error instanceof SheetsFailure) || error.kind !== 'refused') throw error
    const all = await api.properties(spreadsheetId, signals)
    const there = tabs.filter(({ sheetId }) => sheetIn(all, sheetId) !== undefined)
    if (there.length === tabs.length) throw error
    return there.length === 0 ? all : await api.read(spreadsheetId, there.map(areasOf), signals)
  }
}

/** Stores what is missed, where that has changed. */
async function noteUnseen(
  { store, sql }: BatchContext,
  { mapping, title, unseen: before }: LookedTab,
  found: Omit<LookFound, 'tab'>,
): Promise<void> {
  const unseen = afterLook(before, { ...found, tab: title }, new Date())
  if (unseen !== before) await store.unseen.save(sql, mapping.target.name, unseen)
}

/** Headers that are looked for and are not there; undefined when the tab is gone. */
function missingIn(spreadsheet: sheets_v4.Schema$Spreadsheet, tab: LookedTab): readonly string[] | undefined {
  const cells = cellsIn(spreadsheet, tab)
  const header = cells?.get(tab.layout.headerRow) ?? []
  const looked = [tab.mapping.target.key, ...tab.shown.map((one) => one.header)]
  return cells && looked.filter((text) => !header.some((cell) => isHeader(cell, text)))
}

/**
 * Reads what all rows of a tab show in some columns.
 * @param layout where its columns stand
 * @param wants which columns are read
 * @returns undefined when the columns have been moved since
 * @throws SheetsFailure when the tab cannot be read
 */
export async function readColumns(
  { api }: BatchContext,
  spreadsheetId: string,
  { mapping, sheetId, layout }: Pick<LookedTab, 'mapping' | 'sheetId' | 'layout'>,
  wants: (column: MappedColumn) => boolean,
  signals: CallSignals,
): Promise<readonly SeenRow[] | undefined> {
  const tab = {
    mapping,
    title: '',
    unseen: undefined,
    sheetId,
    layout,
    shown: columnsIn(mapping, layout, wants),
  }
  const spreadsheet = await api.read(spreadsheetId, [areasOf(tab)], signals)
  return rowsIn(spreadsheet, tab)
}

function columnsIn(
  mapping: Mapping,
  { columns }: Pick<StoredLayout, 'columns'>,
  wants: (column: MappedColumn) => boolean,
): LookedTab['shown'] {
  return mapping.columns.flatMap((one) => {
    const column = wants(one) ? columns[one.header] : undefined
    return column === undefined ? [] : [{ header: one.header, column }]
  })
}

/** Undefined for a tab that no batch has seen yet. */
async function tabOf({ store, sql }: BatchContext, mapping: Mapping): Promise<LookedTab | undefined> {
  const { sheetId, layout, tab, unseen } = await store.readTarget(sql, mapping.target)
  if (sheetId === null || layout === null || layout.columns[mapping.target.key] === undefined)
    return undefined
  const shown = columnsIn(mapping, layout, ({ isWritable }) => isWritable)
  return { mapping, title: tab, unseen, sheetId, layout, shown }
}

function areasOf({ mapping, sheetId, layout, shown }: LookedTab): TabAreas {
  const key = layout.columns[mapping.target.key] as number
  const columns = [...new Set([key, ...shown.map(({ column }) => column)])].sort((a, b) => a - b)
  const header = { startRowIndex: layout.headerRow, endRowIndex: layout.headerRow + 1 }
  return { sheetId, areas: [header, ...spansOf(columns).map(band)] }
}

/** Columns side by side are read as one. */
function spansOf(columns: readonly number[]): Span[] {
  const spans: Span[] = []
  for (const column of columns) {
    const last = spans.at(-1)
    if (last && last.to === column) spans[spans.length - 1] = { from: last.from, to: column + 1 }
    else spans.push({ from: column, to: column + 1 })
  }
  return spans
}

/** The tab with its columns where its header shows them now; undefined when one of them, or the header, is not there. */
function movedTab(spreadsheet: sheets_v4.Schema$Spreadsheet, tab: LookedTab): LookedTab | undefined {
  const { mapping, layout, shown } = tab
  const header = cellsIn(spreadsheet, tab)?.get(layout.headerRow)
  const columns = header && columnsNow(mapping, header)
  if (!columns || shown.some((one) => (columns[one.header] ?? -1) === -1)) return undefined
  const now = shown.map((one) => ({ header: one.header, column: columns[one.header] as number }))
  return { ...tab, layout: { ...layout, columns }, shown: now }
}

/** Cells by row; undefined when the tab is gone. */
function cellsIn(
  spreadsheet: sheets_v4.Schema$Spreadsheet,
  { sheetId }: LookedTab,
): Map<number, SheetCell[]> | undefined {
  const sheet = sheetIn(spreadsheet, sheetId)
  if (sheet === undefined) return undefined
  const cells = new Map<number, SheetCell[]>()
  for (const { startRow, startColumn, rowData } of sheet.data ?? []) {
    rowData?.forEach(({ values }, at) => {
      if (!values) return
      const index = (startRow ?? 0) + at
      const row = cells.get(index) ?? []
      cells.set(index, row)
      for (const [offset, value] of values.entries()) row[(startColumn ?? 0) + offset] = fromCellData(value)
    })
  }
  return cells
}

function sheetIn({ sheets }: sheets_v4.Schema$Spreadsheet, id: number): sheets_v4.Schema$Sheet | undefined {
  return sheets?.find(({ properties }) => (properties?.sheetId ?? 0) === id)
}

/** @returns undefined when the tab is gone, or its columns are not where they were */
function rowsIn(spreadsheet: sheets_v4.Schema$Spreadsheet, tab: LookedTab): readonly SeenRow[] | undefined {
  const { mapping, layout } = tab
  const cells = cellsIn(spreadsheet, tab)
  const columns = cells && columnsNow(mapping, cells.get(layout.headerRow) ?? [])
  const looked = [mapping.target.key, ...tab.shown.map(({ header }) => header)]
  if (!columns || looked.some((header) => columns[header] !== layout.columns[header])) return undefined
  const key = columns[mapping.target.key] as number
  return [...cells].flatMap(([index, row]) => {
    if (index <= layout.headerRow) return []
    const shown = new Map(tab.shown.map(({ header: name, column }) => [name, row[column] ?? null]))
    const id = keyOf(row[key])
    if (id === null && [...shown.values()].every(isEmpty)) return []
    const isOwn = id !== null && isRecordId(mapping.model, id, mapping.enums)
    return [{ index, key: id, id: isOwn ? id : null, shown }]
  })
}
