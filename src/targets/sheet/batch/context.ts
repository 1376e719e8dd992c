import type { Logger } from 'pino'
import type { Sql } from '../../../database/sql.ts'
import type { Inbox } from '../../../inbound/inbox.ts'
import type { RecordReader } from '../../../source/record-reader.ts'
import type { TargetStates } from '../../state.ts'
import type { SheetsApi } from '../google/api.ts'
import type { Limits } from '../google/limits.ts'
import type { SheetStore } from '../store/store.ts'

/** What a batch needs from the process it runs in. */
export interface BatchContext {
  readonly api: SheetsApi
  readonly store: SheetStore
  readonly inbox: Inbox
  readonly states: TargetStates
  readonly sql: Sql
  readonly reader: RecordReader
  readonly limits: Limits
  readonly log: Logger
  /** Called when rows that were not part of the batch lack something: a column, or the whole tab, was made anew. */
  readonly onIncomplete: (target: string, reason: string) => void
}
