import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { invalid, unsupported } from '../model/errors.ts'
import { below, type Mask } from '../model/field-mask.ts'
import { assertColumns, assertGrowth, deleteLines } from '../model/lines.ts'
import type { Dimension } from '../model/rect.ts'
import type { Spreadsheet, Tab, TabMeta } from '../model/spreadsheet.ts'
import { colorStyle } from '../values/color.ts'
import { assertLocale, assertTimeZone } from '../values/locale.ts'
import { sheetProperties } from '../values/sheet-properties.ts'
import { fieldsOf, type RequestContext } from './context.ts'
import { copyTab } from './copy-tab.ts'

/** addSheet: a tab at `index` or at the end, 1000 x 26 unless it says otherwise. */
export function addSheet(
  { spreadsheet }: RequestContext,
  request: sheets_v4.Schema$AddSheetRequest,
): sheets_v4.Schema$AddSheetResponse {
  const properties = request.properties ?? {}
  const tab = createTab(spreadsheet, properties)
  const index = properties.index ?? spreadsheet.tabs.length
  if (index < 0 || index > spreadsheet.tabs.length) throw invalid(`Sheet index ${index} is out of range.`)
  spreadsheet.tabs = spreadsheet.tabs.toSpliced(index, 0, tab)
  return { properties: sheetProperties(spreadsheet, tab) }
}

/** Makes a tab of SheetProperties, without putting it into the spreadsheet. */
export function createTab(spreadsheet: Spreadsheet, properties: sheets_v4.Schema$SheetProperties): Tab {
  if (properties.sheetType && properties.sheetType !== 'GRID')
    throw unsupported(`tabs of type ${properties.sheetType}`)
  const known = (id: number): boolean => spreadsheet.tabs.some(({ sheetId }) => sheetId === id)
  const sheetId = properties.sheetId ?? spreadsheet.freeId(known)
  if (known(sheetId)) throw invalid(`Sheet with id ${sheetId} already exists.`)
  if (sheetId < 0) throw invalid('The sheet id must not be negative.')
  const title = properties.title ?? freeTitle(spreadsheet)
  assertTitle(spreadsheet, title, undefined)
  const grid = properties.gridProperties ?? {}
  const [rows, columns] = [grid.rowCount ?? 1000, grid.columnCount ?? 26]
  if (rows < 1 || columns < 1) throw invalid('A sheet must have at least one row and one column.')
  assertColumns(columns)
  spreadsheet.assertRoom(rows * columns)
  const meta = { ...metaOf(properties), title }
  const tab = spreadsheet.makeTab(sheetId, meta, rows, columns)
  assertFrozen(tab.meta, rows, columns)
  return tab
}

/** deleteSheet: the tab with its cells, metadata and names. */
export function deleteSheet(
  { spreadsheet, guard }: RequestContext,
  request: sheets_v4.Schema$DeleteSheetRequest,
): undefined {
  const tab = spreadsheet.tab(request.sheetId ?? 0, 'sheet')
  const left = spreadsheet.tabs.filter(({ sheetId }) => sheetId !== tab.sheetId)
  if (!left.some(({ meta }) => !meta.hidden)) {
    throw invalid("You can't remove all the visible sheets in a document.")
  }
  guard(tab, {
    startRow: 0,
    endRow: Number.POSITIVE_INFINITY,
    startColumn: 0,
    endColumn: Number.POSITIVE_INFINITY,
  })
  spreadsheet.tabs = left
  spreadsheet.referencesMove({ kind: 'gone', sheetId: tab.sheetId, title: tab.meta.title })
  spreadsheet.namedRanges = spreadsheet.namedRanges.filter(({ range }) => range.sheetId !== tab.sheetId)
  for (const { id, place } of spreadsheet.metadata.all()) {
    if (place.type !== 'SPREADSHEET' && place.sheetId === tab.sheetId) spreadsheet.metadata.delete(id)
  }
}

