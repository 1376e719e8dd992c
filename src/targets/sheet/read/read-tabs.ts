import { randomInt } from 'node:crypto'
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { isWritebackError, type WritebackError } from '../../../errors.ts'
import type { CallSignals } from '../../../lane/signals.ts'
import { zoneOf } from '../cells/zone.ts'
import type { SheetsApi } from '../google/api.ts'
import type { Area } from '../google/area.ts'
import type { KeyColumn } from '../tab/key-column.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { TabMemory } from '../tab/memory.ts'
import type { SpreadsheetMemory } from '../tab/spreadsheet-memory.ts'
import type { LostRecord } from './keyless.ts'
import type { OtherRecords } from './lost-rows.ts'
import { TabReader } from './tab-reader.ts'
import { RowsMoved, type TabView } from './tab-view.ts'

/** What is asked of one tab. */
export interface TabQuestion {
  readonly mapping: Mapping
  readonly memory: TabMemory
  readonly ids: Iterable<string>
  /** Rows to read whole, whatever stands in them. */
  readonly wholeRows?: (keys: KeyColumn) => readonly number[]
  readonly known: Promise<KnownRecords>
  /** What the database says of other records. */
  readonly others?: OtherRecords
  /** Whether what is remembered of the key column may be relied on. */
  readonly narrowly?: boolean
  /** Whether only the header row is of interest, and no rows. */
  readonly layoutOnly?: boolean
}

/** What the database says of the records that are asked for. */
export interface KnownRecords {
  /** Those that have been written before. */
  readonly written: readonly LostRecord[]
  /** Those that are not there any more. */
  readonly gone: readonly string[]
}

/** What was found. */
export type TabAnswer =
  | { readonly kind: 'view'; readonly view: TabView }
  /** There is no such tab; it can be made with this id. */
  | { readonly kind: 'absent'; readonly sheetId: number }
  | { readonly kind: 'trouble'; readonly error: WritebackError }

/** A tab takes one round, two when records moved, more when columns did. */
const MAX_ROUNDS = 8

/**
 * Reads what batches need of several tabs of a spreadsheet, all in the same calls.
 * @returns an answer per question, in order
 * @throws SheetsFailure when a call fails; RowsMoved when somebody moved rows between two calls
 */
export async function readTabs(
  api: SheetsApi,
  spreadsheetId: string,
  lane: SpreadsheetMemory,
  questions: readonly TabQuestion[],
  signals: CallSignals,
): Promise<TabAnswer[]> {
  const answers = new Map<TabQuestion, TabAnswer>()
  if (lane.isStale || questions.some(({ memory }) => memory.sheetId === undefined)) {
    const properties = await api.properties(spreadsheetId, signals)
    takeZone(lane, properties)
    for (const question of questions) {
      const taken = new Set(
        [...lane.tabs.values()].filter((tab) => tab !== question.memory).map(({ sheetId }) => sheetId),
      )
      const free = properties.sheets?.filter((sheet) => !taken.has(idOf(sheet.properties))) ?? []
      if (!locate(question, free)) answers.set(question, { kind: 'absent', sheetId: freeId(properties) })
    }
    lane.isStale = false
  }
  const readers = new Map(
    questions.filter((question) => !answers.has(question)).map((question) => [question, readerOf(question)]),
  )
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const asked = new Map<TabQuestion, Area[]>()
    for (const [question, reader] of readers) {
      try {
        const areas = await reader.needs()
        if (areas.length > 0) asked.set(question, areas)
        else answers.set(question, { kind: 'view', view: reader.view() })
      } catch (error) {
        if (!isWritebackError(error)) throw error
        answers.set(question, { kind: 'trouble', error })
      }
      if (answers.has(question)) readers.delete(question)
    }
    if (asked.size === 0) return questions.map((question) => answers.get(question) as TabAnswer)
    const tabs = [...asked].map(([{ memory, mapping }, areas]) => {
      return { sheetId: memory.sheetId as number, areas, withLooks: mapping.marksRefusals }
    })
    const data = await api.read(spreadsheetId, tabs, signals)
    takeZone(lane, data)
    for (const question of asked.keys()) {
      const sheet = data.sheets?.find(({ properties }) => idOf(properties) === question.memory.sheetId)
      if (!sheet) {
        lane.forgetPlaces()
        throw new RowsMoved()
      }
      const reader = readers.get(question)
      reader?.take(sheet)
      const { written, gone } = await question.known
      reader?.seek(written, gone)
    }
  }
  throw new RowsMoved()
}

function readerOf(question: TabQuestion): TabReader {
  const { mapping, memory, ids, wholeRows, narrowly, layoutOnly, others } = question
  return new TabReader(mapping, memory, ids, wholeRows, narrowly, layoutOnly, others)
}

/** Finds a target's tab: by its id, else by its title. What is known of a tab that is gone is forgotten. */
function locate({ mapping, memory }: TabQuestion, sheets: readonly sheets_v4.Schema$Sheet[]): boolean {
  const byId = sheets.find(({ properties }) => idOf(properties) === memory.sheetId)
  const found =
    (memory.sheetId !== undefined && byId) ||
    byTitle(sheets, memory.title) ||
    byTitle(sheets, mapping.target.tab)
  const isAnother = memory.sheetId !== undefined && memory.sheetId !== (found && idOf(found.properties))
  if (isAnother) memory.isReplaced = true
  if (!found) {
    memory.sheetId = undefined
    return false
  }
  memory.sheetId = idOf(found.properties)
  // What was known of the columns of the old tab says nothing about this one.
  if (isAnother) memory.stored = undefined
  memory.title = found.properties?.title ?? memory.title
  memory.rowCount = found.properties?.gridProperties?.rowCount ?? undefined
  memory.columnCount = found.properties?.gridProperties?.columnCount ?? undefined
  return true
}

function byTitle(
  sheets: readonly sheets_v4.Schema$Sheet[],
  title: string,
): sheets_v4.Schema$Sheet | undefined {
  // Other kinds of tab (charts, data sources) have no cells of their own.
  const grids = sheets.filter(({ properties }) => (properties?.sheetType ?? 'GRID') === 'GRID')
  // Google lets no two titles differ by case alone. What looks alike (①, １, ¹) is another title, and another tab.
  const wanted = title.toLowerCase()
  return (
    grids.find(({ properties }) => properties?.title === title) ??
    grids.find(({ properties }) => properties?.title?.toLowerCase() === wanted)
  )
}

/** The first tab of a spreadsheet has id 0, which the API leaves out. */
function idOf(properties: sheets_v4.Schema$SheetProperties | undefined): number {
  return properties?.sheetId ?? 0
}

function freeId({ sheets = [] }: sheets_v4.Schema$Spreadsheet): number {
  for (;;) {
    const id = randomInt(1, 2 ** 31 - 1)
    if (!sheets.some(({ properties }) => idOf(properties) === id)) return id
  }
}

function takeZone(lane: SpreadsheetMemory, { properties }: sheets_v4.Schema$Spreadsheet): void {
  if (properties?.timeZone) lane.zone = zoneOf(properties.timeZone)
}
