import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { SheetCell } from '../cells/cell.ts'
import type { RowLooks } from '../cells/look.ts'
import type { KeyColumn } from '../tab/key-column.ts'
import type { Layout } from '../tab/layout.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { Doubt } from './keyless.ts'

/** Thrown when two reads of one batch saw different rows: somebody moved them in between. */
export class RowsMoved extends Error {}

/** A tab with what a batch needs to know of it. */
export interface TabView {
  readonly mapping: Mapping
  readonly sheetId: number
  readonly title: string
  readonly rowCount: number
  readonly columnCount: number
  readonly layout: Layout
  /** Headers that do not stand in the tab yet; `layout` says where they shall. */
  readonly newHeaders: ReadonlySet<string>
  /** Rows of each record that was asked for, from the top. */
  readonly rows: ReadonlyMap<string, readonly number[]>
  /** Rows of records whose key is in no row: it is emptied, or something else. */
  readonly keyless: ReadonlyMap<string, number>
  /** Rows that may be those of such records; nobody can tell. */
  readonly doubts: ReadonlyMap<string, Doubt>
  /** Key by row; all of them, unless the tab was read narrowly. */
  readonly keys: KeyColumn
  /** Cells by row, then column of the sheet; rows that are empty may be left out. */
  readonly cells: ReadonlyMap<number, readonly SheetCell[]>
  /** How cells look that are not plain, by row, then column of the tab; none for a target that marks no refusals. */
  readonly looks: ReadonlyMap<number, RowLooks>
  /** Properties, tables and merges of the tab. */
  readonly sheet: sheets_v4.Schema$Sheet
}