/** duplicateSheet: a copy of a tab, at `insertSheetIndex` or first. */
export function duplicateSheet(
  { spreadsheet }: RequestContext,
  request: sheets_v4.Schema$DuplicateSheetRequest,
): sheets_v4.Schema$DuplicateSheetResponse {
  const source = spreadsheet.tab(request.sourceSheetId ?? 0, 'sheet')
  const index = request.insertSheetIndex ?? 0
  if (index < 0 || index > spreadsheet.tabs.length) throw invalid(`Sheet index ${index} is out of range.`)
  const copy = copyTab(
    source,
    spreadsheet,
    request.newSheetId ?? undefined,
    request.newSheetName || undefined,
  )
  spreadsheet.tabs = spreadsheet.tabs.toSpliced(index, 0, copy)
  return { properties: sheetProperties(spreadsheet, copy) }
}

/** updateSheetProperties: what the mask names; an absent field of the mask is reset. */
export function updateSheetProperties(
  { spreadsheet, guard }: RequestContext,
  request: sheets_v4.Schema$UpdateSheetPropertiesRequest,
): undefined {
  const mask = fieldsOf(request.fields)
  const properties = request.properties ?? {}
  const tab = spreadsheet.tab(properties.sheetId ?? 0, 'sheet')
  if (below(mask, 'title')) assertTitle(spreadsheet, properties.title ?? '', tab.sheetId)
  const change = maskedMeta(properties, mask)
  if (
    change.hidden &&
    !spreadsheet.tabs.some(({ sheetId, meta }) => sheetId !== tab.sheetId && !meta.hidden)
  ) {
    throw invalid("You can't hide all the sheets in a document.")
  }
  const gridMask = below(mask, 'gridProperties')
  if (gridMask) {
    for (const [dimension, name] of [
      ['ROWS', 'rowCount'],
      ['COLUMNS', 'columnCount'],
    ] as const) {
      if (!below(gridMask, name)) continue
      const count = properties.gridProperties?.[name]
      // `fields: '*'` without grid properties leaves the size: a tab cannot have none.
      if (count == null && mask.fields.has('*')) continue
      if (!count || count < 1) throw invalid('A sheet must have at least one row and one column.')
      resize(spreadsheet, tab, dimension, count, guard)
    }
  }
  const changed = spreadsheet.changeTab(tab, change)
  if (changed.meta.title !== tab.meta.title) {
    const { sheetId } = tab
    spreadsheet.referencesMove({ kind: 'rename', sheetId, title: tab.meta.title, to: changed.meta.title })
  }
  assertFrozen(changed.meta, tab.grid.rowCount, tab.grid.columnCount)
  if (below(mask, 'index') && properties.index != null) moveTab(spreadsheet, tab.sheetId, properties.index)
}

/** updateSpreadsheetProperties: title, locale, time zone and what else the mask names. */
export function updateSpreadsheetProperties(
  { spreadsheet }: RequestContext,
  request: sheets_v4.Schema$UpdateSpreadsheetPropertiesRequest,
): undefined {
  const mask = fieldsOf(request.fields)
  const next: Record<string, unknown> = { ...spreadsheet.properties }
  const names = mask.fields.has('*') ? Object.keys(request.properties ?? {}) : [...mask.fields.keys()]
  for (const name of names) {
    if (name === 'defaultFormat') throw invalid('The default format of a spreadsheet is read-only.')
    const value = (request.properties as Record<string, unknown> | undefined)?.[name]
    if (name === 'title' && !value) throw invalid('The spreadsheet title cannot be empty.')
    if (name === 'locale' && typeof value === 'string') assertLocale(value)
    if (name === 'timeZone' && typeof value === 'string') assertTimeZone(value)
    if (value == null) delete next[name]
    else next[name] = value
  }
  spreadsheet.properties = next
}

