import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { CellFormat } from '../cells/format.ts'
import type { Choices } from '../tab/choices.ts'
import type { Layout } from '../tab/layout.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { StoredLayout } from '../tab/memory.ts'
import type { Help } from './help.ts'

/** What the tab looks like before a batch. */
export interface SetupTab {
  readonly mapping: Mapping
  readonly sheetId: number
  /** True when the tab does not exist. */
  readonly isNew: boolean
  /** Title for a tab that does not exist. */
  readonly title: string
  readonly rowCount: number
  readonly columnCount: number
  readonly layout: Layout
  readonly newHeaders: ReadonlySet<string>
  readonly stored: StoredLayout | undefined
  /** Rows that stay at the top when the others scroll. */
  readonly frozenRows: number
  /** The row after the last key. */
  readonly endRow: number
  /** What people may choose in columns of foreign keys; undefined where that is not known. */
  readonly choices: Choices | undefined
  /** Protections of the tab. */
  readonly protections: readonly sheets_v4.Schema$ProtectedRange[]
  /** True when the spreadsheet is nearly full: the tab grows by the rows that it needs, and no more. */
  readonly isTight: boolean
}

/** A column of a tab that is set up. */
export interface SetupColumn {
  readonly header: string
  readonly column: number
  readonly format: CellFormat | undefined
  readonly help: Help | undefined
}