function metaOf(properties: sheets_v4.Schema$SheetProperties): Partial<TabMeta> {
  const grid = properties.gridProperties ?? {}
  return {
    hidden: properties.hidden === true,
    rightToLeft: properties.rightToLeft === true,
    tabColor: colorStyle(properties.tabColorStyle, properties.tabColor),
    hideGridlines: grid.hideGridlines === true,
    frozenRowCount: grid.frozenRowCount ?? 0,
    frozenColumnCount: grid.frozenColumnCount ?? 0,
    rowGroupControlAfter: grid.rowGroupControlAfter === true,
    columnGroupControlAfter: grid.columnGroupControlAfter === true,
  }
}

function maskedMeta(properties: sheets_v4.Schema$SheetProperties, mask: Mask): Partial<TabMeta> {
  const all = metaOf(properties)
  const grid = below(mask, 'gridProperties')
  const wanted = (name: string): boolean => {
    if (name === 'tabColor')
      return below(mask, 'tabColor') !== undefined || below(mask, 'tabColorStyle') !== undefined
    if (name === 'hidden' || name === 'rightToLeft') return below(mask, name) !== undefined
    return grid !== undefined && below(grid, name) !== undefined
  }
  const changes = Object.fromEntries(Object.entries(all).filter(([name]) => wanted(name))) as Partial<TabMeta>
  return below(mask, 'title') ? { ...changes, title: properties.title ?? '' } : changes
}

function resize(
  spreadsheet: Spreadsheet,
  tab: Tab,
  dimension: Dimension,
  count: number,
  guard: RequestContext['guard'],
): void {
  const before = tab.grid.count(dimension)
  if (count < before) {
    const all = {
      startRow: 0,
      endRow: Number.POSITIVE_INFINITY,
      startColumn: 0,
      endColumn: Number.POSITIVE_INFINITY,
    }
    guard(tab, dimension === 'ROWS' ? { ...all, startRow: count } : { ...all, startColumn: count })
    deleteLines(spreadsheet, tab, dimension, count, before)
  } else if (count > before) {
    assertGrowth(spreadsheet, tab, dimension, count - before)
    tab.grid.resize(dimension, count)
  }
}

/** An index counts before the move; the own index and the one after it change nothing (discovery document). */
function moveTab(spreadsheet: Spreadsheet, sheetId: number, index: number): void {
  const from = spreadsheet.tabs.findIndex((tab) => tab.sheetId === sheetId)
  if (index === from || index === from + 1) return
  if (index < 0 || index > spreadsheet.tabs.length) throw invalid(`Sheet index ${index} is out of range.`)
  const rest = spreadsheet.tabs.toSpliced(from, 1)
  spreadsheet.tabs = rest.toSpliced(index > from ? index - 1 : index, 0, spreadsheet.tabs[from]!)
}

function assertTitle(spreadsheet: Spreadsheet, title: string, own: number | undefined): void {
  if (title === '') throw invalid('The sheet name cannot be empty.')
  const taken = spreadsheet.tabs.some(
    ({ sheetId, meta }) => sheetId !== own && meta.title.toLowerCase() === title.toLowerCase(),
  )
  if (taken) throw invalid(`A sheet with the name "${title}" already exists. Please enter another name.`)
}

function freeTitle(spreadsheet: Spreadsheet): string {
  for (let n = spreadsheet.tabs.length + 1; ; n++) {
    if (!spreadsheet.tabs.some(({ meta }) => meta.title === `Sheet${n}`)) return `Sheet${n}`
  }
}

function assertFrozen(meta: TabMeta, rows: number, columns: number): void {
  if (meta.frozenRowCount < 0 || meta.frozenColumnCount < 0)
    throw invalid('The number of frozen rows or columns must not be negative.')
  if (meta.frozenRowCount >= rows) throw invalid("You can't freeze all visible rows on the sheet.")
  if (meta.frozenColumnCount >= columns) throw invalid("You can't freeze all visible columns on the sheet.")
}
